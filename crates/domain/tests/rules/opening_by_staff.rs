//! Cases that staff open for customers.

use engage_domain::case::{OpenByStaffError, WrongActor};
use engage_domain::event::{Change, EventSubtype};
use engage_domain::notify::Recipient;
use engage_domain::sla::{SlaTimerKind, SlaTimerState};
use engage_domain::*;

use crate::audience::World;
use crate::support::*;

fn request() -> StaffOpenRequest {
    StaffOpenRequest::new(new_case())
}

fn try_open(request: StaffOpenRequest, stamp: Stamp) -> Result<Decision, OpenByStaffError> {
    let (id, number) = (CaseId::from_u128(1), text("CW-2025-001"));
    Case::open_by_staff(id, number, request, &Policies::default(), stamp)
}

/// Returns the decision of Jane to open a case.
fn opened(request: StaffOpenRequest) -> Decision {
    try_open(request, by_staff(opening())).unwrap()
}

#[test]
fn a_case_opened_by_staff_is_that_of_its_customer_but_for_its_source_and_actor() {
    let theirs = case().into_facts();
    let Decision { case, event } = opened(request());
    let expected = CaseFacts { source: Source::Staff, ..theirs };
    assert_eq!(case.facts(), &expected);
    assert_eq!((event.event_type(), event.sequence), (EventType::Created, Version::FIRST));
    assert_eq!(event.actor, Actor::Staff(jane().to_ref()));
    assert_eq!(event.visibility, Visibility::Public);
    assert_eq!((event.changes, event.updates), (vec![], vec![]));
}

#[test]
fn a_customer_opens_no_case_for_others() {
    let refusal = try_open(request(), by_customer(opening()));
    assert_eq!(refusal, Err(OpenByStaffError::WrongActor(WrongActor::NotStaff)));
}

#[test]
fn a_first_message_by_staff_is_the_first_response_unless_they_say_otherwise() {
    let by_staff = || request().with_message_by_staff();
    for (request, first_response) in [
        (request(), None),
        (request().with_responded(true), Some(opening())),
        (by_staff(), Some(opening())),
        (by_staff().with_responded(false), None),
    ] {
        let Decision { case, event } = opened(request);
        assert_eq!(case.facts().first_response, first_response);
        let timers = Policies::default().sla.timers(case.facts(), after(hours(1)));
        let state = timers.first_response.state;
        let is_met = state == SlaTimerState::Met;
        assert_eq!(is_met, first_response.is_some(), "{state}");
        let change = Change::FirstResponse { from: None, to: first_response };
        assert_eq!(event.changes.contains(&change), first_response.is_some());
    }
    assert_eq!(opened(by_staff()).case.facts().first_message_by, FirstMessageBy::Staff);
}

#[test]
fn a_case_with_a_first_response_is_next_due_for_its_resolution() {
    let answered = opened(request().with_responded(true)).case;
    let policies = Policies::default();
    assert_eq!(answered.facts().next_action_at, policies.next_action_at(answered.facts()));
    assert!(answered.facts().next_action_at > opened(request()).case.facts().next_action_at);
    let due = answered.apply_due_action(&policies, by_system(after(days(3)))).unwrap();
    let overdue = due.event.kind.overdue().map(|overdue| overdue.clock);
    assert_eq!(overdue, Some(SlaTimerKind::Resolution));
}

#[test]
fn a_first_assignee_starts_the_case_in_their_department() {
    let Decision { case, event } = opened(request().with_assignee(&jane()));
    let facts = case.facts();
    assert_eq!((facts.status, facts.status_since), (Status::InProgress, opening()));
    assert_eq!(facts.assignee(), Some(&jane().id));
    assert_eq!(facts.department, jane().department);
    let expected = [
        Change::Status { from: Status::Open, to: Status::InProgress },
        Change::AssignedTo { from: None, to: Some(jane().id) },
        Change::Department { from: None, to: jane().department },
    ];
    assert_eq!(event.changes, expected);
    let [update] = &event.updates[..] else { panic!("one entry is written") };
    assert_eq!(update.message.as_str(), "Case assigned to Technical Support");
    assert_eq!((&update.author, update.source), (&Actor::System, Source::Api));
    assert_eq!((update.visibility, update.timestamp), (Visibility::Public, opening()));
}

#[test]
fn a_department_alone_leaves_the_case_open() {
    let Decision { case, event } = opened(request().with_department(text("Billing")));
    assert_eq!((case.status(), case.facts().assignee()), (Status::Open, None));
    assert_eq!(case.facts().department, Some(text("Billing")));
    assert_eq!(event.updates[0].message.as_str(), "Case assigned to Billing");
    let both = request().with_assignee(&jane()).with_department(text("Billing"));
    assert_eq!(opened(both).case.facts().department, Some(text("Billing")));
}

#[test]
fn a_case_is_not_assigned_to_a_member_who_has_left() {
    let refusal = try_open(request().with_assignee(&inactive()), by_staff(opening()));
    assert_eq!(refusal, Err(OpenByStaffError::InactiveStaff(inactive().id)));
}

#[test]
fn files_of_staff_do_not_count_towards_those_of_the_customer() {
    let opening = new_case().with_attachments(vec![attachment()]);
    let request = StaffOpenRequest::new(opening).with_assignee(&floater());
    let Decision { case, event } = opened(request);
    assert_eq!(case.facts().customer_file_bytes, 0);
    let [files, assigned] = &event.updates[..] else { panic!("two entries are written") };
    assert_eq!(files.attachments, [attachment()]);
    assert_eq!((&files.author, files.source), (&Actor::Staff(jane().to_ref()), Source::Staff));
    assert_eq!(assigned.message.as_str(), "Case assigned to our support team");
    assert_ne!(files.id, assigned.id);
    assert_eq!(event.subtypes(), [EventSubtype::Answered]);
}

#[test]
fn the_customer_is_told_that_staff_opened_a_case_for_them_unless_they_are_left_out() {
    let world = World::unassigned();
    let told = world.columns(&opened(request()));
    assert_eq!(told[0], ["case-opened-customer john@example.com"]);
    assert_eq!(told[1], ["case-assigned-staff team@desk.example"]);
    assert_eq!(told[2], ["case-urgent-staff +15551111111", "case-urgent-staff +15552222222"]);
    let decision = opened(request());
    let audience = Audience::new(&world.contacts).without_customer();
    let planned = world.policy.plan(&decision.event, decision.case.facts(), &audience);
    assert!(planned.iter().all(|message| !message.template.is_for_customer()), "{planned:?}");
    assert!(!planned.is_empty());
}

fn by_phone() -> Customer {
    Customer::by_phone(text("John Doe"), text("+15550100911"))
}

#[test]
fn a_customer_without_an_address_is_not_written_to() {
    let world = World::unassigned();
    let opening = OpenRequest { customer: by_phone(), ..new_case() };
    let decision = opened(StaffOpenRequest::new(opening));
    assert_eq!(decision.case.facts().customer.email, None);
    assert_eq!(world.to_customer(&decision), [""; 0]);
    assert_eq!(world.to_staff(&decision), ["case-assigned-staff team@desk.example"]);

    let case = decision.case;
    let answered = updated(&case, public_message(), by_staff(after(hours(1))));
    let addresses: Vec<_> = world.plan(&answered).into_iter().map(|told| told.template).collect();
    assert!(addresses.iter().all(|template| !template.is_for_customer()), "{addresses:?}");
    let given = assign(&case, give_to(&bob()), by_staff(after(hours(1)))).unwrap();
    assert!(world.plan(&given).iter().all(|told| !told.template.is_for_customer()));
    let erased = case.erase(&Policies::default(), by_staff(after(hours(1))));
    assert_eq!(erased.case.facts().customer.email, Some(EmailAddress::erased()));
}

#[test]
fn a_case_is_not_opened_for_a_customer_who_cannot_be_reached() {
    let nobody = Customer { phone: None, ..by_phone() };
    let opening = OpenRequest { customer: nobody, ..new_case() };
    let refusal = try_open(StaffOpenRequest::new(opening), by_staff(self::opening()));
    assert_eq!(refusal, Err(OpenByStaffError::NoContact));
}

#[test]
fn the_first_assignee_is_told_as_of_an_assignment() {
    let decision = opened(request().with_assignee(&bob()));
    let mut world = World::new(None, Some(bob()));
    let to_bob = "case-assigned-staff bob@desk.example";
    assert_eq!(world.to_staff(&decision), ["case-assigned-staff team@desk.example", to_bob]);
    assert!(!world.sms(&decision).contains(&"case-assigned-staff +15550000002".to_owned()));
    world.recipients(EventType::Assigned, Channel::Email).clear();
    assert_eq!(world.to_staff(&decision), ["case-assigned-staff team@desk.example"]);
    // A case that its customer opened has no assignee yet.
    let theirs = open_as(CustomerType::Business, Urgency::Low);
    let world = World::new(None, Some(bob()));
    assert_eq!(world.to_staff(&theirs), ["case-assigned-staff team@desk.example"]);
}

#[test]
fn the_first_assignee_gets_text_messages_of_assignments_if_they_are_switched_on() {
    let low = new_case().with_urgency(Urgency::Low);
    let decision = opened(StaffOpenRequest::new(low).with_assignee(&bob()));
    let mut world = World::new(None, Some(bob()));
    assert_eq!(world.sms(&decision), [""; 0]);
    let texts = world.recipients(EventType::Assigned, Channel::Sms);
    texts.push(Recipient::Assignee);
    assert_eq!(world.sms(&decision), ["case-assigned-staff +15550000002"]);
    world.rule(EventType::Assigned).sms_from = Urgency::High;
    assert_eq!(world.sms(&decision), [""; 0]);
}
