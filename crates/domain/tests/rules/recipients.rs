//! Recipients of notifications, and those who are left out.

use engage_domain::notify::{NotificationRule, PlannedMessage, Recipient};
use engage_domain::*;

use crate::audience::{CUSTOMER, World, by_bob, by_jane, endpoint, handed_over, later, overdue};
use crate::support::*;

#[test]
fn nothing_goes_to_an_address_that_is_not_set() {
    let mut world = World::unassigned();
    world.contacts = Contacts::default();
    world.webhooks.clear();
    let escalation = escalate(&case(), later());
    assert_eq!(world.columns(&escalation).map(|column| column.len()), [1, 0, 0, 0]);
}

#[test]
fn an_assignee_without_a_telephone_gets_no_text_message() {
    let world = World::new(None, Some(floater()));
    let case = assign(&case(), give_to(&floater()), by_staff(opening())).unwrap().case;
    assert_eq!(world.sms(&escalate(&case, later())).len(), 2);
}

#[test]
fn the_team_is_notified_if_there_is_no_assignee_or_the_assignee_acted() {
    let unassigned = case_that_is(Status::InProgress);
    let at = after(hours(2));
    for (template, by_other, by_jane, for_nobody) in [
        (
            "case-updated-staff",
            by_bob(public_message()),
            by_jane(public_message()),
            updated(&unassigned, public_message(), by_staff(at)),
        ),
        (
            "case-escalated-staff",
            try_escalate(&assigned_case(), None, by(&bob(), at)).unwrap(),
            escalate(&assigned_case(), at),
            escalate(&unassigned, at),
        ),
        (
            "case-cancelled-staff",
            by_bob(status_change(Status::Cancelled)),
            by_jane(status_change(Status::Cancelled)),
            try_cancel(&unassigned, at).unwrap(),
        ),
    ] {
        let first = |world: World, decision| world.to_staff(decision)[0].clone();
        assert_eq!(first(World::of_jane(), &by_other), format!("{template} jane@desk.example"));
        let team = format!("{template} team@desk.example");
        assert_eq!(first(World::of_jane(), &by_jane), team);
        assert_eq!(first(World::unassigned(), &for_nobody), team);
    }
}

#[test]
fn an_address_receives_a_template_once() {
    let mut world = World::unassigned();
    world.recipients(EventType::Updated, Channel::Email).push(Recipient::Team);
    world.recipients(EventType::Updated, Channel::Email).push(Recipient::Operations);
    world.contacts.operations = Some(text("TEAM@Desk.example"));
    let note = updated(&case(), internal_note(), by_staff(later()));
    assert_eq!(world.to_staff(&note), ["case-updated-staff team@desk.example"]);

    let mut world = World::of_jane();
    world.contacts.on_call = vec![text("+15550000001"), text("+1 555 000 0001")];
    world.webhooks = vec![endpoint(1, &[]), endpoint(1, &[EventType::Escalated])];
    let escalation = escalate(&assigned_case(), later());
    assert_eq!(world.sms(&escalation), ["case-escalated-staff +15550000001"]);
    assert_eq!(world.columns(&escalation)[3].len(), 1);
}

#[test]
fn the_other_recipients_can_be_named_too() {
    let mut world = World::new(Some(jane()), Some(bob()));
    *world.recipients(EventType::Assigned, Channel::Email) =
        vec![Recipient::Operations, Recipient::OnCall];
    *world.recipients(EventType::Assigned, Channel::Sms) =
        vec![Recipient::PreviousAssignee, Recipient::Customer];
    let expected = [
        vec![],
        vec!["case-assigned-staff ops@desk.example"],
        vec!["case-reassigned-staff +15550000001", "case-assigned-customer +15559999999"],
    ];
    assert_eq!(world.columns(&handed_over())[..3], expected);
}

#[test]
fn an_address_is_read_back_from_its_text() {
    for message in World::of_jane().plan(&escalate(&assigned_case(), later())) {
        let (channel, written) = (message.address.channel(), message.address.to_string());
        assert_eq!(Address::parse(channel, &written), Some(message.address));
    }
    assert_eq!(Address::parse(Channel::Sms, CUSTOMER), None);
    assert_eq!(Address::parse(Channel::Webhook, CUSTOMER), None);
    assert_eq!(Address::parse(Channel::Email, "+15551111111"), None);
}

#[test]
fn a_recipient_in_several_roles_receives_one_mail_per_event() {
    let mut world = World::of_jane();
    let jane = "Jane@Desk.Example";
    world.contacts.team = Some(text(jane));
    world.contacts.management = Some(text(jane));
    let escalated = escalate(&assigned_case(), later());
    assert_eq!(world.to_staff(&escalated), ["case-escalated-staff Jane@Desk.Example"]);
    *world.recipients(EventType::Escalated, Channel::Email) =
        vec![Recipient::Management, Recipient::Team, Recipient::Assignee, Recipient::Operations];
    assert_eq!(
        world.to_staff(&escalated),
        ["case-escalated-management Jane@Desk.Example", "case-escalated-staff ops@desk.example"]
    );
    // The customer's mail is separate, even if the team has the same address.
    world.contacts.team = Some(text(CUSTOMER));
    world.contacts.management = None;
    *world.recipients(EventType::Escalated, Channel::Email) =
        vec![Recipient::Customer, Recipient::Team];
    assert_eq!(world.to_customer(&escalated).len(), 2);
}

#[test]
fn internal_events_never_reach_the_customer() {
    let mut world = World::new(Some(jane()), None);
    let everyone = |&channel: &Channel| (channel, Recipient::ALL.to_vec());
    let all = NotificationRule {
        recipients: Channel::ALL.iter().map(everyone).collect(),
        sms_from: Urgency::Low,
        sms_requires_entitlement: false,
        webhook: true,
    };
    let rule = |&event_type: &EventType| (event_type, all.clone());
    world.policy = NotificationMatrix { rules: EventType::ALL.iter().map(rule).collect() };
    let silently = |status| UpdateRequest { status_change: Some(status), ..internal_note() };
    let notes = AssignRequest { notes: Some(text("Between us.")), ..give_to(&jane()) };
    let wordless =
        UpdateRequest { visibility: Visibility::Internal, ..status_change(Status::Open) };
    for decision in [
        by_bob(internal_note()),
        by_bob(silently(Status::OnHold)),
        by_bob(silently(Status::Open)),
        by_bob(silently(Status::Cancelled)),
        by_bob(wordless),
        assign(&assigned_case(), notes, by_staff(later())).unwrap(),
        assign(&assigned_case(), take_back(), by_staff(later())).unwrap(),
        corrected(&assigned_case(), to_urgency(Urgency::Low), later()),
        overdue(),
    ] {
        let plan = world.plan(&decision);
        assert!(plan.len() > 4, "others are told");
        for PlannedMessage { address, .. } in plan {
            let reached = [CUSTOMER, "+15559999999"].contains(&address.to_string().as_str());
            assert!(!reached, "{:?}", decision.event);
        }
    }
    let told = world.plan(&by_bob(public_message()));
    assert!(told.iter().any(|message| message.address == Address::Phone(text("+15559999999"))));
}
