use std::sync::Arc;

use engage_application::{CaseError, ChangeOptions, OpenCase};
use engage_domain::{
    Actor, Address, Case, EventType, NotificationMatrix, OpenRequest, Status, Timestamp, Urgency,
    Version,
};
use engage_repository::{MockCaseNumbers, MockCaseRepository, RepositoryError, UniqueConstraint};
use engage_testkit::ManualClock;
use engage_testkit::builders::{a_new_case, a_new_case_with_everything, monday};
use mockall::Sequence;
use mockall::predicate::eq;

use crate::setup::{
    Committed, Listener, Setup, a_setup, announcements, assert_announced, assert_unavailable,
    attachments, no_connection, taking_one_commit, the_one, tokens,
};

fn opening(setup: Setup) -> OpenCase {
    OpenCase::new(Arc::new(setup.changes()), tokens(), attachments())
}

fn drawing(sequence: u64) -> Arc<MockCaseNumbers> {
    let mut numbers = MockCaseNumbers::new();
    numbers.expect_draw().once().returning(move |_| Ok(sequence));
    Arc::new(numbers)
}

/// A setup that draws one case number, and its commits.
fn ready(sequence: u64) -> (Setup, Committed) {
    let (cases, committed) = taking_one_commit();
    (Setup { numbers: drawing(sequence), ..a_setup(cases) }, committed)
}

async fn opened(open: &OpenCase, request: OpenRequest) -> Case {
    let opened = open.execute(request, &ChangeOptions::default()).await.unwrap();
    opened.outcome.into_changed().expect("a request without a key cannot be a repetition").case
}

fn failing(outcome: impl Fn() -> RepositoryError + Send + 'static) -> Setup {
    let mut cases = MockCaseRepository::new();
    cases.expect_commit().once().returning(move |_| Err(outcome()));
    Setup { numbers: drawing(1), ..a_setup(cases) }
}

#[tokio::test]
async fn a_case_is_opened_as_requested_and_returned_as_committed() {
    let (setup, committed) = ready(42);
    let case = opened(&opening(setup), a_new_case_with_everything()).await;
    let change_set = the_one(&committed);
    assert_eq!(case, change_set.case);
    assert_eq!(change_set.base_version(), None);
    assert_eq!(change_set.event.event_type(), EventType::Created);
    assert_eq!(change_set.event.actor, Actor::Customer);
    assert_eq!(change_set.event.timestamp, monday());

    let facts = case.into_facts();
    let request = a_new_case_with_everything();
    assert_eq!(facts.number.to_string(), "CW-2025-042");
    assert_eq!((facts.version, facts.status), (Version::FIRST, Status::Open));
    assert_eq!((facts.customer, facts.subject), (request.customer, request.subject));
    assert_eq!((facts.project, facts.message), (request.project, request.message));
    assert_eq!(facts.created_at, monday());
}

#[tokio::test]
async fn the_case_number_contains_the_utc_year_of_creation() {
    for (at, year, number) in [
        ("2024-12-31T23:59:59.999Z", 2024, "CW-2024-007"),
        ("2025-01-01T00:00:00Z", 2025, "CW-2025-007"),
        ("2025-12-31T20:00:00-08:00", 2026, "CW-2026-007"),
    ] {
        let clock = ManualClock::new();
        clock.set(at.parse::<Timestamp>().unwrap());
        let mut numbers = MockCaseNumbers::new();
        numbers.expect_draw().with(eq(year)).once().returning(|_| Ok(7));
        let (cases, committed) = taking_one_commit();
        let setup = Setup { clock: Arc::new(clock), numbers: Arc::new(numbers), ..a_setup(cases) };
        opening(setup).execute(a_new_case(), &ChangeOptions::default()).await.unwrap();
        assert_eq!(the_one(&committed).case.number().to_string(), number);
    }
}

#[tokio::test]
async fn the_case_number_starts_with_the_configured_prefix() {
    let (setup, _) = ready(1000);
    let setup = Setup { number_prefix: "help".parse().unwrap(), ..setup };
    let case = opened(&opening(setup), a_new_case()).await;
    assert_eq!(case.number().to_string(), "HELP-2025-1000");
}

#[tokio::test]
async fn an_invalid_sequence_is_an_internal_error() {
    let mut cases = MockCaseRepository::new();
    cases.expect_commit().never();
    let setup = Setup { numbers: drawing(0), ..a_setup(cases) };
    let outcome = opening(setup).execute(a_new_case(), &ChangeOptions::default()).await;
    assert!(matches!(outcome, Err(CaseError::Repository(RepositoryError::Internal(_)))));
}

#[tokio::test]
async fn another_number_is_drawn_if_the_first_is_taken() {
    let mut numbers = MockCaseNumbers::new();
    let mut cases = MockCaseRepository::new();
    let mut story = Sequence::new();
    for sequence in [1, 2] {
        numbers.expect_draw().once().in_sequence(&mut story).returning(move |_| Ok(sequence));
        cases
            .expect_commit()
            .withf(move |change_set| change_set.case.number().sequence() == sequence)
            .once()
            .in_sequence(&mut story)
            .returning(|_| {
                Err(RepositoryError::Duplicate { constraint: UniqueConstraint::CaseNumber })
            });
    }
    numbers.expect_draw().once().in_sequence(&mut story).returning(|_| Ok(3));
    cases.expect_commit().once().in_sequence(&mut story).returning(|_| Ok(()));
    let setup = Setup { numbers: Arc::new(numbers), ..a_setup(cases) };
    let case = opened(&opening(setup), a_new_case()).await;
    assert_eq!(case.number().to_string(), "CW-2025-003");
}

#[tokio::test]
async fn opening_fails_after_too_many_taken_numbers() {
    let mut numbers = MockCaseNumbers::new();
    let mut next = 0;
    numbers.expect_draw().times(2..=20).returning(move |_| {
        next += 1;
        Ok(next)
    });
    let mut cases = MockCaseRepository::new();
    cases.expect_commit().times(2..=20).returning(|_| {
        Err(RepositoryError::Duplicate { constraint: UniqueConstraint::CaseNumber })
    });
    let setup = Setup { numbers: Arc::new(numbers), ..a_setup(cases) };
    let outcome = opening(setup).execute(a_new_case(), &ChangeOptions::default()).await;
    let passed_on =
        matches!(outcome, Err(CaseError::Repository(RepositoryError::Duplicate { .. })));
    assert!(passed_on, "{outcome:?}");
}

#[tokio::test]
async fn one_commit_contains_the_case_its_notifications_and_the_snapshot() {
    let (setup, committed) = ready(1);
    opening(setup).execute(a_new_case(), &ChangeOptions::default()).await.unwrap();
    let change_set = the_one(&committed);
    assert_announced(&change_set, None, None);
    let webhook = Address::Webhook(crate::setup::webhooks()[0].id);
    let expected = [
        "case-received-customer john@example.com".to_owned(),
        "case-assigned-staff team@desk.example".to_owned(),
        "case-urgent-staff +491111111".to_owned(),
        "case-urgent-staff +492222222".to_owned(),
        format!("case-event {webhook}"),
    ];
    assert_eq!(announcements(&change_set), expected);
}

#[tokio::test]
async fn a_case_that_is_not_urgent_sends_no_urgent_notifications() {
    let (setup, committed) = ready(1);
    let mut request = a_new_case();
    request.urgency = Urgency::Medium;
    opening(setup).execute(request, &ChangeOptions::default()).await.unwrap();
    let change_set = the_one(&committed);
    assert_announced(&change_set, None, None);
    assert!(announcements(&change_set).iter().all(|message| !message.contains("urgent")));
}

#[tokio::test]
async fn a_storage_failure_is_reported_after_one_attempt() {
    assert_unavailable(
        &opening(failing(no_connection)).execute(a_new_case(), &ChangeOptions::default()).await,
    );

    let mut numbers = MockCaseNumbers::new();
    numbers.expect_draw().once().returning(|_| Err(no_connection()));
    let mut cases = MockCaseRepository::new();
    cases.expect_commit().never();
    let setup = Setup { numbers: Arc::new(numbers), ..a_setup(cases) };
    assert_unavailable(&opening(setup).execute(a_new_case(), &ChangeOptions::default()).await);
}

#[tokio::test(start_paused = true)]
async fn the_dispatcher_is_notified_once_for_a_case_with_notifications() {
    let listener = Listener::listen().await;
    let (setup, _) = ready(1);
    let setup = Setup { outbox_signal: listener.outbox_signal.clone(), ..setup };
    opening(setup).execute(a_new_case(), &ChangeOptions::default()).await.unwrap();
    assert_eq!(listener.notifications().await, 1);
}

#[tokio::test(start_paused = true)]
async fn the_dispatcher_is_not_notified_for_a_case_without_notifications() {
    let listener = Listener::listen().await;
    let (setup, committed) = ready(1);
    let mut matrix = NotificationMatrix::default();
    matrix.rules.remove(&EventType::Created);
    let setup = Setup { outbox_signal: listener.outbox_signal.clone(), matrix, ..setup };
    opening(setup).execute(a_new_case(), &ChangeOptions::default()).await.unwrap();
    assert!(the_one(&committed).messages.is_empty());
    assert_eq!(listener.notifications().await, 0);
}

#[tokio::test(start_paused = true)]
async fn the_dispatcher_is_not_notified_if_the_commit_fails() {
    let listener = Listener::listen().await;
    let setup = Setup { outbox_signal: listener.outbox_signal.clone(), ..failing(no_connection) };
    opening(setup).execute(a_new_case(), &ChangeOptions::default()).await.unwrap_err();
    assert_eq!(listener.notifications().await, 0);
}

#[tokio::test]
async fn every_case_has_a_unique_id() {
    let mut numbers = MockCaseNumbers::new();
    let mut next = 0;
    numbers.expect_draw().returning(move |_| {
        next += 1;
        Ok(next)
    });
    let mut cases = MockCaseRepository::new();
    cases.expect_commit().returning(|_| Ok(()));
    let open = opening(Setup { numbers: Arc::new(numbers), ..a_setup(cases) });
    let one: Case = opened(&open, a_new_case()).await;
    let other = opened(&open, a_new_case()).await;
    assert_ne!(one.facts().id, other.facts().id);
    assert_ne!(one.number(), other.number());
}
