//! What the tests of the outbox and those of what staff see of it do alike.

use std::time::Duration;

use engage_domain::{Case, Decision, NotificationId, NotificationStatus};
use engage_repository::{ClaimOutcome, ClaimedMessage, DeliveryReport, OutboxMessage};

use super::store::LONG;
use super::{PATIENCE, Store};
use crate::builders::{a_message, an_opened};

/// A lease or a delay that has passed as soon as anybody looks.
pub(super) const SHORT: Duration = Duration::from_millis(1);

/// Opens a case that is announced to these e-mail addresses.
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

/// The e-mail message that is due first, shortly, claimed.
pub(super) async fn claim_when_due(store: &Store, lease: Duration) -> ClaimedMessage {
    let due = async {
        loop {
            if let Some(message) = store.claim(1, lease).await.pop() {
                return message;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, due).await.expect("the message becomes due")
}

/// Lets time pass, so that what happens next is later to the millisecond.
pub(super) async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(5)).await;
}

/// Keeps a decision that is announced by these messages.
pub(super) async fn announce(
    store: &Store,
    decision: Decision,
    messages: Vec<OutboxMessage>,
) -> Case {
    let case = decision.case.clone();
    store.commit(decision, messages).await.expect("a sound change is kept");
    case
}

/// Opens a case whose one message, an e-mail, comes to stand like this; no other may be due before,
/// and none is afterwards.
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
