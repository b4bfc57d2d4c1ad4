//! Updates by staff: messages, files and changes of the status.

use engage_domain::Status::{Closed, InProgress, Open, Resolved, WaitingOnCustomer};
use engage_domain::case::{ReplyError, UpdateError};
use engage_domain::event::Change;
use engage_domain::*;

use crate::support::*;

#[test]
fn a_message_with_the_current_status_is_only_a_message() {
    for &status in Status::ALL {
        let case = case_that_is(status);
        let request = UpdateRequest { status_change: Some(status), ..internal_note() };
        let decision = updated(&case, request, by_staff(after(hours(2))));
        assert_eq!(decision.event.event_type(), EventType::Updated);
        assert_eq!(decision.event.changes, []);
        assert_eq!(decision.case.facts().status_since, case.facts().status_since);
    }
}

#[test]
fn a_message_without_a_status_change_keeps_the_status() {
    let decision = updated(&assigned_case(), internal_note(), by_staff(after(hours(1))));
    let before = assigned_case().into_facts();
    assert_eq!(decision.event.changes, []);
    let [update] = &decision.event.updates[..] else { panic!("one entry is written") };
    assert_eq!(update.author, Actor::Staff(jane().to_ref()));
    assert_eq!((update.id, update.timestamp), (UpdateId::from_u128(1), after(hours(1))));
    assert_eq!(update.message.as_str(), "We are looking into it.");
    let expected = CaseFacts {
        version: before.version.next(),
        last_activity: after(hours(1)),
        ..before.clone()
    };
    assert_eq!(decision.case.facts(), &expected);
}

#[test]
fn a_message_and_a_status_change_make_one_event() {
    let request = UpdateRequest {
        status_change: Some(WaitingOnCustomer),
        attachments: vec![attachment()],
        ..public_message()
    };
    let decision = updated(&assigned_case(), request, by_staff(after(hours(1))));
    assert_eq!(decision.case.status(), WaitingOnCustomer);
    assert_eq!(decision.case.version().get(), 3);
    let [update] = &decision.event.updates[..] else { panic!("one entry is written") };
    assert_eq!(
        (update.visibility, &update.attachments[..]),
        (Visibility::Public, &[attachment()][..])
    );
}

#[test]
fn a_status_change_without_a_message_gets_a_generated_text() {
    for visibility in [Visibility::Public, Visibility::Internal] {
        let request = UpdateRequest { visibility, ..status_change(WaitingOnCustomer) };
        let event = updated(&case(), request, by_staff(after(hours(1)))).event;
        let [update] = &event.updates[..] else { panic!("one entry is written") };
        assert_eq!(update.message.as_str(), "Status changed to Waiting on customer");
        assert_eq!((&update.author, update.visibility), (&Actor::System, visibility));
        assert_eq!((event.actor, event.visibility), (Actor::Staff(jane().to_ref()), visibility));
    }
}

#[test]
fn an_empty_update_is_refused() {
    let nothing = UpdateRequest { message: None, ..public_message() };
    assert_eq!(update(&case(), nothing.clone(), by_staff(opening())), Err(UpdateError::Empty));
    let nothing = ReplyRequest { message: None, attachments: vec![] };
    let refused = case().reply(nothing, &Policies::default(), by_customer(opening()));
    assert_eq!(refused, Err(ReplyError::Empty));
}

#[test]
fn files_need_no_message() {
    for (count, words) in [(1, "Sent a file"), (2, "Sent 2 files"), (10, "Sent 10 files")] {
        let attachments = vec![attachment(); count];
        let reply = ReplyRequest { message: None, attachments: attachments.clone() };
        let replied = case().reply(reply, &Policies::default(), by_customer(opening())).unwrap();
        let request =
            UpdateRequest { message: None, attachments: attachments.clone(), ..public_message() };
        let updated = updated(&case(), request, by_staff(opening()));
        assert_eq!(updated.case.facts().first_response, Some(opening()));
        for event in [replied.event, updated.event] {
            let [update] = &event.updates[..] else { panic!("one entry is written") };
            assert_eq!((update.message.as_str(), &update.attachments), (words, &attachments));
            assert_eq!(update.author, event.actor);
        }
    }
}

#[test]
fn a_message_may_close_a_case() {
    let request = UpdateRequest { status_change: Some(Closed), ..public_message() };
    let decision = updated(&case_that_is(Resolved), request, by_staff(after(hours(2))));
    assert_eq!(decision.case.status(), Closed);
    assert!(decision.event.public_update().is_some());
}

#[test]
fn an_assigned_case_sent_back_to_the_queue_loses_its_assignee_and_keeps_its_department() {
    let Decision { case, event } =
        updated(&assigned_case(), status_change(Open), by_staff(after(hours(1))));
    assert_eq!(case.status(), Open);
    assert_eq!(case.facts().assignment, None);
    assert_eq!(case.facts().department, Some(text("Technical Support")));
    assert_eq!(event.event_type(), EventType::Assigned);
    assert_eq!(event.assignee_change(), Some((Some(&jane().id), None)));
    let expected = [
        Change::Status { from: InProgress, to: Open },
        Change::AssignedTo { from: Some(jane().id), to: None },
    ];
    assert_eq!(event.changes, expected);
}

#[test]
fn an_unassigned_case_sent_back_to_the_queue_is_merely_updated() {
    let event = updated(&case_that_is(InProgress), status_change(Open), by_staff(after(hours(2))));
    assert_eq!(event.event.event_type(), EventType::Updated);
    assert_eq!(event.event.assignee_change(), None);
}
