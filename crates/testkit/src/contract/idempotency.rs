//! Tests of changes under an idempotency key.

use engage_domain::{Decision, Status, Timestamp};
use engage_repository::{
    ChangeSet, IdempotencyKey, IdempotencyRecord, RepositoryError, RequestDigest, StoredResponse,
    UniqueConstraint,
};

use crate::builders::{a_change_set, a_message, an_opened, in_status, minutes_later};
use crate::contract::{Store, all_at_once};

const KEY: IdempotencyKey = IdempotencyKey([0xc5; 32]);

/// Returns the expiry of the records of these tests, after the end of every story.
fn expiry() -> Timestamp {
    minutes_later(24 * 60)
}

fn under(key: IdempotencyKey, decision: Decision, response: &str) -> ChangeSet {
    let record = IdempotencyRecord {
        key,
        digest: RequestDigest([0x9e; 32]),
        answer: response.to_owned(),
        expires_at: expiry(),
    };
    ChangeSet {
        idempotency: Some(record),
        ..a_change_set(decision, vec![a_message("a@x.example")])
    }
}

fn assert_key_taken(outcome: &Result<(), RepositoryError>) {
    assert!(
        matches!(
            outcome,
            Err(RepositoryError::Duplicate { constraint: UniqueConstraint::IdempotencyKey })
        ),
        "{outcome:?}"
    );
}

async fn response(store: &Store, key: IdempotencyKey, now: Timestamp) -> Option<StoredResponse> {
    store.idempotency.find_response(&key, now).await.expect("a response is looked up")
}

pub async fn an_unused_key_has_no_response(store: &Store) {
    store.cases.commit(under(KEY, an_opened(1), "{}")).await.unwrap();
    assert_eq!(response(store, IdempotencyKey([0; 32]), minutes_later(1)).await, None);
}

pub async fn a_response_is_stored_with_a_new_case(store: &Store) {
    let opening = an_opened(1);
    store.cases.commit(under(KEY, opening.clone(), r#"{"text": "é\n"}"#)).await.unwrap();
    let kept = StoredResponse {
        digest: RequestDigest([0x9e; 32]),
        answer: r#"{"text": "é\n"}"#.to_owned(),
        case_id: opening.event.case_id,
        version: opening.event.sequence,
        changed_at: opening.event.timestamp,
    };
    assert_eq!(response(store, KEY, minutes_later(1)).await, Some(kept));
}

pub async fn a_response_is_stored_with_a_change(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let change = in_status(&case, Status::OnHold, minutes_later(1));
    store.cases.commit(under(KEY, change.clone(), "{}")).await.unwrap();
    let kept = response(store, KEY, minutes_later(1)).await.expect("the response is stored");
    assert_eq!(kept.version, change.event.sequence);
    assert_eq!(store.case(case.number()).await, change.case);
}

pub async fn a_response_is_gone_once_it_expires(store: &Store) {
    store.cases.commit(under(KEY, an_opened(1), "{}")).await.unwrap();
    let just_before = Timestamp::from_millis(expiry().as_millis() - 1);
    assert!(response(store, KEY, just_before).await.is_some());
    assert_eq!(response(store, KEY, expiry()).await, None);
}

pub async fn a_second_new_case_under_a_key_is_a_duplicate_and_stores_nothing(store: &Store) {
    let first = an_opened(1);
    store.cases.commit(under(KEY, first.clone(), "first")).await.unwrap();
    let second = an_opened(2);
    assert_key_taken(&store.cases.commit(under(KEY, second.clone(), "second")).await);
    assert_eq!(store.find(second.case.number()).await, None);
    assert_eq!(store.claimed_addresses().await.len(), 1);
    let kept = response(store, KEY, minutes_later(1)).await.expect("the first response is stored");
    assert_eq!(kept.answer, "first");
}

pub async fn a_second_change_under_a_key_is_a_duplicate_and_stores_nothing(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let held = in_status(&case, Status::OnHold, minutes_later(1));
    store.cases.commit(under(KEY, held.clone(), "first")).await.unwrap();
    let resolved = in_status(&held.case, Status::Resolved, minutes_later(2));
    assert_key_taken(&store.cases.commit(under(KEY, resolved, "second")).await);
    assert_eq!(store.case(case.number()).await, held.case);
    assert_eq!(store.claimed_addresses().await.len(), 1);
}

pub async fn a_key_can_be_reused_after_its_expiry(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let held = in_status(&case, Status::OnHold, minutes_later(1));
    store.cases.commit(under(KEY, held.clone(), "first")).await.unwrap();
    let late = in_status(&held.case, Status::Resolved, expiry());
    let mut change_set = under(KEY, late.clone(), "second");
    let later = Timestamp::from_millis(expiry().as_millis() + 60_000);
    change_set.idempotency.as_mut().unwrap().expires_at = later;
    store.cases.commit(change_set).await.unwrap();
    assert_eq!(store.case(case.number()).await, late.case);
    let kept = response(store, KEY, expiry()).await.expect("the second response is stored");
    assert_eq!((kept.answer.as_str(), kept.changed_at), ("second", expiry()));
}

pub async fn a_conflicting_change_stores_no_response(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    store.keep(in_status(&case, Status::OnHold, minutes_later(1))).await;
    let stale = in_status(&case, Status::Resolved, minutes_later(2));
    let outcome = store.cases.commit(under(KEY, stale, "{}")).await;
    assert!(matches!(outcome, Err(RepositoryError::Conflict)), "{outcome:?}");
    assert_eq!(response(store, KEY, minutes_later(2)).await, None);
}

pub async fn committing_a_stored_event_again_succeeds_under_its_key(store: &Store) {
    let change_set = under(KEY, an_opened(1), "{}");
    store.cases.commit(change_set.clone()).await.unwrap();
    store.cases.commit(change_set).await.unwrap();
    assert_eq!(store.claimed_addresses().await.len(), 1);
}

pub async fn exactly_one_of_many_new_cases_under_one_key_is_stored(store: &Store) {
    let commits = (1..=32).map(|sequence| {
        let cases = store.cases.clone();
        async move { cases.commit(under(KEY, an_opened(sequence), "{}")).await }
    });
    let outcomes = all_at_once(commits).await;
    let (kept, refused): (Vec<_>, Vec<_>) = outcomes.iter().partition(|outcome| outcome.is_ok());
    assert_eq!(kept.len(), 1);
    refused.into_iter().for_each(assert_key_taken);
    assert_eq!(store.claimed_addresses().await.len(), 1);
}

pub async fn a_commit_under_a_used_key_in_a_burst_fails_alone(store: &Store) {
    store.cases.commit(under(KEY, an_opened(1), "{}")).await.unwrap();
    let commits = (2..=40).map(|sequence| {
        let cases = store.cases.clone();
        let opening = an_opened(sequence.into());
        let change_set = match sequence {
            20 => under(KEY, opening, "{}"),
            21..=30 => under(IdempotencyKey([sequence; 32]), opening, "{}"),
            _ => a_change_set(opening, Vec::new()),
        };
        async move { (sequence, cases.commit(change_set).await) }
    });
    for (sequence, outcome) in all_at_once(commits).await {
        if sequence == 20 { assert_key_taken(&outcome) } else { outcome.unwrap() }
    }
}
