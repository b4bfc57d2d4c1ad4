//! Assigning cases to people and departments, and removing their assignee.

use engage_domain::case::{Action, AssignError, Assignment, InvalidTransition};
use engage_domain::event::Change;
use engage_domain::*;

use crate::support::*;

fn assignment(member: &StaffMember, at: Timestamp) -> Assignment {
    Assignment { assigned_to: member.id.clone(), assigned_at: at }
}

fn texts(event: &Event) -> Vec<(&Actor, Visibility, &str)> {
    let entries = event.updates.iter();
    entries.map(|entry| (&entry.author, entry.visibility, entry.message.as_str())).collect()
}

#[test]
fn assigning_an_open_case_starts_it() {
    let at = after(hours(1));
    let Decision { case, event } = assign(&case(), give_to(&jane()), by_staff(at)).unwrap();
    assert_eq!(case.status(), Status::InProgress);
    assert_eq!(case.facts().status_since, at);
    assert_eq!(case.facts().assignment, Some(assignment(&jane(), at)));
    assert_eq!((event.event_type(), event.visibility), (EventType::Assigned, Visibility::Public));
    let expected = [
        Change::Status { from: Status::Open, to: Status::InProgress },
        Change::AssignedTo { from: None, to: Some(jane().id) },
        Change::Department { from: None, to: Some(text("Technical Support")) },
    ];
    assert_eq!(event.changes, expected);
    assert_eq!(case.facts().last_updated, at);
}

#[test]
fn assigning_a_case_in_any_other_status_leaves_the_status() {
    for status in [Status::InProgress, Status::WaitingOnCustomer, Status::OnHold, Status::Resolved]
    {
        let case = case_that_is(status);
        let decision = assign(&case, give_to(&jane()), by_staff(after(hours(2)))).unwrap();
        assert_eq!(decision.case.status(), status);
        assert_eq!(decision.case.facts().status_since, after(hours(1)));
        assert_eq!(decision.event.event_type(), EventType::Assigned);
    }
}

#[test]
fn a_finished_case_cannot_be_assigned_or_unassigned() {
    for from in [Status::Closed, Status::Cancelled] {
        for request in [give_to(&jane()), take_back()] {
            let refusal = InvalidTransition { from, action: Action::Assign };
            let outcome = try_assign(&case_that_is(from), request, by_staff(after(hours(2))));
            assert_eq!(outcome, Err(AssignError::InvalidTransition(refusal)));
        }
    }
}

#[test]
fn a_case_cannot_be_assigned_to_an_inactive_staff_member() {
    let outcome = try_assign(&case(), give_to(&inactive()), by_staff(opening()));
    assert_eq!(outcome, Err(AssignError::InactiveStaff(inactive().id)));
}

#[test]
fn assigning_to_the_current_assignee_changes_nothing() {
    let case = assigned_case();
    assert_eq!(assign(&case, give_to(&jane()), by_staff(after(hours(1)))), None);
    let same_department =
        AssignRequest { department: Some(text("Technical Support")), ..give_to(&jane()) };
    assert_eq!(assign(&case, same_department, by_staff(after(hours(1)))), None);
}

#[test]
fn unassigning_an_unassigned_case_changes_nothing() {
    assert_eq!(assign(&case(), take_back(), by_staff(after(hours(1)))), None);
}

#[test]
fn assigning_to_the_same_member_again_keeps_the_current_department() {
    let request = AssignRequest { department: Some(text("Night Shift")), ..give_to(&jane()) };
    let moved = assign(&assigned_case(), request, by_staff(after(hours(1)))).unwrap().case;
    assert_eq!(assign(&moved, give_to(&jane()), by_staff(after(hours(2)))), None);
}

#[test]
fn notes_alone_become_an_internal_update() {
    let request = AssignRequest { notes: Some(text("Mind the firewall.")), ..give_to(&jane()) };
    let case = assigned_case();
    let Decision { case: noted, event } =
        assign(&case, request, by_staff(after(hours(1)))).unwrap();
    assert_eq!((event.event_type(), event.visibility), (EventType::Updated, Visibility::Internal));
    assert_eq!(event.changes, []);
    let author = Actor::Staff(jane().to_ref());
    assert_eq!(texts(&event), [(&author, Visibility::Internal, "Mind the firewall.")]);
    assert_eq!(noted.facts().assignment, case.facts().assignment);
    assert_eq!(noted.facts().last_updated, opening());
}

#[test]
fn notes_on_an_assignment_are_internal_and_the_department_is_public() {
    let request = AssignRequest { notes: Some(text("Mind the firewall.")), ..give_to(&jane()) };
    let event = assign(&case(), request, by(&bob(), after(hours(1)))).unwrap().event;
    let bob = Actor::Staff(bob().to_ref());
    let expected = [
        (&Actor::System, Visibility::Public, "Case assigned to Technical Support"),
        (&bob, Visibility::Internal, "Mind the firewall."),
    ];
    assert_eq!(texts(&event), expected);
    assert_ne!(event.updates[0].id, event.updates[1].id);
    assert_eq!(event.actor, bob);
}

#[test]
fn a_new_assignee_brings_their_department() {
    let decision = assign(&assigned_case(), give_to(&bob()), by_staff(after(hours(1)))).unwrap();
    assert_eq!(decision.case.facts().assignment, Some(assignment(&bob(), after(hours(1)))));
    let expected = [
        Change::AssignedTo { from: Some(jane().id), to: Some(bob().id) },
        Change::Department { from: Some(text("Technical Support")), to: Some(text("Billing")) },
    ];
    assert_eq!(decision.event.changes, expected);
    assert_eq!(
        decision.event.public_update().unwrap().message.as_str(),
        "Case assigned to Billing"
    );
}

#[test]
fn a_requested_department_takes_precedence_over_the_assignees_own() {
    let request = AssignRequest { department: Some(text("Night Shift")), ..give_to(&jane()) };
    let decision = assign(&case(), request, by_staff(after(hours(1)))).unwrap();
    assert_eq!(decision.case.facts().department, Some(text("Night Shift")));
    let update = decision.event.public_update().unwrap();
    assert_eq!(update.message.as_str(), "Case assigned to Night Shift");
}

#[test]
fn a_new_assignee_without_a_department_keeps_the_current_one() {
    let case = assign(&assigned_case(), give_to(&floater()), by_staff(after(hours(1)))).unwrap();
    assert_eq!(case.case.facts().department, Some(text("Technical Support")));
    let update = case.event.public_update().unwrap();
    assert_eq!(update.message.as_str(), "Case assigned to Technical Support");
}

#[test]
fn without_any_department_the_public_update_names_the_support_team() {
    let decision = assign(&case(), give_to(&floater()), by_staff(after(hours(1)))).unwrap();
    assert_eq!(decision.case.facts().department, None);
    let update = decision.event.public_update().unwrap();
    assert_eq!(update.message.as_str(), "Case assigned to our support team");
}

#[test]
fn a_new_department_is_a_change_even_if_the_assignee_stays() {
    let case = assigned_case();
    let request = AssignRequest { department: Some(text("Night Shift")), ..give_to(&jane()) };
    let Decision { case: moved, event } =
        assign(&case, request, by_staff(after(hours(1)))).unwrap();
    assert_eq!((event.event_type(), event.visibility), (EventType::Assigned, Visibility::Public));
    let expected =
        Change::Department { from: Some(text("Technical Support")), to: Some(text("Night Shift")) };
    assert_eq!(event.changes, [expected]);
    assert_eq!(event.assignee_change(), None);
    assert_eq!(moved.facts().assignment, case.facts().assignment);
}

#[test]
fn an_open_case_assigned_only_to_a_department_stays_open() {
    let request = AssignRequest { department: Some(text("Billing")), ..take_back() };
    let Decision { case, event } = assign(&case(), request, by_staff(after(hours(1)))).unwrap();
    assert_eq!((case.status(), &case.facts().assignment), (Status::Open, &None));
    assert_eq!(case.facts().department, Some(text("Billing")));
    assert_eq!(event.event_type(), EventType::Assigned);
    assert_eq!(event.public_update().unwrap().message.as_str(), "Case assigned to Billing");
}

#[test]
fn unassigning_keeps_status_and_department_and_is_internal() {
    let Decision { case, event } =
        assign(&assigned_case(), take_back(), by_staff(after(hours(1)))).unwrap();
    assert_eq!((case.status(), &case.facts().assignment), (Status::InProgress, &None));
    assert_eq!(case.facts().department, Some(text("Technical Support")));
    assert_eq!((event.event_type(), event.visibility), (EventType::Assigned, Visibility::Internal));
    assert_eq!(event.changes, [Change::AssignedTo { from: Some(jane().id), to: None }]);
    assert_eq!(event.public_update(), None);
}

#[test]
fn notes_on_an_unassigned_case_are_an_update() {
    let request = AssignRequest { notes: Some(text("Who wants it?")), ..take_back() };
    let decision = assign(&case(), request, by_staff(after(hours(1)))).unwrap();
    assert_eq!(decision.event.event_type(), EventType::Updated);
    assert_eq!(decision.case.status(), Status::Open);
    assert_eq!(decision.event.updates.len(), 1);
}
