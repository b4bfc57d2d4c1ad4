//! Status transitions, the actors that make them, and the history they leave.

use engage_domain::Status::{
    Cancelled, Closed, InProgress, OnHold, Open, Resolved, WaitingOnCustomer,
};
use engage_domain::case::{Action, InvalidTransition, UpdateError};
use engage_domain::event::Change;
use engage_domain::*;

use crate::support::*;

const LIFECYCLE: [(Status, &[Status]); 7] = [
    (Open, &[InProgress, WaitingOnCustomer, OnHold, Resolved, Cancelled]),
    (InProgress, &[Open, WaitingOnCustomer, OnHold, Resolved, Cancelled]),
    (WaitingOnCustomer, &[InProgress, OnHold, Resolved, Cancelled]),
    (OnHold, &[InProgress, WaitingOnCustomer, Resolved, Cancelled]),
    (Resolved, &[InProgress, Closed]),
    (Closed, &[]),
    (Cancelled, &[]),
];

#[test]
fn exactly_the_transitions_of_the_lifecycle_are_legal() {
    for (from, successors) in LIFECYCLE {
        let case = case_that_is(from);
        for &to in Status::ALL.iter().filter(|&&to| to != from) {
            let outcome = update(&case, status_change(to), by_staff(after(hours(2))));
            if successors.contains(&to) {
                let decision = outcome.unwrap().unwrap();
                assert_eq!(decision.case.status(), to);
                assert_eq!(decision.case.facts().status_since, after(hours(2)));
                assert!(decision.event.changes.contains(&Change::Status { from, to }));
            } else {
                let refusal = InvalidTransition { from, action: Action::Become(to) };
                assert_eq!(outcome, Err(UpdateError::InvalidTransition(refusal)), "{from} {to}");
                assert_eq!((refusal.to(), refusal.allowed()), (Some(to), successors));
            }
        }
    }
}

#[test]
fn a_change_to_the_current_status_changes_nothing_and_is_no_error() {
    for &status in Status::ALL {
        let case = case_that_is(status);
        let outcome = update(&case, status_change(status), by_staff(after(hours(2))));
        assert_eq!(outcome, Ok(None), "{status}");
    }
}

#[test]
fn a_finished_case_accepts_only_internal_notes() {
    for status in [Closed, Cancelled] {
        let case = case_that_is(status);
        let at = after(hours(2));
        let refused = |action| InvalidTransition { from: status, action };
        assert_eq!(updated(&case, internal_note(), by_staff(at)).case.status(), status);
        assert_eq!(
            update(&case, public_message(), by_staff(at)),
            Err(refused(Action::WriteToCustomer).into())
        );
        assert_eq!(try_reply(&case, at), Err(refused(Action::Reply).into()));
        assert_eq!(try_escalate(&case, None, by_staff(at)), Err(refused(Action::Escalate).into()));
        let request = AssignRequest { notes: Some(text("Have a look.")), ..give_to(&jane()) };
        assert_eq!(try_assign(&case, request, by_staff(at)), Err(refused(Action::Assign).into()));
        assert_eq!(
            try_correct(&case, to_urgency(Urgency::Low), at),
            Err(refused(Action::Correct).into())
        );
        assert_eq!(try_cancel(&case, at), Err(refused(Action::Become(Cancelled)).into()));
    }
}

#[test]
fn a_resolved_case_accepts_messages_assignments_and_corrections() {
    let case = case_that_is(Resolved);
    let at = after(hours(2));
    assert_eq!(updated(&case, public_message(), by_staff(at)).case.status(), Resolved);
    assert_eq!(assign(&case, give_to(&jane()), by_staff(at)).unwrap().case.status(), Resolved);
    assert_eq!(corrected(&case, to_urgency(Urgency::Low), at).case.status(), Resolved);
}

#[test]
fn the_customer_may_cancel_exactly_the_active_cases() {
    for (status, legal) in [
        (Open, true),
        (InProgress, true),
        (WaitingOnCustomer, true),
        (OnHold, true),
        (Resolved, false),
        (Closed, false),
        (Cancelled, false),
    ] {
        let outcome = try_cancel(&case_that_is(status), after(hours(2)));
        if !legal {
            let refusal = InvalidTransition { from: status, action: Action::Become(Cancelled) };
            assert_eq!(outcome, Err(refusal.into()));
            continue;
        }
        let Decision { case, event } = outcome.unwrap();
        assert_eq!((case.status(), event.event_type()), (Cancelled, EventType::Cancelled));
        assert!(event.changes.contains(&Change::Status { from: status, to: Cancelled }));
        let update = event.public_update().unwrap();
        assert_eq!(update.message.as_str(), "Solved it myself.");
        assert_eq!(update.author, Actor::Customer);
    }
}

#[test]
fn a_cancellation_by_staff_is_a_cancellation_too() {
    let request = UpdateRequest { status_change: Some(Cancelled), ..public_message() };
    let event = updated(&assigned_case(), request, by_staff(after(hours(1)))).event;
    assert_eq!(event.event_type(), EventType::Cancelled);
    let note = updated(&case_that_is(Cancelled), internal_note(), by_staff(after(hours(2)))).event;
    assert_eq!(note.event_type(), EventType::Updated);
}

#[test]
fn every_change_makes_one_event_whose_sequence_number_is_the_new_version() {
    let opened = open_as(CustomerType::Free, Urgency::Low);
    let mut history = vec![opened.event];
    let mut case = opened.case;
    let mut keep = |decision: Decision| {
        assert_eq!(decision.case.version(), decision.event.sequence);
        history.push(decision.event);
        decision.case
    };
    case = keep(assign(&case, give_to(&jane()), by_staff(after(hours(1)))).unwrap());
    case = keep(updated(&case, status_change(WaitingOnCustomer), by_staff(after(hours(2)))));
    case = keep(try_reply(&case, after(hours(3))).unwrap());
    case = keep(escalate(&case, after(hours(4))));
    case = keep(corrected(&case, to_urgency(Urgency::Low), after(hours(5))));
    case = keep(updated(&case, internal_note(), by_system(after(hours(6)))));
    keep(try_cancel(&case, after(hours(7))).unwrap());

    let jane = || Actor::Staff(jane().to_ref());
    let expected = [
        (EventType::Created, Actor::Customer),
        (EventType::Assigned, jane()),
        (EventType::Updated, jane()),
        (EventType::Updated, Actor::Customer),
        (EventType::Escalated, jane()),
        (EventType::Updated, jane()),
        (EventType::Updated, Actor::System),
        (EventType::Cancelled, Actor::Customer),
    ];
    for (index, (event, (kind, actor))) in (0_u32..).zip(history.iter().zip(expected)) {
        assert_eq!((event.sequence.get(), event.event_type()), (index + 1, kind));
        assert_eq!(event.actor, actor);
        assert_eq!(event.timestamp, after(hours(index.into())));
        assert_eq!((event.id, event.case_id), (EventId::from_u128(7), CaseId::from_u128(1)));
    }
}

#[test]
fn only_changes_that_the_customer_sees_move_last_updated() {
    let seen = |case: &Case| (case.facts().last_activity, case.facts().last_updated);
    let noted = updated(&case(), internal_note(), by_staff(after(hours(1)))).case;
    assert_eq!(seen(&noted), (after(hours(1)), opening()));
    let answered = updated(&noted, public_message(), by_staff(after(hours(2)))).case;
    assert_eq!(seen(&answered), (after(hours(2)), after(hours(2))));
    // A status change beside an internal note is visible to the customer.
    let request = UpdateRequest { status_change: Some(OnHold), ..internal_note() };
    let held = updated(&answered, request, by_staff(after(hours(3)))).case;
    assert_eq!(seen(&held), (after(hours(3)), after(hours(3))));
    let closed = become_(&become_(&held, Resolved, after(hours(4))), Closed, after(hours(5)));
    let noted = updated(&closed, internal_note(), by_staff(after(hours(6)))).case;
    assert_eq!(seen(&noted), (after(hours(6)), after(hours(5))));
}

#[test]
fn the_original_case_stays_unchanged() {
    let case = assigned_case();
    let untouched = case.clone();
    let moved = become_(&case, Resolved, after(hours(1)));
    assert_ne!(moved, case);
    assert_eq!(case, untouched);
    assert_eq!(Case::from_facts(case.clone().into_facts()), case);
}
