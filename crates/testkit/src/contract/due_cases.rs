//! Tests of [`DueCases`](engage_repository::DueCases), and of the next action that commits record.

use std::num::NonZeroU32;
use std::time::Duration;

use engage_domain::sla::ServiceAlert;
use engage_domain::{
    Actor, Case, CaseNumber, Decision, EventType, Status, Timestamp, UpdateRequest, Visibility,
};
use engage_repository::DueCase;

use super::Store;
use crate::builders::{
    a_case_number, a_new_case, an_opened, cancelled, monday, opened, overdue, updated,
};

/// Returns the time that many hours after the cases are opened on Monday.
fn hour(count: u64) -> Timestamp {
    monday().plus(Duration::from_hours(count))
}

fn taken_up(case: &Case, at: Timestamp) -> Decision {
    let request = UpdateRequest {
        message: None,
        visibility: Visibility::Public,
        status_change: Some(Status::InProgress),
        attachments: Vec::new(),
        ..UpdateRequest::default()
    };
    updated(case, request, Actor::System, at)
}

async fn due(store: &Store, now: Timestamp, after: Option<DueCase>, limit: u32) -> Vec<DueCase> {
    let limit = NonZeroU32::new(limit).unwrap();
    store.due_cases.list_due_cases(now, after, limit).await.expect("due cases are listed")
}

async fn due_numbers(store: &Store, now: Timestamp) -> Vec<CaseNumber> {
    due(store, now, None, 100).await.into_iter().map(|case| case.number).collect()
}

pub async fn the_next_action_of_a_case_is_read_back_and_cleared(store: &Store) {
    // Three of the four hours until the first response.
    let case = store.keep(an_opened(1)).await;
    assert_eq!(case.facts().next_action_at, Some(hour(3)));
    assert_eq!(store.case(case.number()).await, case);
    let case = store.keep(cancelled(&case, hour(1))).await;
    assert_eq!(case.facts().next_action_at, None);
    assert_eq!(store.case(case.number()).await, case);
    assert_eq!(store.details(case.number()).await.case, case);
}

pub async fn raised_alerts_of_a_case_are_read_back(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let case = store.keep(overdue(&case, hour(3))).await;
    assert_eq!(case.facts().first_response_alert, Some(ServiceAlert::Warning));
    assert_eq!(store.case(case.number()).await, case);
    let breached = store.keep(overdue(&case, hour(50))).await;
    let case = store.keep(overdue(&breached, hour(50))).await;
    let told = (case.facts().first_response_alert, case.facts().resolution_alert);
    assert_eq!(told, (Some(ServiceAlert::Breach), Some(ServiceAlert::Breach)));
    assert_eq!(store.case(case.number()).await, case);
    assert_eq!(store.details(case.number()).await.case, case);
}

pub async fn an_escalating_alert_is_listed_as_an_escalation(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let decision = overdue(&case, hour(5));
    assert_eq!(decision.event.event_type(), EventType::Overdue);
    let escalation = decision.event.kind.escalation().expect("an escalation").clone();
    let case = store.keep(decision).await;
    assert_eq!(store.details(case.number()).await.escalations, [escalation]);
}

pub async fn due_cases_are_listed_with_the_longest_waiting_first(store: &Store) {
    for (sequence, hours_later) in [(1, 2), (2, 0), (3, 1)] {
        store.keep(opened(a_new_case(), a_case_number(sequence), hour(hours_later))).await;
    }
    assert_eq!(due_numbers(store, hour(3).minus(Duration::from_millis(1))).await, []);
    assert_eq!(due_numbers(store, hour(3)).await, [a_case_number(2)]);
    let [second, third] = &due(store, hour(4), None, 2).await[..] else { panic!("two are due") };
    assert_eq!((&second.number, second.due_at), (&a_case_number(2), hour(3)));
    assert_eq!((&third.number, third.due_at), (&a_case_number(3), hour(4)));
    let all = [2, 3, 1].map(a_case_number);
    assert_eq!(due_numbers(store, hour(1000)).await, all);
    assert_eq!(due(store, hour(1000), None, 1).await.len(), 1);
}

pub async fn a_case_without_a_next_action_is_never_due(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    store.keep(cancelled(&case, hour(1))).await;
    assert_eq!(due_numbers(store, Timestamp::MAX).await, []);
}

pub async fn paging_through_due_cases_leaves_none_out(store: &Store) {
    // Cases opened at the same time are due at the same time.
    for sequence in 1..=7 {
        let at = hour(sequence / 3);
        store.keep(opened(a_new_case(), a_case_number(sequence), at)).await;
    }
    let whole = due(store, hour(100), None, 100).await;
    assert_eq!(whole.len(), 7);
    assert!(whole.is_sorted_by_key(|case| case.due_at));
    for limit in 1..=7 {
        let mut parts = Vec::new();
        loop {
            let part = due(store, hour(100), parts.last().cloned(), limit).await;
            assert!(part.len() <= limit as usize);
            if part.is_empty() {
                break;
            }
            parts.extend(part);
        }
        assert_eq!(parts, whole);
    }
    let seventh = whole.last().cloned();
    assert_eq!(due(store, hour(100), seventh, 100).await, []);
}

pub async fn a_postponed_case_is_due_later_and_otherwise_unchanged(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let (id, version) = (case.facts().id, case.version());
    let later = hour(30).plus(Duration::from_millis(7));
    for until in [Some(later), None] {
        store.due_cases.put_off_case(id, version, until).await.expect("a case is postponed");
        let mut expected = case.clone().into_facts();
        expected.next_action_at = until;
        assert_eq!(store.case(case.number()).await.facts(), &expected);
    }
    assert_eq!(due_numbers(store, Timestamp::MAX).await, []);
    store.due_cases.put_off_case(id, version, Some(later)).await.expect("a case is postponed");
    assert_eq!(due_numbers(store, later.minus(Duration::from_millis(1))).await, []);
    assert_eq!(due_numbers(store, later).await, [a_case_number(1)]);
}

pub async fn a_case_changed_meanwhile_is_not_postponed(store: &Store) {
    let seen = store.keep(an_opened(1)).await;
    let changed = store.keep(taken_up(&seen, hour(1))).await;
    let (id, version) = (seen.facts().id, seen.version());
    store.due_cases.put_off_case(id, version, None).await.expect("nothing is to be done");
    assert_eq!(store.case(seen.number()).await, changed);
}
