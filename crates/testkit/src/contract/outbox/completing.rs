use std::time::Duration;

use engage_domain::NotificationId;
use engage_domain::notify::{AttemptOutcome, NotificationStatus};
use engage_repository::{ClaimOutcome, ClaimToken, ClaimedMessage};

use crate::builders::{a_fresh_id, an_attempt};
use crate::contract::delivery::{
    SHORT, a_moment, cancelled, claim_when_due, dead, deferred, enqueue, retry,
};
use crate::contract::store::LONG;
use crate::contract::{Store, all_at_once};

/// Returns every outcome of an attempt. Retries and deferrals are due much later.
fn every_end() -> [ClaimOutcome; 6] {
    [ClaimOutcome::Sent, dead(), cancelled(), retry(LONG), deferred(LONG), ClaimOutcome::Released]
}

pub async fn a_claim_that_was_taken_over_cannot_complete(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let stale = store.claim_one(SHORT).await;
    let present = claim_when_due(store, LONG).await;
    assert_ne!(stale.claim, present.claim);
    for completion in every_end() {
        assert!(!store.complete(&stale, completion).await);
    }
    assert!(store.claim(10, LONG).await.is_empty(), "the notification is still claimed");
    assert!(store.complete(&present, ClaimOutcome::Sent).await);
}

pub async fn an_expired_claim_holds_until_it_is_taken_over(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let message = store.claim_one(SHORT).await;
    a_moment().await;
    assert!(store.complete(&message, ClaimOutcome::Sent).await);
    assert!(store.claim(10, LONG).await.is_empty());
}

pub async fn an_unclaimed_notification_is_not_completed(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let message = store.claim_one(LONG).await;
    let stranger =
        ClaimedMessage { id: NotificationId::from_u128(a_fresh_id()), ..message.clone() };
    assert!(!store.complete(&stranger, ClaimOutcome::Sent).await);
    let forged =
        ClaimedMessage { claim: ClaimToken(message.claim.0.wrapping_add(1)), ..message.clone() };
    assert!(!store.complete(&forged, ClaimOutcome::Sent).await);
    assert!(store.complete(&message, ClaimOutcome::Released).await, "it is still claimed");
}

pub async fn a_claim_completes_once(store: &Store) {
    for (sequence, end) in (1..).zip(every_end()) {
        enqueue(store, sequence, &["a@x.example"]).await;
        let message = store.claim_one(LONG).await;
        assert!(store.complete(&message, end.clone()).await);
        for again in every_end() {
            assert!(!store.complete(&message, again.clone()).await, "{end:?} {again:?}");
        }
        if end == ClaimOutcome::Released {
            store.claim_one(LONG).await;
        } else {
            assert!(store.claim(10, LONG).await.is_empty(), "{end:?}");
        }
    }
}

pub async fn a_finished_notification_is_never_claimed_again(store: &Store) {
    for (sequence, end) in (1..).zip([ClaimOutcome::Sent, dead(), cancelled()]) {
        enqueue(store, sequence, &["a@x.example"]).await;
        let message = store.claim_one(SHORT).await;
        assert!(store.complete(&message, end.clone()).await);
        a_moment().await;
        assert!(store.claim(10, SHORT).await.is_empty(), "{end:?}");
    }
}

pub async fn a_retry_is_not_due_before_its_time(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let message = store.claim_one(SHORT).await;
    assert!(store.complete(&message, retry(LONG)).await);
    a_moment().await;
    assert!(store.claim(10, LONG).await.is_empty());
}

pub async fn a_retry_is_due_as_the_next_attempt(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let first = store.claim_one(LONG).await;
    assert!(store.complete(&first, retry(SHORT)).await);
    let second = claim_when_due(store, LONG).await;
    assert_eq!((second.id, second.attempt), (first.id, 2));
    assert_ne!(second.claim, first.claim);
    assert_eq!(second.snapshot, first.snapshot);
}

pub async fn a_retry_waits_for_the_requested_delay(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let first = store.claim_one(LONG).await;
    let delay = Duration::from_millis(40);
    let began = tokio::time::Instant::now();
    assert!(store.complete(&first, retry(delay)).await);
    claim_when_due(store, LONG).await;
    // Both clocks count whole milliseconds, but start at different times.
    assert!(began.elapsed() + Duration::from_millis(5) >= delay, "{:?}", began.elapsed());
}

pub async fn a_released_notification_is_due_at_once_without_using_an_attempt(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    for _ in 0..3 {
        let message = store.claim_one(LONG).await;
        assert_eq!(message.attempt, 1);
        assert!(store.complete(&message, ClaimOutcome::Released).await);
    }
    let message = store.claim_one(LONG).await;
    assert!(store.complete(&message, retry(SHORT)).await);
    let message = claim_when_due(store, LONG).await;
    assert!(store.complete(&message, ClaimOutcome::Released).await);
    assert_eq!(store.claim_one(LONG).await.attempt, 2);
}

pub async fn a_deferred_notification_waits_without_using_an_attempt(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let message = store.claim_one(LONG).await;
    assert!(store.complete(&message, deferred(SHORT)).await);
    let message = claim_when_due(store, LONG).await;
    assert_eq!(message.attempt, 1);
    assert!(store.complete(&message, deferred(LONG)).await);
    assert!(store.claim(10, LONG).await.is_empty(), "the notification has to wait");
}

pub async fn a_cancelled_notification_is_finished_without_an_attempt(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let message = store.claim_one(LONG).await;
    assert!(store.complete(&message, cancelled()).await);
    let summary = store.notification(message.id).await;
    assert_eq!(summary.status, NotificationStatus::Cancelled);
    assert_eq!(summary.last_error.as_deref(), Some("the limit is reached"));
    assert_eq!((summary.attempts, summary.next_attempt_at), (0, None));
    assert!(summary.finished_at.is_some());
}

pub async fn an_empty_batch_completes_nothing(store: &Store) {
    assert_eq!(store.outbox.complete(Vec::new()).await.unwrap(), [false; 0]);
}

pub async fn the_results_of_a_batch_are_in_the_order_of_its_attempts(store: &Store) {
    use NotificationStatus as S;
    enqueue(store, 1, &["a@x.example"]).await;
    let stale = store.claim_one(SHORT).await;
    let mut claimed = vec![claim_when_due(store, LONG).await];
    for sequence in 2..=6 {
        enqueue(store, sequence, &["a@x.example"]).await;
    }
    claimed.extend(store.claim(10, LONG).await);
    let forged = ClaimToken(claimed[1].claim.0.wrapping_add(1));
    let batch = vec![
        an_attempt(&stale, dead()),
        an_attempt(&claimed[2], ClaimOutcome::Sent),
        an_attempt(&ClaimedMessage { claim: forged, ..claimed[1].clone() }, ClaimOutcome::Sent),
        an_attempt(&claimed[3], dead()),
        an_attempt(&claimed[4], cancelled()),
        an_attempt(&claimed[5], retry(LONG)),
    ];
    let recorded = store.outbox.complete(batch).await.unwrap();
    assert_eq!(recorded, [false, true, false, true, true, true]);
    let expected = [S::InFlight, S::InFlight, S::Sent, S::Dead, S::Cancelled, S::Pending];
    for (message, status) in claimed.iter().zip(expected) {
        assert_eq!(store.notification(message.id).await.status, status);
    }
}

pub async fn the_later_of_two_claims_of_a_notification_in_a_batch_counts(store: &Store) {
    for stale_first in [true, false] {
        enqueue(store, if stale_first { 1 } else { 2 }, &["a@x.example"]).await;
        let stale = store.claim_one(SHORT).await;
        let present = claim_when_due(store, LONG).await;
        let mut batch = vec![an_attempt(&stale, dead()), an_attempt(&present, ClaimOutcome::Sent)];
        let mut expected = [false, true];
        if !stale_first {
            batch.reverse();
            expected.reverse();
        }
        assert_eq!(store.outbox.complete(batch).await.unwrap(), expected);
        assert_eq!(store.notification(present.id).await.status, NotificationStatus::Sent);
        let attempts = store.attempts(present.id).await;
        let outcomes: Vec<_> = attempts.iter().map(|attempt| attempt.outcome).collect();
        assert_eq!(outcomes, [AttemptOutcome::Sent]);
    }
}

pub async fn a_repeated_attempt_in_a_batch_is_recorded_once(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let message = store.claim_one(LONG).await;
    let batch = vec![an_attempt(&message, ClaimOutcome::Sent), an_attempt(&message, dead())];
    assert_eq!(store.outbox.complete(batch).await.unwrap(), [true, false]);
    assert_eq!(store.notification(message.id).await.status, NotificationStatus::Sent);
    assert_eq!(store.attempts(message.id).await.len(), 1);
}

pub async fn concurrent_batches_record_each_attempt_once(store: &Store) {
    for sequence in 1..=20 {
        enqueue(store, sequence, &["a@x.example", "b@x.example"]).await;
    }
    let claimed = store.claim(100, LONG).await;
    assert_eq!(claimed.len(), 40);
    let recorded = all_at_once((0..4).map(|n| {
        let (store, mut claimed) = (store.clone(), claimed.clone());
        claimed.rotate_left(n * 10);
        async move {
            let batch = claimed.iter().map(|message| an_attempt(message, ClaimOutcome::Sent));
            store.outbox.complete(batch.collect()).await.expect("attempts are recorded")
        }
    }));
    let recorded = recorded.await.concat();
    assert_eq!(recorded.iter().filter(|recorded| **recorded).count(), 40);
}
