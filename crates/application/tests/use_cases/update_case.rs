use std::sync::Arc;

use engage_application::{CaseCommand, CaseError, Changed, UpdateCase, UpdateCaseError};
use engage_domain::case::{Action, InvalidTransition, UpdateError};
use engage_domain::{Actor, EventType, Status, UpdateRequest, Visibility};
use engage_repository::StoredCase;
use engage_testkit::builders::{a_case_number, an_opened, cancelled, in_status, minutes_later};

use crate::setup::{
    Listener, Setup, a_colleague, a_setup, announcements, assert_announced, assert_follows,
    assert_unavailable, attachments, by_member, changes, held_by, holding, holding_for_good,
    holding_nothing, made, out_of_reach, the_one, unassigned,
};

fn a_message(visibility: Visibility) -> UpdateRequest {
    UpdateRequest {
        message: Some("Have you tried again?".parse().unwrap()),
        visibility,
        status_change: None,
        attachments: Vec::new(),
        ..UpdateRequest::default()
    }
}

fn a_status(status: Status) -> UpdateRequest {
    UpdateRequest { message: None, status_change: Some(status), ..a_message(Visibility::Public) }
}

#[tokio::test]
async fn a_public_message_is_committed_and_the_customer_notified() {
    let stored = held_by("ann");
    let (cases, committed) = holding(stored.clone());
    let eve = a_colleague("eve");
    let update = UpdateCase::new(changes(cases), attachments());
    let request = UpdateRequest {
        status_change: Some(Status::WaitingOnCustomer),
        ..a_message(Visibility::Public)
    };
    let changed = made(update.execute(by_member(1, &eve), request, &[], &eve.id).await);

    let change_set = the_one(&committed);
    assert_eq!(changed.case, change_set.case);
    assert_eq!(changed.event.as_ref(), Some(&change_set.event));
    assert_follows(&change_set, &stored.case);
    assert_eq!(changed.case.status(), Status::WaitingOnCustomer);
    assert_eq!(change_set.event.actor, Actor::Staff(eve.to_ref()));
    assert_announced(&change_set, stored.assignee.as_ref(), None);
    let messages = announcements(&change_set);
    assert_eq!(messages[0], "case-updated-customer john@example.com");
    assert_eq!(messages[1], "case-updated-staff ann@desk.example");
}

#[tokio::test]
async fn an_internal_message_never_reaches_the_customer() {
    let stored = held_by("ann");
    let (cases, committed) = holding(stored.clone());
    let ann = stored.assignee.unwrap();
    let update = UpdateCase::new(changes(cases), attachments());
    let request = a_message(Visibility::Internal);
    update.execute(by_member(1, &ann), request, &[], &ann.id).await.unwrap();

    let change_set = the_one(&committed);
    assert_eq!(change_set.event.visibility, Visibility::Internal);
    assert_announced(&change_set, Some(&ann), None);
    let messages = announcements(&change_set);
    assert!(messages.iter().all(|message| !message.contains("john@example.com")));
    assert_eq!(messages[0], "case-updated-staff team@desk.example");
}

#[tokio::test]
async fn returning_a_case_to_the_queue_notifies_the_previous_assignee() {
    let stored = held_by("ann");
    let (cases, committed) = holding(stored.clone());
    let update = UpdateCase::new(changes(cases), attachments());
    let eve = a_colleague("eve");
    let request = a_status(Status::Open);
    let changed = made(update.execute(by_member(1, &eve), request, &[], &eve.id).await);

    assert_eq!(changed.case.facts().assignee(), None);
    let change_set = the_one(&committed);
    assert_eq!(change_set.event.event_type(), EventType::Assigned);
    assert_announced(&change_set, None, stored.assignee.as_ref());
    assert_eq!(announcements(&change_set)[0], "case-reassigned-staff ann@desk.example");
}

#[tokio::test(start_paused = true)]
async fn a_change_without_effect_is_not_committed() {
    let listener = Listener::listen().await;
    let case = in_status(&an_opened(1).case, Status::OnHold, minutes_later(1)).case;
    let cases = holding_for_good(StoredCase::new(case.clone(), None));
    let setup = Setup { outbox_signal: listener.outbox_signal.clone(), ..a_setup(cases) };
    let update = UpdateCase::new(Arc::new(setup.changes()), attachments());
    let eve = a_colleague("eve");
    let outcome = update.execute(by_member(1, &eve), a_status(Status::OnHold), &[], &eve.id).await;
    assert_eq!(made(outcome), Changed { case, event: None });
    assert_eq!(listener.notifications().await, 0);
}

#[tokio::test(start_paused = true)]
async fn the_dispatcher_is_notified_once_for_a_change_with_notifications() {
    let listener = Listener::listen().await;
    let (cases, _) = holding(unassigned());
    let setup = Setup { outbox_signal: listener.outbox_signal.clone(), ..a_setup(cases) };
    let update = UpdateCase::new(Arc::new(setup.changes()), attachments());
    let eve = a_colleague("eve");
    update.execute(by_member(1, &eve), a_message(Visibility::Public), &[], &eve.id).await.unwrap();
    assert_eq!(listener.notifications().await, 1);
}

#[tokio::test]
async fn a_refused_change_is_not_committed() {
    let opened = an_opened(1).case;
    let finished = cancelled(&opened, minutes_later(1)).case;
    let invalid = |from, action| UpdateError::from(InvalidTransition { from, action });
    let nothing = UpdateRequest { message: None, ..a_message(Visibility::Public) };
    for (case, request, expected) in [
        (opened.clone(), nothing, UpdateError::Empty),
        (opened, a_status(Status::Closed), invalid(Status::Open, Action::Become(Status::Closed))),
        (
            finished,
            a_message(Visibility::Public),
            invalid(Status::Cancelled, Action::WriteToCustomer),
        ),
    ] {
        let cases = holding_for_good(StoredCase::new(case, None));
        let update = UpdateCase::new(changes(cases), attachments());
        let eve = a_colleague("eve");
        let outcome = update.execute(by_member(1, &eve), request, &[], &eve.id).await;
        let Err(CaseError::Refused(refusal)) = outcome else { panic!("{outcome:?}") };
        assert_eq!(refusal, UpdateCaseError::Update(expected));
    }
}

#[tokio::test]
async fn an_unknown_case_number_is_not_found() {
    let update = UpdateCase::new(changes(holding_nothing()), attachments());
    let (number, eve) = (a_case_number(9), a_colleague("eve"));
    let outcome = update
        .execute(
            CaseCommand::by_staff(number.clone(), eve.to_ref()),
            a_message(Visibility::Public),
            &[],
            &eve.id,
        )
        .await;
    assert!(matches!(outcome, Err(CaseError::NotFound(absent)) if absent == number));
}

#[tokio::test]
async fn unavailable_storage_is_reported() {
    let update = UpdateCase::new(changes(out_of_reach()), attachments());
    let eve = a_colleague("eve");
    let request = a_message(Visibility::Public);
    assert_unavailable(&update.execute(by_member(1, &eve), request, &[], &eve.id).await);
}
