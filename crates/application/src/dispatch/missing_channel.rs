use std::num::NonZeroU32;
use std::time::Duration;

use async_trait::async_trait;
use engage_notifier::{ChannelProfile, Notification, Notifier, NotifyError, RetrySchedule};

/// Notifier of a channel that was not set up. Its notifications wait, and staff see the reason.
pub(super) struct MissingChannel;

#[async_trait]
impl Notifier for MissingChannel {
    async fn deliver(&self, _: &Notification) -> Result<(), NotifyError> {
        Err(NotifyError::ChannelDown { reason: "the channel is not set up".to_owned() })
    }

    fn profile(&self) -> ChannelProfile {
        ChannelProfile {
            deadline: Duration::from_secs(1),
            retries: RetrySchedule::new(&[]),
            slots: NonZeroU32::MIN,
            most_per_address: None,
        }
    }
}
