//! The notification matrix: every row, and the settings that change it.

use engage_domain::notify::Recipient;
use engage_domain::*;

use crate::audience::{World, by_bob, by_jane, handed_over, later, opened, overdue};
use crate::support::*;

/// Checks one row of the matrix: mail to the customer, mail to staff and text messages. Webhooks
/// are called for every event.
#[track_caller]
fn assert_told(world: &World, decision: &Decision, expected: [&[&str]; 3]) {
    let columns = world.columns(decision);
    assert_eq!(columns[..3], expected);
    assert_eq!(columns[3], ["case-event whk_00000000000000000000000001"]);
}

const RECEIVED: &[&str] = &["case-received-customer john@example.com"];
const NEW_TO_TEAM: &[&str] = &["case-assigned-staff team@desk.example"];
const NEWS: &[&str] = &["case-updated-customer john@example.com"];
const NEWS_TO_JANE: &[&str] = &["case-updated-staff jane@desk.example"];
const NEWS_TO_TEAM: &[&str] = &["case-updated-staff team@desk.example"];

#[test]
fn the_matrix_row_of_a_created_case_is_as_documented() {
    let world = World::unassigned();
    for urgency in [Urgency::Low, Urgency::Medium] {
        assert_told(&world, &opened(urgency), [RECEIVED, NEW_TO_TEAM, &[]]);
    }
    let texts = &["case-urgent-staff +15551111111", "case-urgent-staff +15552222222"];
    for urgency in [Urgency::High, Urgency::Critical] {
        assert_told(&world, &opened(urgency), [RECEIVED, NEW_TO_TEAM, texts]);
    }
}

#[test]
fn the_matrix_row_of_an_updated_case_is_as_documented() {
    let world = World::of_jane();
    let corrected = corrected(&assigned_case(), to_urgency(Urgency::Low), later());
    let replied = try_reply(&assigned_case(), later()).unwrap();
    assert_told(&world, &by_bob(public_message()), [NEWS, NEWS_TO_JANE, &[]]);
    assert_told(&world, &by_bob(status_change(Status::Resolved)), [NEWS, NEWS_TO_JANE, &[]]);
    assert_told(&world, &by_bob(internal_note()), [&[], NEWS_TO_JANE, &[]]);
    assert_told(&world, &corrected, [&[], NEWS_TO_TEAM, &[]]);
    assert_told(&world, &replied, [&[], NEWS_TO_JANE, &[]]);
}

#[test]
fn the_matrix_row_of_an_escalated_case_is_as_documented() {
    let escalated = try_escalate(&assigned_case(), None, by_customer(later())).unwrap();
    let customer = &["case-escalated-customer john@example.com"];
    let staff =
        &["case-escalated-staff jane@desk.example", "case-escalated-management boss@desk.example"];
    let texts = &[
        "case-escalated-staff +15551111111",
        "case-escalated-staff +15552222222",
        "case-escalated-staff +15550000001",
    ];
    assert_told(&World::of_jane(), &escalated, [customer, staff, texts]);
}

#[test]
fn the_matrix_row_of_an_assigned_case_is_as_documented() {
    let first = assign(&case(), give_to(&jane()), by(&bob(), later())).unwrap();
    let to_jane = &["case-assigned-staff jane@desk.example"];
    assert_told(&World::new(None, Some(jane())), &first, [&[], to_jane, &[]]);
    let both = &["case-assigned-staff bob@desk.example", "case-reassigned-staff jane@desk.example"];
    assert_told(&World::new(Some(jane()), Some(bob())), &handed_over(), [&[], both, &[]]);
    let taken_back = assign(&assigned_case(), take_back(), by(&bob(), later())).unwrap();
    let from_jane = &["case-reassigned-staff jane@desk.example"];
    assert_told(&World::new(Some(jane()), None), &taken_back, [&[], from_jane, &[]]);
}

#[test]
fn the_matrix_row_of_a_cancelled_case_is_as_documented() {
    let customer = &["case-cancelled-customer john@example.com"];
    let by_customer = try_cancel(&assigned_case(), later()).unwrap();
    let jane = &["case-cancelled-staff jane@desk.example"];
    assert_told(&World::of_jane(), &by_customer, [customer, jane, &[]]);
    let by_assignee = by_jane(status_change(Status::Cancelled));
    let team = &["case-cancelled-staff team@desk.example"];
    assert_told(&World::of_jane(), &by_assignee, [customer, team, &[]]);
}

#[test]
fn the_lowest_urgency_for_text_messages_about_opened_cases_can_be_replaced() {
    let mut world = World::unassigned();
    world.rule(EventType::Created).sms_from = Urgency::Medium;
    assert_eq!(world.sms(&opened(Urgency::Low)), [""; 0]);
    assert_eq!(world.sms(&opened(Urgency::Medium)).len(), 2);
}

#[test]
fn an_escalation_sends_text_messages_at_any_urgency() {
    let case = case_of(CustomerType::Free, Urgency::Low);
    let same = try_escalate(&case, Some(Urgency::Low), by_customer(later())).unwrap();
    assert_eq!(World::unassigned().sms(&same).len(), 2);
}

#[test]
fn an_escalation_at_the_highest_level_still_notifies() {
    let case = (1..=3).fold(assigned_case(), |case, hour| escalate(&case, after(hours(hour))).case);
    let fourth = escalate(&case, after(hours(4)));
    assert_eq!(World::of_jane().sms(&fourth).len(), 3);
    assert_eq!(World::of_jane().plan(&fourth).len(), 7);
}

#[test]
fn a_new_department_alone_notifies_only_webhooks() {
    let request = AssignRequest { department: Some(text("Night Shift")), ..give_to(&jane()) };
    let decision = assign(&assigned_case(), request, by_staff(later())).unwrap();
    assert_eq!(World::of_jane().columns(&decision).map(|column| column.len()), [0, 0, 0, 1]);
}

#[test]
fn the_customer_is_notified_of_an_assignment_if_enabled() {
    let mut world = World::new(Some(jane()), Some(bob()));
    world.recipients(EventType::Assigned, Channel::Email).push(Recipient::Customer);
    assert_eq!(world.to_customer(&handed_over()), ["case-assigned-customer john@example.com"]);
    let taken_back = assign(&assigned_case(), take_back(), by_staff(later())).unwrap();
    assert_eq!(world.to_customer(&taken_back), [""; 0]);
}

#[test]
fn a_public_message_that_sends_a_case_back_to_the_queue_still_reaches_the_customer() {
    let mut world = World::new(Some(jane()), None);
    let back = |request| by_jane(UpdateRequest { status_change: Some(Status::Open), ..request });
    let told = back(public_message());
    assert_eq!(told.event.event_type(), EventType::Assigned);
    assert_eq!(world.to_customer(&told), ["case-updated-customer john@example.com"]);
    assert_eq!(world.to_staff(&told), ["case-reassigned-staff jane@desk.example"]);
    assert_eq!(world.to_customer(&back(internal_note())), [""; 0]);
    world
        .recipients(EventType::Updated, Channel::Email)
        .retain(|&recipient| recipient != Recipient::Customer);
    assert_eq!(world.to_customer(&told), [""; 0]);
}

#[test]
fn the_matrix_row_of_an_overdue_case_is_as_documented() {
    let to_jane = &["case-overdue-staff jane@desk.example"];
    assert_told(&World::of_jane(), &overdue(), [&[], to_jane, &[]]);
    let to_team = &["case-overdue-staff team@desk.example"];
    assert_told(&World::unassigned(), &overdue(), [&[], to_team, &[]]);
    let mut loud = World::of_jane();
    *loud.recipients(EventType::Overdue, Channel::Sms) = vec![Recipient::OnCall];
    let texts = &["case-overdue-staff +15551111111", "case-overdue-staff +15552222222"];
    assert_told(&loud, &overdue(), [&[], to_jane, texts]);
}

#[test]
fn an_automatic_closing_notifies_only_webhooks() {
    let resolved = become_(&assigned_case(), Status::Resolved, after(hours(1)));
    let stamp = by_system(after(days(30)));
    let answered = updated(&resolved, public_message(), by_staff(after(hours(2)))).case;
    let closed = answered.apply_due_action(&Policies::default(), stamp).unwrap();
    assert_eq!(closed.case.status(), Status::Closed);
    assert_told(&World::of_jane(), &closed, [&[], &[], &[]]);
    // People are notified if a staff member closes the case.
    let by_bob = updated(&resolved, status_change(Status::Closed), by(&bob(), after(hours(2))));
    assert_told(&World::of_jane(), &by_bob, [NEWS, NEWS_TO_JANE, &[]]);
}

#[test]
fn a_disabled_channel_sends_nothing() {
    let mut world = World::of_jane();
    world.rule(EventType::Escalated).webhook = false;
    world.recipients(EventType::Escalated, Channel::Sms).clear();
    let sizes = world.columns(&escalate(&assigned_case(), later())).map(|column| column.len());
    assert_eq!(sizes, [1, 2, 0, 0]);
}
