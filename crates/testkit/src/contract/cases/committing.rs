//! Tests of `commit` with a single caller.

use engage_domain::{CaseNumber, Status, Visibility};
use engage_repository::{ClaimOutcome, RepositoryError, UniqueConstraint};

use crate::builders::{
    a_case_number, a_change_set, a_message, a_new_case, a_staff_member, an_opened, by, escalated,
    in_status, minutes_later, opened, written,
};
use crate::contract::Store;

fn assert_conflict(outcome: &Result<(), RepositoryError>) {
    assert!(matches!(outcome, Err(RepositoryError::Conflict)), "{outcome:?}");
}

fn assert_number_taken(outcome: &Result<(), RepositoryError>) {
    assert!(
        matches!(
            outcome,
            Err(RepositoryError::Duplicate { constraint: UniqueConstraint::CaseNumber })
        ),
        "{outcome:?}"
    );
}

pub async fn a_commit_stores_the_case_its_event_updates_and_notifications(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let opening = an_opened(1);
    let case = opening.case.clone();
    store.commit(opening, vec![a_message("a@x.example"), a_message("b@x.example")]).await.unwrap();
    let escalation = escalated(&case, by(&agent), minutes_later(1));
    store.commit(escalation.clone(), vec![a_message("c@x.example")]).await.unwrap();

    let details = store.details(case.number()).await;
    assert_eq!(details.case, escalation.case);
    assert_eq!(details.updates.entries, escalation.event.updates);
    assert_eq!(details.escalations.len(), 1);
    assert_eq!(store.claimed_addresses().await, ["a@x.example", "b@x.example", "c@x.example"]);
}

pub async fn a_change_of_an_outdated_version_is_a_conflict(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let winner = store.keep(in_status(&case, Status::OnHold, minutes_later(1))).await;
    let stale = in_status(&case, Status::Resolved, minutes_later(2));
    assert_conflict(&store.commit(stale, Vec::new()).await);
    assert_eq!(store.case(case.number()).await, winner);
}

pub async fn a_change_of_a_future_version_is_a_conflict(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let skipped = in_status(&case, Status::OnHold, minutes_later(1));
    let ahead = in_status(&skipped.case, Status::Resolved, minutes_later(2));
    assert_conflict(&store.commit(ahead, Vec::new()).await);
    assert_eq!(store.case(case.number()).await, case);
}

pub async fn a_change_of_an_unknown_case_is_a_conflict(store: &Store) {
    let opening = an_opened(1);
    let change = in_status(&opening.case, Status::OnHold, minutes_later(1));
    assert_conflict(&store.commit(change, vec![a_message("a@x.example")]).await);
    assert_eq!(store.find(&a_case_number(1)).await, None);
    assert!(store.claimed_addresses().await.is_empty());
}

pub async fn a_conflict_stores_nothing(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let case = store.keep(an_opened(1)).await;
    store.keep(written(&case, "First", Visibility::Public, by(&agent), minutes_later(1))).await;
    let before = store.details(case.number()).await;

    let stale = escalated(&case, by(&agent), minutes_later(2));
    assert_conflict(&store.commit(stale, vec![a_message("a@x.example")]).await);
    assert_eq!(store.details(case.number()).await, before);
    assert!(store.claimed_addresses().await.is_empty());
}

pub async fn a_new_case_under_a_taken_number_is_a_duplicate(store: &Store) {
    store.keep(an_opened(1)).await;
    assert_number_taken(&store.commit(an_opened(1), Vec::new()).await);
}

pub async fn a_number_stays_taken_after_its_case_changes(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let case = store.keep(in_status(&case, Status::Resolved, minutes_later(1))).await;
    store.keep(in_status(&case, Status::Closed, minutes_later(2))).await;
    assert_number_taken(&store.commit(an_opened(1), Vec::new()).await);
}

pub async fn a_duplicate_stores_nothing(store: &Store) {
    let mut request = a_new_case();
    let case = store.keep(opened(request.clone(), a_case_number(1), minutes_later(0))).await;
    let before = store.details(case.number()).await;

    request.subject = "Another matter".parse().unwrap();
    let duplicate = opened(request, a_case_number(1), minutes_later(1));
    assert_number_taken(&store.commit(duplicate, vec![a_message("a@x.example")]).await);
    assert_eq!(store.details(case.number()).await, before);
    assert!(store.claimed_addresses().await.is_empty());
}

pub async fn a_duplicate_case_can_be_stored_under_another_number(store: &Store) {
    store.keep(an_opened(1)).await;
    let refused = an_opened(1);
    assert_number_taken(&store.commit(refused.clone(), Vec::new()).await);
    let number: CaseNumber = a_case_number(2);
    let mut facts = refused.case.into_facts();
    facts.number = number.clone();
    let case = engage_domain::Case::from_facts(facts);
    store.keep(engage_domain::Decision { case: case.clone(), event: refused.event }).await;
    assert_eq!(store.case(&number).await, case);
}

pub async fn committing_a_stored_event_again_changes_nothing(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let opening = an_opened(1);
    let case = opening.case.clone();
    let opening = a_change_set(opening, vec![a_message("a@x.example")]);
    let escalation = escalated(&case, by(&agent), minutes_later(1));
    let escalation = a_change_set(escalation, vec![a_message("b@x.example")]);

    for _ in 0..3 {
        store.cases.commit(opening.clone()).await.expect("the opening is stored once");
    }
    assert_eq!(store.case(case.number()).await, case);
    for _ in 0..3 {
        store.cases.commit(escalation.clone()).await.expect("the escalation is stored once");
    }
    let details = store.details(case.number()).await;
    assert_eq!(details.case, escalation.case);
    assert_eq!(details.updates.entries, escalation.event.updates);
    assert_eq!(details.escalations.len(), 1);
    assert_eq!(store.claimed_addresses().await, ["a@x.example", "b@x.example"]);
}

pub async fn committing_a_stored_event_again_succeeds_after_later_changes(store: &Store) {
    let opening = an_opened(1);
    let first = in_status(&opening.case, Status::InProgress, minutes_later(1));
    let second = in_status(&first.case, Status::OnHold, minutes_later(2));
    for decision in [&opening, &first, &second] {
        store.keep(decision.clone()).await;
    }
    let before = store.details(opening.case.number()).await;
    for decision in [opening, first, second] {
        store.commit(decision, vec![a_message("late@x.example")]).await.unwrap();
    }
    let number = before.case.number().clone();
    assert_eq!(store.details(&number).await, before);
    assert!(store.claimed_addresses().await.is_empty());
}

pub async fn committing_a_stored_event_again_sends_no_notification_twice(store: &Store) {
    let opening = a_change_set(an_opened(1), vec![a_message("a@x.example")]);
    store.cases.commit(opening.clone()).await.unwrap();
    let message = store.claim_one(crate::contract::store::LONG).await;
    assert!(store.complete(&message, ClaimOutcome::Sent).await);
    store.cases.commit(opening).await.unwrap();
    assert!(store.claimed_addresses().await.is_empty());
}

pub async fn a_failed_change_set_does_not_affect_the_next_one(store: &Store) {
    store.keep(an_opened(1)).await;
    for sequence in 2..6 {
        assert_number_taken(&store.commit(an_opened(1), Vec::new()).await);
        let case = store.keep(an_opened(sequence)).await;
        assert_eq!(store.case(case.number()).await, case);
    }
}
