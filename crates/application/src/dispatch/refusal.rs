//! What a refusal turns out to be that does not say about whom it is.

use engage_notifier::{NotifyError, Presumption, Refusal, RetrySchedule};
use engage_repository::{ClaimedMessage, OutboxRepository, RefusedMessage};
use tracing::error;

/// How often a message may stop the channel: after that, one which others pass is refused for what
/// it is, whatever its refusal is taken for.
const MOST_STOPS: i64 = 3;

/// The outcome, without a doubt about whom it is.
///
/// Who is refused in the same way is remembered in storage: a channel belongs to all processes that
/// deliver, and what another one has delivered in between shows as much as what this one has.
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
    if presumption == Presumption::Desk && !has_stopped_enough(message) {
        return NotifyError::ChannelDown { reason };
    }
    let refused = RefusedMessage {
        id: message.id,
        channel: message.address.channel(),
        kind,
        // Settings and administrators choose whom staff's messages go to.
        is_ours: !message.template.is_for_customer(),
        depends_on_recipient,
    };
    match (outbox.note_refusal(refused).await, presumption) {
        (Ok(true), _) => NotifyError::ChannelDown { reason },
        (Ok(false), Presumption::Recipient) => NotifyError::rejected(reason),
        (Ok(false), Presumption::Unknown | Presumption::Desk) => NotifyError::transient(reason),
        (Err(failure), _) => {
            let cause = failure.causes();
            error!(notification = %message.id, cause, "cannot note a refusal");
            NotifyError::transient(reason)
        }
    }
}

/// Whether the channel runs, though the message was put off for it again and again: each claim that
/// counted no attempt was put off.
fn has_stopped_enough(message: &ClaimedMessage) -> bool {
    let put_off = message.claim.0 - i64::from(message.attempt);
    !message.is_probe && put_off >= MOST_STOPS
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
