use engage_application::{CancelCase, CaseCommand, CaseError, Proof};
use engage_domain::case::{Action, InvalidTransition};
use engage_domain::{Actor, Address, EventType, Reason, Status};
use engage_repository::StoredCase;
use engage_testkit::builders::{a_case_number, an_opened, in_status, minutes_later};

use crate::setup::{
    announcements, assert_announced, assert_follows, assert_unavailable, by_customer, changes,
    held_by, holding, holding_for_good, holding_nothing, made, out_of_reach, the_one, webhooks,
};

fn a_reason() -> Reason {
    "It works again.".parse().unwrap()
}

#[tokio::test]
async fn a_customer_cancels_a_case_and_the_assignee_is_notified() {
    let stored = held_by("ann");
    let (cases, committed) = holding(stored.clone());
    let cancel = CancelCase::new(changes(cases));
    let changed = made(cancel.execute(by_customer(1), a_reason()).await);

    let change_set = the_one(&committed);
    assert_eq!(changed.case, change_set.case);
    assert_eq!(changed.event.as_ref(), Some(&change_set.event));
    assert_follows(&change_set, &stored.case);
    assert_eq!(changed.case.status(), Status::Cancelled);
    assert_eq!(change_set.event.actor, Actor::Customer);
    assert_eq!(change_set.event.event_type(), EventType::Cancelled);
    assert_eq!(change_set.event.updates[0].message.as_str(), "It works again.");

    assert_announced(&change_set, stored.assignee.as_ref(), None);
    let expected = [
        "case-cancelled-customer john@example.com".to_owned(),
        "case-cancelled-staff ann@desk.example".to_owned(),
        format!("case-event {}", Address::Webhook(webhooks()[0].id)),
    ];
    assert_eq!(announcements(&change_set), expected);
}

#[tokio::test]
async fn a_case_that_is_not_active_is_not_cancelled() {
    let case = in_status(&an_opened(1).case, Status::Resolved, minutes_later(1)).case;
    let cases = holding_for_good(StoredCase::new(case, None));
    let outcome = CancelCase::new(changes(cases)).execute(by_customer(1), a_reason()).await;
    let Err(CaseError::Refused(refusal)) = outcome else { panic!("{outcome:?}") };
    let action = Action::Become(Status::Cancelled);
    assert_eq!(refusal, InvalidTransition { from: Status::Resolved, action }.into());
}

#[tokio::test]
async fn an_unknown_case_number_is_not_found() {
    let number = a_case_number(9);
    let outcome = CancelCase::new(changes(holding_nothing()))
        .execute(CaseCommand::by_customer(number.clone(), Proof::default()), a_reason())
        .await;
    assert!(matches!(outcome, Err(CaseError::NotFound(absent)) if absent == number));
}

#[tokio::test]
async fn unavailable_storage_is_reported() {
    let cancel = CancelCase::new(changes(out_of_reach()));
    assert_unavailable(&cancel.execute(by_customer(1), a_reason()).await);
}
