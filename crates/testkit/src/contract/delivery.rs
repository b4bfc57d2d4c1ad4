//! Helpers shared by the tests of the outbox and those of notifications.

use std::time::Duration;

use engage_domain::notify::NotificationStatus;
use engage_domain::{Case, Decision, NotificationId};
use engage_repository::{ClaimOutcome, ClaimedMessage, DeliveryReport, OutboxMessage};

use super::store::LONG;
use super::{PATIENCE, Store};
use crate::builders::{a_message, an_opened};

/// A lease or delay that is over almost at once.
pub(super) const SHORT: Duration = Duration::from_millis(1);

/// Opens a case with a notification to each of these e-mail addresses.
pub(super) async fn enqueue(store: &Store, sequence: u64, addresses: &[&str]) {
    let messages = addresses.iter().map(|to| a_message(to)).collect();
    store.commit(an_opened(sequence), messages).await.expect("a case is opened");
}

pub(super) fn retry(after: Duration) -> ClaimOutcome {
    ClaimOutcome::Retry { after, reason: "451 greylisted — später 🙁".to_owned() }
}

pub(super) fn dead() -> ClaimOutcome {
    ClaimOutcome::Dead { reason: "550 no such user".to_owned() }
}

pub(super) fn deferred(after: Duration) -> ClaimOutcome {
    ClaimOutcome::Deferred { after, reason: "the channel is down".to_owned() }
}

pub(super) fn cancelled() -> ClaimOutcome {
    ClaimOutcome::Cancelled { reason: "the limit is reached".to_owned() }
}

/// Waits until an e-mail is due, and claims the first one.
pub(super) async fn claim_when_due(store: &Store, lease: Duration) -> ClaimedMessage {
    let due = async {
        loop {
            if let Some(message) = store.claim(1, lease).await.pop() {
                return message;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, due).await.expect("the notification becomes due")
}

/// Waits a few milliseconds, so that whatever follows has a later timestamp.
pub(super) async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(5)).await;
}

/// Commits a decision with these notifications.
pub(super) async fn announce(
    store: &Store,
    decision: Decision,
    messages: Vec<OutboxMessage>,
) -> Case {
    let case = decision.case.clone();
    store.commit(decision, messages).await.expect("a valid change is stored");
    case
}

/// Opens a case with one e-mail and brings it into a status. No other e-mail may be due before, and
/// none is afterwards.
pub(super) async fn a_message_that_is(
    store: &Store,
    status: NotificationStatus,
    sequence: u64,
    to: &str,
) -> NotificationId {
    use NotificationStatus as S;
    enqueue(store, sequence, &[to]).await;
    let message = store.claim_one(LONG).await;
    let end = match status {
        S::Pending => Some(retry(LONG)),
        S::InFlight => None,
        S::Sent | S::Delivered => Some(ClaimOutcome::Sent),
        S::Dead => Some(dead()),
        S::Cancelled => Some(cancelled()),
    };
    if let Some(end) = end {
        assert!(store.complete(&message, end).await);
    }
    if status == S::Delivered {
        assert!(store.report(message.id, DeliveryReport::Delivered).await);
    }
    message.id
}
