//! Changes that lose races against other processes.

use std::sync::Arc;
use std::time::Duration;

use engage_application::{CaseError, EscalateCase, UpdateCase};
use engage_domain::case::{Action, EscalateError, InvalidTransition};
use engage_domain::{Actor, EscalateRequest, Status, UpdateRequest, Visibility};
use engage_repository::{MockCaseRepository, RepositoryError, StoredCase, UniqueConstraint};
use engage_testkit::builders::{a_case_number, an_opened, by, cancelled, minutes_later, written};
use mockall::Sequence;
use tokio::time::Instant;

use crate::setup::{
    Listener, Setup, a_colleague, a_setup, announcements, assert_announced, attachments,
    by_customer, by_member, changes, held_by, made, no_connection, unassigned,
};

fn a_request() -> EscalateRequest {
    EscalateRequest { reason: "Production is down.".parse().unwrap(), new_urgency: None }
}

fn expect_read(cases: &mut MockCaseRepository, story: &mut Sequence, stored: Option<StoredCase>) {
    let read = cases.expect_find_case().once().in_sequence(story);
    read.returning(move |_| Ok(stored.clone()));
}

fn expect_lost_race(cases: &mut MockCaseRepository, story: &mut Sequence) {
    let commit = cases.expect_commit().once().in_sequence(story);
    commit.returning(|_| Err(RepositoryError::Conflict));
}

#[tokio::test(start_paused = true)]
async fn a_change_that_lost_a_race_reads_and_decides_again() {
    let before = held_by("ann");
    let ben = a_colleague("ben");
    let reassigned =
        engage_testkit::builders::assigned(&before.case, Some(&ben), by(&ben), minutes_later(2));
    let after = StoredCase::new(reassigned.case.clone(), Some(ben.clone()));

    let mut cases = MockCaseRepository::new();
    let mut story = Sequence::new();
    expect_read(&mut cases, &mut story, Some(before));
    expect_lost_race(&mut cases, &mut story);
    expect_read(&mut cases, &mut story, Some(after));
    let base = reassigned.case.version();
    cases
        .expect_commit()
        .once()
        .in_sequence(&mut story)
        .withf(move |change_set| {
            assert_eq!(change_set.base_version(), Some(base));
            assert_announced(change_set, Some(&ben), None);
            let messages = announcements(change_set).join("\n");
            assert!(messages.contains("ben@") && !messages.contains("ann@"), "{messages}");
            true
        })
        .returning(|_| Ok(()));
    let listener = Listener::listen().await;
    let setup = Setup { outbox_signal: listener.outbox_signal.clone(), ..a_setup(cases) };
    let escalate = EscalateCase::new(Arc::new(setup.changes()));
    let changed = made(escalate.execute(by_customer(1), a_request()).await);
    assert_eq!(changed.case.version(), base.next());
    assert_eq!(changed.event.unwrap().sequence, base.next());
    assert_eq!(listener.notifications().await, 1);
}

#[tokio::test(start_paused = true)]
async fn after_a_lost_race_the_change_may_be_refused_or_the_case_missing() {
    let opened = unassigned();
    let given_up = cancelled(&opened.case, minutes_later(1)).case;
    let given_up = StoredCase::new(given_up, None);
    let refusal = EscalateError::InvalidTransition(InvalidTransition {
        from: Status::Cancelled,
        action: Action::Escalate,
    });
    for second in [Some(given_up), None] {
        let mut cases = MockCaseRepository::new();
        let mut story = Sequence::new();
        expect_read(&mut cases, &mut story, Some(opened.clone()));
        expect_lost_race(&mut cases, &mut story);
        expect_read(&mut cases, &mut story, second.clone());
        let escalate = EscalateCase::new(changes(cases));
        let outcome = escalate.execute(by_customer(1), a_request()).await;
        match (second, outcome) {
            (Some(_), Err(CaseError::Refused(reason))) => assert_eq!(reason, refusal),
            (None, Err(CaseError::NotFound(number))) => assert_eq!(number, a_case_number(1)),
            (_, outcome) => panic!("{outcome:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn losing_a_race_to_the_same_change_leaves_nothing_to_do() {
    let opened = unassigned();
    let eve = a_colleague("eve");
    let request = UpdateRequest {
        message: None,
        visibility: Visibility::Public,
        status_change: Some(Status::OnHold),
        attachments: Vec::new(),
        ..UpdateRequest::default()
    };
    let done = engage_testkit::builders::in_status(&opened.case, Status::OnHold, minutes_later(1));
    let mut cases = MockCaseRepository::new();
    let mut story = Sequence::new();
    expect_read(&mut cases, &mut story, Some(opened));
    expect_lost_race(&mut cases, &mut story);
    let after = StoredCase::new(done.case.clone(), None);
    expect_read(&mut cases, &mut story, Some(after));
    let update = UpdateCase::new(changes(cases), attachments());
    let changed = made(update.execute(by_member(1, &eve), request, &[], &eve.id).await);
    assert_eq!((changed.case, changed.event), (done.case, None));
}

#[tokio::test(start_paused = true)]
async fn a_race_that_was_lost_many_times_can_still_be_won() {
    let mut case = an_opened(1).case;
    let mut cases = MockCaseRepository::new();
    let mut story = Sequence::new();
    for minute in 1..=6 {
        expect_read(&mut cases, &mut story, Some(StoredCase::new(case.clone(), None)));
        expect_lost_race(&mut cases, &mut story);
        case = written(&case, "Faster", Visibility::Internal, Actor::System, minutes_later(minute))
            .case;
    }
    expect_read(&mut cases, &mut story, Some(StoredCase::new(case.clone(), None)));
    cases.expect_commit().once().in_sequence(&mut story).returning(|_| Ok(()));
    let escalate = EscalateCase::new(changes(cases));
    let changed = made(escalate.execute(by_customer(1), a_request()).await);
    assert_eq!(changed.case.version(), case.version().next());
}

#[tokio::test(start_paused = true)]
async fn a_change_that_loses_every_race_fails_as_busy_at_the_deadline() {
    let stored = unassigned();
    let mut cases = MockCaseRepository::new();
    cases.expect_find_case().times(5..1000).returning(move |_| Ok(Some(stored.clone())));
    cases.expect_commit().times(5..1000).returning(|_| Err(RepositoryError::Conflict));
    let patience = Duration::from_secs(3);
    let listener = Listener::listen().await;
    let setup = Setup { patience, outbox_signal: listener.outbox_signal.clone(), ..a_setup(cases) };
    let escalate = EscalateCase::new(Arc::new(setup.changes()));

    let began = Instant::now();
    let outcome = escalate.execute(by_customer(1), a_request()).await;
    let took = began.elapsed();
    assert!(matches!(outcome, Err(CaseError::Busy)), "{outcome:?}");
    assert!(took <= patience && took > patience / 2, "{took:?}");
    assert_eq!(listener.notifications().await, 0);
}

#[tokio::test]
async fn failures_other_than_a_lost_race_are_reported_immediately() {
    for failure in [
        no_connection as fn() -> RepositoryError,
        || RepositoryError::internal("a defect"),
        || RepositoryError::Duplicate { constraint: UniqueConstraint::CaseNumber },
    ] {
        let mut cases = MockCaseRepository::new();
        let mut story = Sequence::new();
        expect_read(&mut cases, &mut story, Some(unassigned()));
        cases.expect_commit().once().in_sequence(&mut story).returning(move |_| Err(failure()));
        let escalate = EscalateCase::new(changes(cases));
        let outcome = escalate.execute(by_customer(1), a_request()).await;
        let Err(CaseError::Repository(error)) = outcome else { panic!("{outcome:?}") };
        assert_eq!(error.to_string(), failure().to_string());
    }
}
