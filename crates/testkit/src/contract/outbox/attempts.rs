use std::time::Duration;

use engage_domain::notify::AttemptOutcome;
use engage_repository::{Attempt, ClaimOutcome, ClaimedMessage};

use crate::builders::an_attempt;
use crate::contract::Store;
use crate::contract::delivery::{SHORT, cancelled, claim_when_due, dead, deferred, enqueue, retry};
use crate::contract::store::LONG;

/// Returns the outcomes of the attempts of a notification, with their reasons.
async fn outcomes(
    store: &Store,
    message: &ClaimedMessage,
) -> Vec<(AttemptOutcome, Option<String>)> {
    let attempts = store.attempts(message.id).await;
    attempts.into_iter().map(|attempt| (attempt.outcome, attempt.reason)).collect()
}

/// Returns the reason for an outcome.
fn reason(completion: &ClaimOutcome) -> Option<String> {
    match completion {
        ClaimOutcome::Sent | ClaimOutcome::Released => None,
        ClaimOutcome::Retry { reason, .. }
        | ClaimOutcome::Dead { reason }
        | ClaimOutcome::Deferred { reason, .. }
        | ClaimOutcome::HeldBack { reason, .. }
        | ClaimOutcome::Cancelled { reason } => Some(reason.clone()),
    }
}

pub async fn an_unattempted_notification_has_no_attempts(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let message = store.claim_one(LONG).await;
    assert_eq!(store.attempts(message.id).await, []);
}

pub async fn each_outcome_of_an_attempt_is_recorded_with_its_reason(store: &Store) {
    use AttemptOutcome as O;
    let ends = [
        (ClaimOutcome::Sent, O::Sent),
        (retry(LONG), O::Failed),
        (deferred(LONG), O::Deferred),
        (dead(), O::Dead),
        (cancelled(), O::Cancelled),
    ];
    for (sequence, (end, outcome)) in (1..).zip(ends) {
        enqueue(store, sequence, &["a@x.example"]).await;
        let message = store.claim_one(LONG).await;
        assert!(store.complete(&message, end.clone()).await);
        assert_eq!(outcomes(store, &message).await, [(outcome, reason(&end))]);
    }
}

pub async fn a_release_is_not_an_attempt(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let message = store.claim_one(LONG).await;
    assert!(store.complete(&message, ClaimOutcome::Released).await);
    assert_eq!(store.attempts(message.id).await, []);
}

pub async fn attempts_are_listed_with_the_first_one_first(store: &Store) {
    use AttemptOutcome as O;
    enqueue(store, 1, &["a@x.example"]).await;
    let ends = [retry(SHORT), deferred(SHORT), ClaimOutcome::Released, retry(SHORT), dead()];
    let mut id = None;
    for end in &ends {
        let message = claim_when_due(store, LONG).await;
        assert!(store.complete(&message, end.clone()).await);
        id = Some(message.id);
    }
    let attempts = store.attempts(id.expect("it was attempted")).await;
    let outcomes: Vec<_> = attempts.iter().map(|attempt| attempt.outcome).collect();
    assert_eq!(outcomes, [O::Failed, O::Deferred, O::Failed, O::Dead]);
    assert!(attempts.is_sorted_by_key(|attempt| attempt.started_at));
}

pub async fn an_attempt_is_recorded_with_its_start_and_duration(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let message = store.claim_one(LONG).await;
    let took = Duration::from_millis(119_999);
    let attempt = Attempt { took, ..an_attempt(&message, ClaimOutcome::Sent) };
    assert_eq!(store.outbox.complete(vec![attempt]).await.unwrap(), [true]);
    let kept = store.attempts(message.id).await;
    assert_eq!(kept.iter().map(|attempt| attempt.took).collect::<Vec<_>>(), [took]);
    // The reported duration is made up. The test does not wait that long.
    let summary = store.notification(message.id).await;
    let finished_at = summary.finished_at.expect("it is finished");
    assert!(kept[0].started_at >= summary.created_at.minus(took));
    assert!(kept[0].started_at <= finished_at);
}

pub async fn an_attempt_whose_claim_was_taken_over_is_not_recorded(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let stale = store.claim_one(SHORT).await;
    let present = claim_when_due(store, LONG).await;
    assert!(!store.complete(&stale, dead()).await);
    assert_eq!(store.attempts(stale.id).await, []);
    assert!(store.complete(&present, ClaimOutcome::Sent).await);
    assert!(!store.complete(&stale, dead()).await);
    assert_eq!(outcomes(store, &present).await, [(AttemptOutcome::Sent, None)]);
}

pub async fn a_resent_notification_retains_its_earlier_attempts(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let message = store.claim_one(LONG).await;
    assert!(store.complete(&message, dead()).await);
    assert!(store.send_again(message.id).await);
    let again = store.claim_one(LONG).await;
    assert!(store.complete(&again, ClaimOutcome::Sent).await);
    let expected = [(AttemptOutcome::Dead, reason(&dead())), (AttemptOutcome::Sent, None)];
    assert_eq!(outcomes(store, &message).await, expected);
}

pub async fn attempts_of_other_notifications_are_not_listed(store: &Store) {
    enqueue(store, 1, &["a@x.example", "b@x.example"]).await;
    let claimed = store.claim(2, LONG).await;
    assert!(store.complete(&claimed[0], dead()).await);
    assert!(store.complete(&claimed[1], ClaimOutcome::Sent).await);
    assert_eq!(outcomes(store, &claimed[0]).await, [(AttemptOutcome::Dead, reason(&dead()))]);
    assert_eq!(outcomes(store, &claimed[1]).await, [(AttemptOutcome::Sent, None)]);
}
