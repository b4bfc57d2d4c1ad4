//! What the tests of the outbox and those of what staff see of it do alike.

use std::time::Duration;

use engage_repository::{ClaimedMessage, Completion};

use super::{PATIENCE, Store};
use crate::builders::{a_message, an_opened};

/// A lease or a delay that has passed as soon as anybody looks.
pub(super) const SHORT: Duration = Duration::from_millis(1);

/// Opens a case that is announced to these e-mail addresses.
pub(super) async fn enqueue(store: &Store, sequence: u64, addresses: &[&str]) {
    let messages = addresses.iter().map(|to| a_message(to)).collect();
    store.commit(an_opened(sequence), messages).await.expect("a case is opened");
}

pub(super) fn retry(after: Duration) -> Completion {
    Completion::Retry { after, reason: "451 greylisted — später 🙁".to_owned() }
}

pub(super) fn dead() -> Completion {
    Completion::Dead { reason: "550 no such user".to_owned() }
}

pub(super) fn deferred(after: Duration) -> Completion {
    Completion::Deferred { after, reason: "the channel is down".to_owned() }
}

pub(super) fn cancelled() -> Completion {
    Completion::Cancelled { reason: "the limit is reached".to_owned() }
}

/// The one e-mail message that will be due shortly, claimed.
pub(super) async fn claim_when_due(store: &Store, lease: Duration) -> ClaimedMessage {
    let due = async {
        loop {
            if let Some(message) = store.claim(10, lease).await.pop() {
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
