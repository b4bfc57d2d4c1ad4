use std::time::Duration;

use engage_domain::NotificationId;
use engage_repository::{ClaimToken, ClaimedMessage, Completion};

use crate::builders::a_fresh_id;
use crate::contract::Store;
use crate::contract::delivery::{
    SHORT, a_moment, cancelled, claim_when_due, dead, deferred, enqueue, retry,
};
use crate::contract::store::LONG;

/// Every way for an attempt to end; those that are to be tried again, in a long time.
fn every_end() -> [Completion; 6] {
    [Completion::Sent, dead(), cancelled(), retry(LONG), deferred(LONG), Completion::Released]
}

pub async fn a_claim_that_was_taken_over_completes_nothing(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let stale = store.claim_one(SHORT).await;
    let present = claim_when_due(store, LONG).await;
    assert_ne!(stale.claim, present.claim);
    for completion in every_end() {
        assert!(!store.complete(&stale, completion).await);
    }
    assert!(store.claim(10, LONG).await.is_empty(), "the message is still claimed");
    assert!(store.complete(&present, Completion::Sent).await);
}

pub async fn a_claim_that_ran_out_holds_until_another_takes_it_over(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let message = store.claim_one(SHORT).await;
    a_moment().await;
    assert!(store.complete(&message, Completion::Sent).await);
    assert!(store.claim(10, LONG).await.is_empty());
}

pub async fn what_was_never_claimed_so_is_not_completed(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let message = store.claim_one(LONG).await;
    let stranger =
        ClaimedMessage { id: NotificationId::from_u128(a_fresh_id()), ..message.clone() };
    assert!(!store.complete(&stranger, Completion::Sent).await);
    let forged =
        ClaimedMessage { claim: ClaimToken(message.claim.0.wrapping_add(1)), ..message.clone() };
    assert!(!store.complete(&forged, Completion::Sent).await);
    assert!(store.complete(&message, Completion::Released).await, "it is still claimed");
}

pub async fn a_claim_completes_once(store: &Store) {
    for (sequence, end) in (1..).zip(every_end()) {
        enqueue(store, sequence, &["a@x.example"]).await;
        let message = store.claim_one(LONG).await;
        assert!(store.complete(&message, end.clone()).await);
        for again in every_end() {
            assert!(!store.complete(&message, again.clone()).await, "{end:?} {again:?}");
        }
        if end == Completion::Released {
            store.claim_one(LONG).await;
        } else {
            assert!(store.claim(10, LONG).await.is_empty(), "{end:?}");
        }
    }
}

pub async fn a_finished_message_is_never_claimed_again(store: &Store) {
    for (sequence, end) in (1..).zip([Completion::Sent, dead(), cancelled()]) {
        enqueue(store, sequence, &["a@x.example"]).await;
        let message = store.claim_one(SHORT).await;
        assert!(store.complete(&message, end.clone()).await);
        a_moment().await;
        assert!(store.claim(10, SHORT).await.is_empty(), "{end:?}");
    }
}

pub async fn a_message_to_be_tried_again_is_not_due_until_then(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let message = store.claim_one(SHORT).await;
    assert!(store.complete(&message, retry(LONG)).await);
    a_moment().await;
    assert!(store.claim(10, LONG).await.is_empty());
}

pub async fn a_message_to_be_tried_again_is_due_then_as_the_next_attempt(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let first = store.claim_one(LONG).await;
    assert!(store.complete(&first, retry(SHORT)).await);
    let second = claim_when_due(store, LONG).await;
    assert_eq!((second.id, second.attempt), (first.id, 2));
    assert_ne!(second.claim, first.claim);
    assert_eq!(second.snapshot, first.snapshot);
}

pub async fn a_message_waits_as_long_as_it_is_told(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let first = store.claim_one(LONG).await;
    let delay = Duration::from_millis(40);
    let began = tokio::time::Instant::now();
    assert!(store.complete(&first, retry(delay)).await);
    claim_when_due(store, LONG).await;
    // Both clocks count whole milliseconds, each from its own beginning.
    assert!(began.elapsed() + Duration::from_millis(5) >= delay, "{:?}", began.elapsed());
}

pub async fn a_released_message_is_due_at_once_and_the_attempt_does_not_count(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    for _ in 0..3 {
        let message = store.claim_one(LONG).await;
        assert_eq!(message.attempt, 1);
        assert!(store.complete(&message, Completion::Released).await);
    }
    let message = store.claim_one(LONG).await;
    assert!(store.complete(&message, retry(SHORT)).await);
    let message = claim_when_due(store, LONG).await;
    assert!(store.complete(&message, Completion::Released).await);
    assert_eq!(store.claim_one(LONG).await.attempt, 2);
}

pub async fn a_deferred_message_waits_and_the_attempt_does_not_count(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let message = store.claim_one(LONG).await;
    assert!(store.complete(&message, deferred(SHORT)).await);
    let message = claim_when_due(store, LONG).await;
    assert_eq!(message.attempt, 1);
    assert!(store.complete(&message, deferred(LONG)).await);
    assert!(store.claim(10, LONG).await.is_empty(), "the message has to wait");
}
