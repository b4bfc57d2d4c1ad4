//! Decides when a refused delivery stops its channel.

use engage_notifier::{NotifyError, Presumption, Refusal, RetrySchedule};
use engage_repository::{ClaimedMessage, OutboxRepository, RefusedMessage};
use tracing::error;

/// Number of times a notification may stop the channel. After that, a notification that others pass
/// is considered refused for its own content.
const MOST_STOPS: i64 = 3;

/// Decides whether an ambiguous refusal concerns the channel or the notification.
///
/// Refusals are recorded in storage, since all delivering processes share a channel. A delivery by
/// another process is as conclusive as one by this process.
pub(super) async fn judge(
    outbox: &dyn OutboxRepository,
    message: &ClaimedMessage,
    retries: RetrySchedule,
    outcome: Result<(), NotifyError>,
) -> Result<(), NotifyError> {
    match outcome {
        Err(NotifyError::Ambiguous(refusal)) => Err(resolve(outbox, message, refusal).await),
        Err(NotifyError::Unreachable { reason, .. })
            if retries.delay_after(message.attempt).is_none() =>
        {
            Err(NotifyError::ChannelDown { reason })
        }
        outcome => outcome,
    }
}

async fn resolve(
    outbox: &dyn OutboxRepository,
    message: &ClaimedMessage,
    refusal: Refusal,
) -> NotifyError {
    let Refusal { reason, kind, depends_on_recipient, presumption } = refusal;
    if presumption == Presumption::Sender && !has_stopped_enough(message) {
        return NotifyError::ChannelDown { reason };
    }
    let refused = RefusedMessage {
        id: message.id,
        channel: message.address.channel(),
        kind,
        // The recipients of staff notifications are chosen by settings and administrators.
        is_ours: !message.template.is_for_people_of_case(),
        depends_on_recipient,
    };
    match (outbox.note_refusal(refused).await, presumption) {
        (Ok(true), _) => NotifyError::ChannelDown { reason },
        (Ok(false), Presumption::Recipient) => NotifyError::rejected(reason),
        (Ok(false), Presumption::Unknown | Presumption::Sender) => NotifyError::transient(reason),
        (Err(failure), _) => {
            let cause = failure.causes();
            error!(notification = %message.id, cause, "failed to record a refusal");
            NotifyError::transient(reason)
        }
    }
}

/// Checks whether the channel works although the notification has been deferred repeatedly. Each
/// claim that counted no attempt was deferred.
fn has_stopped_enough(message: &ClaimedMessage) -> bool {
    let put_off = message.claim.0 - i64::from(message.attempt);
    !message.is_trial && put_off >= MOST_STOPS
}

#[cfg(test)]
mod tests;
