use std::time::Duration;

use thiserror::Error;

/// Why a message was not delivered, and so what to do. The reasons are for staff to read: they
/// name no secret and repeat nothing of the message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotifyError {
    /// Something that may pass: try again.
    #[error("{reason}")]
    Transient {
        /// What went wrong.
        reason: String,
        /// How long the other side asked to wait.
        retry_after: Option<Duration>,
    },
    /// The same, and the other side is overloaded: it is to get fewer messages at once.
    #[error("{reason}")]
    Overloaded {
        /// What went wrong.
        reason: String,
        /// How long the other side asked to wait.
        retry_after: Option<Duration>,
    },
    /// This message will never be accepted: give it up.
    #[error("{reason}")]
    Rejected {
        /// What went wrong.
        reason: String,
    },
    /// The recipient wants no message by this channel any more: give this one up, and send no
    /// other there.
    #[error("{reason}")]
    Unwanted {
        /// What was said.
        reason: String,
    },
    /// No message would be accepted, because of credentials, configuration or a connection that
    /// cannot be made: stop the channel.
    #[error("{reason}")]
    ChannelDown {
        /// What went wrong.
        reason: String,
    },
    /// The other side failed without a word about this message: try again, and never give a message
    /// up for it. Once there would be no other attempt, the channel stops.
    #[error("{reason}")]
    Unreachable {
        /// What went wrong.
        reason: String,
        /// How long the other side asked to wait.
        retry_after: Option<Duration>,
    },
    /// A refusal that may be about this recipient or about every message: others that are refused
    /// in the same way show which.
    #[error("{}", .0.reason)]
    Ambiguous(Refusal),
}

/// A refusal that does not say about whom it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What was said, for staff.
    pub reason: String,
    /// The same for refusals that say the same, whoever the recipient is.
    pub kind: String,
    /// Whether a recipient, or a recipient's server, can have caused it.
    pub depends_on_recipient: bool,
    /// What it is taken for while no other message is refused in the same way.
    pub presumption: Presumption,
}

/// About whom a refusal is, as long as nothing else shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presumption {
    /// This recipient: the message is given up.
    Recipient,
    /// Nobody knows: the message is tried again.
    Unknown,
    /// This desk: the channel stops.
    Desk,
}

impl NotifyError {
    /// The refusal of a message for something that will not pass.
    pub fn rejected(reason: impl Into<String>) -> Self {
        Self::Rejected { reason: reason.into() }
    }

    /// A failure that may pass.
    pub fn transient(reason: impl Into<String>) -> Self {
        Self::Transient { reason: reason.into(), retry_after: None }
    }
}
