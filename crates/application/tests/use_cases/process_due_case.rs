//! Automatic actions on due cases.

use std::sync::{Arc, Mutex};

use engage_application::ProcessDueCase;
use engage_domain::event::Overdue;
use engage_domain::sla::{ServiceAlert, SlaTimerKind};
use engage_domain::{Actor, Case, EventKind, EventType, Status, Timestamp, Visibility};
use engage_repository::{DueCase, MockCaseRepository, MockDueCases, RepositoryError, StoredCase};
use engage_testkit::builders::{an_opened, in_status, minutes_later, overdue};

use crate::setup::{
    Committed, Listener, Setup, a_clock_at, a_setup, announcements, assert_announced,
    assert_follows, assert_unavailable, held_by, out_of_reach, the_one, unassigned,
};

/// Minutes until the first warning: three quarters of the four hours for the first response.
const WARNING: u64 = 3 * 60;

pub(crate) fn due(case: &Case) -> DueCase {
    let facts = case.facts();
    let due_at = facts.next_action_at.unwrap_or(facts.created_at);
    DueCase { id: facts.id, number: facts.number.clone(), due_at }
}

/// Storage of one case that applies each change.
fn storing(stored: StoredCase) -> (MockCaseRepository, Committed) {
    let mut cases = MockCaseRepository::new();
    let (committed, present) = (Committed::default(), Arc::new(Mutex::new(stored)));
    let seen = present.clone();
    cases.expect_find_case().returning(move |_| Ok(Some(seen.lock().unwrap().clone())));
    let log = committed.clone();
    cases.expect_commit().returning(move |change_set| {
        let mut present = present.lock().unwrap();
        assert_eq!(change_set.base_version(), Some(present.case.version()));
        present.case = change_set.case.clone();
        log.lock().unwrap().push(change_set);
        Ok(())
    });
    (cases, committed)
}

fn apply_due_action(
    minutes: u64,
    cases: MockCaseRepository,
    due_cases: MockDueCases,
) -> ProcessDueCase {
    let setup = Setup { clock: a_clock_at(minutes), ..a_setup(cases) };
    ProcessDueCase::new(Arc::new(setup.changes()), Arc::new(due_cases))
}

fn putting_nothing_off() -> MockDueCases {
    let mut due_cases = MockDueCases::new();
    due_cases.expect_put_off_case().never();
    due_cases
}

#[tokio::test(start_paused = true)]
async fn a_warning_is_committed_with_its_notifications() {
    let stored = held_by("ann");
    let (cases, committed) = storing(stored.clone());
    let listener = Listener::listen().await;
    let setup = Setup {
        clock: a_clock_at(WARNING),
        outbox_signal: listener.outbox_signal.clone(),
        ..a_setup(cases)
    };
    let changes = Arc::new(setup.changes());
    let apply_due_action = ProcessDueCase::new(changes, Arc::new(putting_nothing_off()));
    assert!(apply_due_action.execute(&due(&stored.case)).await.unwrap());

    let change_set = the_one(&committed);
    assert_follows(&change_set, &stored.case);
    assert_announced(&change_set, stored.assignee.as_ref(), None);
    let event = &change_set.event;
    assert_eq!((event.actor.clone(), event.event_type()), (Actor::System, EventType::Overdue));
    assert_eq!(
        event.kind,
        EventKind::Overdue(Overdue {
            clock: SlaTimerKind::FirstResponse,
            alert: ServiceAlert::Warning,
            due: minutes_later(4 * 60),
            escalation: None,
        })
    );
    assert_eq!(
        announcements(&change_set),
        ["case-overdue-staff ann@desk.example", "case-event whk_00000000000000000000000007"]
    );
    assert_eq!(listener.notifications().await, 1);
}

#[tokio::test(start_paused = true)]
async fn each_due_action_is_a_separate_commit() {
    let stored = unassigned();
    let (cases, committed) = storing(stored.clone());
    let apply_due_action = apply_due_action(50 * 60, cases, putting_nothing_off());
    assert!(apply_due_action.execute(&due(&stored.case)).await.unwrap());
    let committed = committed.lock().unwrap();
    let alerts: Vec<_> = committed
        .iter()
        .map(|change_set| match &change_set.event.kind {
            EventKind::Overdue(overdue) => (overdue.clock, overdue.alert),
            other => panic!("{other:?}"),
        })
        .collect();
    let breach = ServiceAlert::Breach;
    assert_eq!(alerts, [(SlaTimerKind::FirstResponse, breach), (SlaTimerKind::Resolution, breach)]);
}

#[tokio::test(start_paused = true)]
async fn a_resolved_case_is_closed_after_the_window_without_emails() {
    let breached = overdue(&an_opened(1).case, minutes_later(50 * 60)).case;
    let resolved = in_status(&breached, Status::Resolved, minutes_later(51 * 60)).case;
    let stored = StoredCase::new(resolved, None);
    let (cases, committed) = storing(stored.clone());
    let eight_days = 8 * 24 * 60;
    let apply_due_action = apply_due_action(51 * 60 + eight_days, cases, putting_nothing_off());
    assert!(apply_due_action.execute(&due(&stored.case)).await.unwrap());
    let change_set = the_one(&committed);
    assert_eq!(change_set.case.status(), Status::Closed);
    let event = &change_set.event;
    assert_eq!((event.event_type(), event.visibility), (EventType::Updated, Visibility::Internal));
    assert_eq!(announcements(&change_set), ["case-event whk_00000000000000000000000007"]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_race_leaves_nothing_to_do() {
    let before = unassigned();
    let warned = overdue(&before.case, minutes_later(WARNING)).case;
    let after = StoredCase::new(warned, None);
    let mut cases = MockCaseRepository::new();
    let mut reads = vec![after, before.clone()];
    cases.expect_find_case().times(2).returning(move |_| Ok(reads.pop()));
    cases.expect_commit().once().returning(|_| Err(RepositoryError::Conflict));
    let apply_due_action = apply_due_action(WARNING, cases, putting_nothing_off());
    assert!(!apply_due_action.execute(&due(&before.case)).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_case_whose_due_time_changed_with_the_policy_is_postponed() {
    let expected = unassigned().case.facts().next_action_at;
    assert_eq!(expected, Some(minutes_later(WARNING)));
    for stored_time in [Some(minutes_later(1)), Some(Timestamp::MAX), None] {
        let mut facts = unassigned().case.into_facts();
        facts.next_action_at = stored_time;
        let (id, version) = (facts.id, facts.version);
        let stored = StoredCase::new(Case::from_facts(facts), None);
        let mut cases = MockCaseRepository::new();
        let read = stored.clone();
        cases.expect_find_case().once().returning(move |_| Ok(Some(read.clone())));
        cases.expect_commit().never();
        let mut due_cases = MockDueCases::new();
        due_cases
            .expect_put_off_case()
            .once()
            .withf(move |case, at, until| (*case, *at, *until) == (id, version, expected))
            .returning(|_, _, _| Ok(()));
        let apply_due_action = apply_due_action(60, cases, due_cases);
        assert!(!apply_due_action.execute(&due(&stored.case)).await.unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn a_case_that_is_not_due_yet_is_left_unchanged() {
    let stored = unassigned();
    let (cases, committed) = storing(stored.clone());
    let apply_due_action = apply_due_action(WARNING - 1, cases, putting_nothing_off());
    assert!(!apply_due_action.execute(&due(&stored.case)).await.unwrap());
    assert!(committed.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_storage_failure_is_reported() {
    let unread = apply_due_action(WARNING, out_of_reach(), putting_nothing_off());
    assert_unavailable(&unread.execute(&due(&unassigned().case)).await);
    // Including a failure while the case is postponed.
    let mut facts = unassigned().case.into_facts();
    facts.next_action_at = None;
    let (cases, _) = storing(StoredCase::new(Case::from_facts(facts), None));
    let mut due_cases = MockDueCases::new();
    due_cases
        .expect_put_off_case()
        .returning(|_, _, _| Err(RepositoryError::unavailable("no connection")));
    let apply_due_action = apply_due_action(60, cases, due_cases);
    assert_unavailable(&apply_due_action.execute(&due(&unassigned().case)).await);
}
