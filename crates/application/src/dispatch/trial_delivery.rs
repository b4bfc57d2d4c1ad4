//! Trial deliveries, which find out whether a stopped channel works again. The claim returns one an
//! interval ([`TRIAL_DELIVERY_INTERVAL`](engage_repository::TRIAL_DELIVERY_INTERVAL)).

use engage_domain::Channel;
use engage_notifier::NotifyError;
use engage_repository::{OutboxRepository, RepositoryError};
use tracing::{error, info};

use super::log_text::for_the_log;

/// Stops a channel that fails as a whole. A trial delivery with any other outcome starts it again,
/// even if the notification itself was rejected: the provider answered.
pub(super) async fn follow_up(
    outbox: &dyn OutboxRepository,
    channel: Channel,
    is_trial: bool,
    outcome: &Result<(), NotifyError>,
) -> Result<(), RepositoryError> {
    match outcome {
        Err(NotifyError::ChannelDown { reason }) => {
            let shown = for_the_log(reason);
            error!(%channel, reason = shown, "the channel has stopped accepting notifications");
            outbox.stop_channel(channel, reason).await
        }
        _ if is_trial => {
            info!(%channel, "the channel accepts notifications again");
            outbox.start_channel(channel).await
        }
        _ => Ok(()),
    }
}
