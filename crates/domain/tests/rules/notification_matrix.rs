//! The notification matrix: every cell, and the conditions that suppress a notification.

use engage_domain::event::EventSubtype;
use engage_domain::notify::{NotificationRule, PlannedMessage, Recipient, WebhookTarget};
use engage_domain::*;

use crate::audience::{CUSTOMER, World, endpoint};
use crate::support::*;

fn later() -> Timestamp {
    after(hours(1))
}

fn opened(urgency: Urgency) -> Decision {
    open_as(CustomerType::Business, urgency)
}

/// Jane's case, changed by a colleague.
fn by_bob(request: UpdateRequest) -> Decision {
    updated(&assigned_case(), request, by(&bob(), later()))
}

fn by_jane(request: UpdateRequest) -> Decision {
    updated(&assigned_case(), request, by(&jane(), later()))
}

fn handed_over() -> Decision {
    assign(&assigned_case(), give_to(&bob()), by_staff(later())).unwrap()
}

/// Jane's case, when three quarters of the time for a first response have passed.
fn overdue() -> Decision {
    assigned_case().apply_due_action(&Policies::default(), by_system(after(hours(3)))).unwrap()
}

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
fn nothing_goes_to_an_address_that_is_not_set() {
    let mut world = World::unassigned();
    world.contacts = Contacts::default();
    world.webhooks.clear();
    let escalation = escalate(&case(), later());
    assert_eq!(world.columns(&escalation).map(|column| column.len()), [1, 0, 0, 0]);
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
fn internal_events_never_reach_the_customer() {
    let mut world = World::new(Some(jane()), None);
    let everyone = |&channel: &Channel| (channel, Recipient::ALL.to_vec());
    let all = NotificationRule {
        recipients: Channel::ALL.iter().map(everyone).collect(),
        sms_from: Urgency::Low,
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

#[test]
fn an_endpoint_receives_its_event_types_or_all_if_it_names_none() {
    let mut world = World::of_jane();
    world.webhooks = vec![
        endpoint(1, &[EventType::Created, EventType::Cancelled]),
        endpoint(2, &[]),
        endpoint(3, &[EventType::Updated]),
        endpoint(4, &[EventType::Escalated, EventType::Assigned]),
    ];
    for (decision, endpoints) in [
        (opened(Urgency::Low), vec![1, 2]),
        (by_bob(internal_note()), vec![2, 3]),
        (escalate(&assigned_case(), later()), vec![2, 4]),
        (handed_over(), vec![2, 4]),
        (try_cancel(&assigned_case(), later()).unwrap(), vec![1, 2]),
    ] {
        let reached: Vec<_> = world
            .plan(&decision)
            .into_iter()
            .filter_map(|message| match message.address {
                Address::Webhook(id) => Some((message.template, id.as_u128())),
                _ => None,
            })
            .collect();
        let expected: Vec<_> = endpoints.into_iter().map(|id| (Template::CaseEvent, id)).collect();
        assert_eq!(reached, expected, "{}", decision.event.event_type());
    }
}

#[test]
fn a_disabled_channel_sends_nothing() {
    let mut world = World::of_jane();
    world.rule(EventType::Escalated).webhook = false;
    world.recipients(EventType::Escalated, Channel::Sms).clear();
    let sizes = world.columns(&escalate(&assigned_case(), later())).map(|column| column.len());
    assert_eq!(sizes, [1, 2, 0, 0]);
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
fn an_endpoint_may_subscribe_to_subtypes_of_events() {
    use EventSubtype as S;
    let resolved = by_bob(status_change(Status::Resolved));
    let answered = by_bob(public_message());
    let noted = by_bob(UpdateRequest { visibility: Visibility::Internal, ..public_message() });
    let replied = try_reply(&assigned_case(), later()).unwrap();
    let reopened = try_reply(&resolved.case, after(hours(2))).unwrap();
    for (decision, expected) in [
        (&resolved, vec![S::Resolved]),
        (&answered, vec![S::Answered]),
        (&noted, vec![S::Noted]),
        (&replied, vec![S::Replied]),
        (&reopened, vec![S::Replied, S::Reopened]),
        (&opened(Urgency::Low), vec![]),
        // The customer can read the reason, so it is a response.
        (&escalate(&assigned_case(), later()), vec![S::Answered]),
    ] {
        assert_eq!(decision.event.subtypes(), expected, "{:?}", decision.event);
        for &subtype in S::ALL {
            let wanted = WebhookTarget {
                event_types: vec![EventType::Cancelled],
                event_subtypes: vec![subtype],
                ..endpoint(1, &[])
            };
            let world = World { webhooks: vec![wanted], ..World::of_jane() };
            let is_told = world.columns(decision)[3].len() == 1;
            assert_eq!(is_told, expected.contains(&subtype), "{subtype}: {:?}", decision.event);
        }
    }
}

#[test]
fn an_endpoint_may_exclude_internal_events() {
    let target = WebhookTarget { includes_internal: false, ..endpoint(1, &[]) };
    let world = World { webhooks: vec![target], ..World::of_jane() };
    let noted = by_bob(UpdateRequest { visibility: Visibility::Internal, ..public_message() });
    assert_eq!(world.columns(&noted)[3], [""; 0]);
    assert_eq!(world.columns(&by_bob(public_message()))[3].len(), 1);
}
