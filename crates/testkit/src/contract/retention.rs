//! Tests of [`RetentionRepository`](engage_repository::RetentionRepository).

use std::num::NonZeroU32;

use engage_domain::Timestamp;
use engage_repository::{
    ChangeSet, ClaimOutcome, IdempotencyKey, IdempotencyRecord, NotificationFilter, RequestDigest,
};

use super::Store;
use super::store::LONG;
use crate::builders::{a_change_set, a_message, an_opened, minutes_later, monday};

/// Returns a time long after any test.
fn far_off() -> Timestamp {
    "2999-01-01T00:00:00Z".parse().unwrap()
}

async fn prune(store: &Store, before: Timestamp, limit: u32) -> u64 {
    let limit = NonZeroU32::new(limit).unwrap();
    store.retention.prune_messages(before, limit).await.expect("notifications are pruned")
}

async fn addresses(store: &Store) -> Vec<String> {
    let mut left: Vec<_> = store.listed(&NotificationFilter::default()).await;
    left.sort_by_key(|message| message.address.to_string());
    left.iter().map(|message| message.address.to_string()).collect()
}

pub async fn finished_notifications_are_pruned_with_their_attempts(store: &Store) {
    let messages = ["dead", "failed", "sent", "waiting"].map(|name| format!("{name}@x.example"));
    let messages = messages.iter().map(|to| a_message(to)).collect();
    store.commit(an_opened(1), messages).await.unwrap();
    for message in store.claim(10, LONG).await {
        let completion = match message.address.to_string().split('@').next().unwrap() {
            "dead" => ClaimOutcome::Dead { reason: "550".to_owned() },
            "failed" => ClaimOutcome::Retry { after: LONG, reason: "451".to_owned() },
            "sent" => ClaimOutcome::Sent,
            _ => ClaimOutcome::Released,
        };
        assert!(store.complete(&message, completion).await);
    }
    assert_eq!(prune(store, monday(), 10).await, 0);
    assert_eq!(addresses(store).await.len(), 4);
    assert_eq!(prune(store, far_off(), 10).await, 1);
    let left = ["dead@x.example", "failed@x.example", "waiting@x.example"];
    assert_eq!(addresses(store).await, left);
    assert_eq!(prune(store, far_off(), 10).await, 0);
}

pub async fn notifications_are_pruned_in_batches_with_the_oldest_first(store: &Store) {
    for sequence in 1..=5 {
        let to = format!("{sequence}@x.example");
        store.commit(an_opened(sequence), vec![a_message(&to)]).await.unwrap();
        let message = store.claim_one(LONG).await;
        assert!(store.complete(&message, ClaimOutcome::Sent).await);
    }
    let finished_at = async || {
        let messages = store.listed(&NotificationFilter::default()).await;
        let mut times: Vec<_> = messages.iter().map(|m| m.finished_at.unwrap()).collect();
        times.sort();
        times
    };
    let before = finished_at().await;
    assert_eq!(prune(store, far_off(), 3).await, 3);
    assert_eq!(finished_at().await, before[3..]);
    assert_eq!(prune(store, far_off(), 3).await, 2);
}

pub async fn responses_are_pruned_once_they_have_expired(store: &Store) {
    let keys = [1_u8, 2, 3].map(|place| IdempotencyKey([place; 32]));
    for (sequence, key) in (1..).zip(keys) {
        let record = IdempotencyRecord {
            key,
            digest: RequestDigest([0x9e; 32]),
            answer: "{}".to_owned(),
            expires_at: minutes_later(60 * sequence),
        };
        let change_set = a_change_set(an_opened(sequence), Vec::new());
        let change_set = ChangeSet { idempotency: Some(record), ..change_set };
        store.cases.commit(change_set).await.unwrap();
    }
    let prune = async |now, limit: u32| {
        let limit = NonZeroU32::new(limit).unwrap();
        store.retention.prune_responses(now, limit).await.expect("responses are pruned")
    };
    assert_eq!(prune(minutes_later(59), 10).await, 0);
    assert_eq!(prune(minutes_later(60), 10).await, 1);
    assert_eq!(prune(far_off(), 1).await, 1);
    assert_eq!(prune(far_off(), 10).await, 1);
    for key in keys {
        let kept = store.idempotency.find_response(&key, monday()).await.unwrap();
        assert_eq!(kept, None);
    }
}
