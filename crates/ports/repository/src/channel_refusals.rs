//! When the refusals of single notifications show that their channel fails.

/// Refusals of one kind on a channel, with no accepted notification in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelRefusals {
    /// Number of recipients, whose e-mail addresses are compared case-insensitively. A refusal that
    /// does not depend on the recipient counts as one of its own.
    pub recipients: u64,
    /// True if a recipient is ours, or a refusal does not depend on the recipient.
    pub includes_trusted: bool,
}

impl ChannelRefusals {
    /// Checks whether the channel fails as a whole.
    ///
    /// One recipient may be at fault for a refusal, and strangers can make up any number of addresses
    /// that are refused. So there have to be two recipients, and one of them must not be a
    /// stranger's.
    pub fn concern_channel(self) -> bool {
        self.recipients > 1 && self.includes_trusted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_recipients_of_whom_one_is_trusted_show_that_the_channel_fails() {
        for (recipients, includes_trusted, concerns_channel) in [
            (0, false, false),
            (1, true, false),
            (2, false, false),
            (9, false, false),
            (2, true, true),
            (3, true, true),
        ] {
            let refusals = ChannelRefusals { recipients, includes_trusted };
            assert_eq!(refusals.concern_channel(), concerns_channel, "{refusals:?}");
        }
    }
}
