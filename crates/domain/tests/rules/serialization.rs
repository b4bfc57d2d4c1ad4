//! Serialization of values for the API and the stores, and rejection of invalid input.

use engage_domain::case::Escalation;
use engage_domain::event::{Change, RedactedPart};
use engage_domain::notify::Recipient;
use engage_domain::priority::PriorityBreakdown;
use engage_domain::sla::{ServiceAlert, SlaTimerKind, SlaTimerState};
use engage_domain::*;
use serde_json::{Value, from_value, json, to_value};

use crate::support::*;

/// A case with every property set.
fn full_case() -> Case {
    let case = updated(&assigned_case(), public_message(), by_staff(after(hours(1)))).case;
    let held = become_(&case, Status::OnHold, after(hours(2)));
    try_escalate(&held, None, by_customer(after(hours(3)))).unwrap().case
}

#[test]
fn the_facts_of_a_case_are_spelled_as_the_api_does() {
    let expected = json!({
        "id": "case_00000000000000000000000001",
        "number": "CW-2025-001",
        "version": 5,
        "customer": {
            "name": "John Doe",
            "email": "john@example.com",
            "organization": "Example Inc.",
            "phone": "+15559999999",
            "customerType": "BUSINESS",
        },
        "project": "Website",
        "subject": "Unable to access dashboard",
        "message": "It says 403.",
        "firstMessageBy": "CUSTOMER",
        "source": "API",
        "issueType": "TECHNICAL",
        "urgency": "CRITICAL",
        "status": "IN_PROGRESS",
        "statusSince": "2025-01-27T13:00:00.000Z",
        "escalationLevel": 1,
        "customerEscalatedAt": "2025-01-27T13:00:00.000Z",
        "countedReplies": null,
        "customerFileBytes": 0,
        "customerProvenAt": null,
        "entitlement": "CLAIMED",
        "claimedCustomerType": null,
        "slaTargets": null,
        "priorityScore": 93,
        "assignment": { "assignedTo": "jane", "assignedAt": "2025-01-27T10:00:00.000Z" },
        "department": "Technical Support",
        "createdAt": "2025-01-27T10:00:00.000Z",
        "lastActivity": "2025-01-27T13:00:00.000Z",
        "lastUpdated": "2025-01-27T13:00:00.000Z",
        "firstResponse": "2025-01-27T11:00:00.000Z",
        "firstResponseEndedAt": null,
        "firstResponseDue": "2025-01-27T14:00:00.000Z",
        "estimatedResolution": "2025-01-27T21:00:00.000Z",
        "pausedSeconds": 3600,
        "firstResponseAlert": null,
        "resolutionAlert": null,
        // 10 h from 10:00, with a pause of an hour: three quarters are 7:30 h.
        "nextActionAt": "2025-01-27T18:30:00.000Z",
        "participants": [],
        "tags": [],
    });
    assert_eq!(to_value(full_case().facts()).unwrap(), expected);
}

#[test]
fn the_facts_of_a_case_are_read_back_as_they_were() {
    let stages = Status::ALL.iter().map(|&status| case_that_is(status));
    for case in stages.chain([full_case(), assigned_case()]) {
        let written = serde_json::to_string(case.facts()).unwrap();
        let read: CaseFacts = serde_json::from_str(&written).unwrap();
        assert_eq!(&read, case.facts());
    }
}

#[test]
fn an_unset_property_may_be_omitted() {
    let mut written = to_value(case().facts()).unwrap();
    let properties = written.as_object_mut().unwrap();
    properties.retain(|_, value| !value.is_null());
    assert!(!properties.contains_key("assignment"));
    assert_eq!(&from_value::<CaseFacts>(written).unwrap(), case().facts());
}

#[test]
fn an_invalid_value_is_refused_on_deserialization() {
    let facts = to_value(full_case().facts()).unwrap();
    let long = |length| json!("x".repeat(length));
    for (pointer, least_or_most, beyond) in [
        ("/version", json!(1), json!(0)),
        ("/version", json!(u32::MAX), json!(-1)),
        ("/escalationLevel", json!(3), json!(4)),
        ("/escalationLevel", json!(0), json!(null)),
        ("/priorityScore", json!(100), json!(101)),
        ("/priorityScore", json!(0), json!(256)),
        ("/status", json!("CLOSED"), json!("DONE")),
        ("/urgency", json!("LOW"), json!("")),
        ("/issueType", json!("BILLING"), json!(["BILLING"])),
        ("/customer/customerType", json!("FREE"), json!("PREMIUM")),
        ("/customer/name", long(200), long(201)),
        ("/customer/email", json!("a@b.c"), json!("nobody")),
        ("/customer/phone", json!("+1234567"), json!("1234567")),
        ("/customer/organization", long(200), json!("two\nlines")),
        ("/project", long(200), long(201)),
        ("/subject", long(200), long(201)),
        ("/message", long(20_000), long(20_001)),
        ("/department", long(100), long(101)),
        ("/subject", json!("x"), json!(" ")),
        ("/number", json!("CW-2025-1000"), json!("CW-2025-01")),
        ("/id", json!("case_00000000000000000000000002"), json!("evt_00000000000000000000000002")),
        ("/createdAt", json!("1970-01-01T00:00:00.000Z"), json!("yesterday")),
        ("/assignment/assignedTo", json!("x"), json!("Jane Smith")),
        ("/pausedSeconds", json!(0), json!(-1)),
    ] {
        let with = |value: Value| {
            let mut facts = facts.clone();
            *facts.pointer_mut(pointer).unwrap() = value;
            from_value::<CaseFacts>(facts)
        };
        assert!(with(least_or_most.clone()).is_ok(), "{pointer}: {least_or_most}");
        assert!(with(beyond.clone()).is_err(), "{pointer}: {beyond}");
    }
}

#[test]
fn enumeration_values_are_read_in_any_case_and_written_in_one() {
    for word in ["waiting_on_customer", "Waiting_On_Customer", "WAITING_ON_CUSTOMER"] {
        let status: Status = from_value(json!(word)).unwrap();
        assert_eq!(to_value(status).unwrap(), json!("WAITING_ON_CUSTOMER"));
    }
    assert!(from_value::<Status>(json!("WAITING ON CUSTOMER")).is_err());
}

#[test]
fn enumerations_are_spelled_as_the_api_does() {
    assert_eq!(
        to_value(Status::ALL).unwrap(),
        json!([
            "OPEN",
            "IN_PROGRESS",
            "WAITING_ON_CUSTOMER",
            "ON_HOLD",
            "RESOLVED",
            "CLOSED",
            "CANCELLED"
        ])
    );
    assert_eq!(to_value(Urgency::ALL).unwrap(), json!(["LOW", "MEDIUM", "HIGH", "CRITICAL"]));
    assert_eq!(to_value(CustomerType::ALL).unwrap(), json!(["FREE", "BUSINESS", "ENTERPRISE"]));
    assert_eq!(to_value(IssueType::ALL).unwrap(), json!(["TECHNICAL", "BILLING", "GENERAL"]));
    assert_eq!(to_value(Role::ALL).unwrap(), json!(["SERVICE", "AGENT", "SUPERVISOR", "ADMIN"]));
    assert_eq!(to_value(Visibility::ALL).unwrap(), json!(["PUBLIC", "INTERNAL"]));
    assert_eq!(to_value(SlaTimerKind::ALL).unwrap(), json!(["FIRST_RESPONSE", "RESOLUTION"]));
    assert_eq!(to_value(ServiceAlert::ALL).unwrap(), json!(["WARNING", "BREACH"]));
    assert_eq!(
        to_value(SlaTimerState::ALL).unwrap(),
        json!(["PENDING", "WARNING", "BREACHED", "MET", "PAUSED", "CANCELLED"])
    );
    assert_eq!(to_value(Channel::ALL).unwrap(), json!(["EMAIL", "SMS", "WEBHOOK"]));
    assert_eq!(
        to_value(EventType::ALL).unwrap(),
        json!([
            "case.created",
            "case.updated",
            "case.escalated",
            "case.assigned",
            "case.cancelled",
            "case.overdue",
            "case.erased"
        ])
    );
    assert_eq!(
        to_value(Recipient::ALL).unwrap(),
        json!([
            "customer",
            "participants",
            "assignee",
            "previous_assignee",
            "team",
            "management",
            "operations",
            "on_call"
        ])
    );
}

#[test]
fn an_actor_names_its_kind() {
    for (actor, written) in [
        (Actor::Customer, json!({ "kind": "CUSTOMER" })),
        (Actor::System, json!({ "kind": "SYSTEM" })),
        (
            Actor::Staff(jane().to_ref()),
            json!({ "kind": "STAFF", "id": "jane", "name": "Jane Smith" }),
        ),
    ] {
        assert_eq!(to_value(&actor).unwrap(), written);
        assert_eq!(from_value::<Actor>(written).unwrap(), actor);
    }
    assert!(from_value::<Actor>(json!({ "kind": "STAFF" })).is_err());
}

#[test]
fn an_escalation_is_spelled_as_the_api_does_and_read_back() {
    let decision = escalate(&case(), after(hours(1)));
    let EventKind::Escalated(escalation) = decision.event.kind else { panic!("an escalation") };
    let written = json!({
        "timestamp": "2025-01-27T11:00:00.000Z",
        "reason": "Everybody is blocked.",
        "by": { "kind": "STAFF", "id": "jane", "name": "Jane Smith" },
        "level": 1,
        "previousUrgency": "HIGH",
        "newUrgency": "CRITICAL",
    });
    assert_eq!(to_value(&escalation).unwrap(), written);
    assert_eq!(from_value::<Escalation>(written).unwrap(), escalation);
}

#[test]
fn an_update_with_its_attachments_is_read_back() {
    let request = UpdateRequest { attachments: vec![attachment()], ..public_message() };
    let event = updated(&case(), request, by_staff(after(hours(1)))).event;
    let written = json!({
        "id": "upd_00000000000000000000000001",
        "timestamp": "2025-01-27T11:00:00.000Z",
        "author": { "kind": "STAFF", "id": "jane", "name": "Jane Smith" },
        "personId": null,
        "source": "STAFF",
        "visibility": "PUBLIC",
        "message": "We are looking into it.",
        "attachments": [{
            "id": "att_00000000000000000000000003",
            "filename": "log.txt",
            "contentType": "text/plain",
            "size": 11,
            "hash": "ab".repeat(32),
        }],
    });
    assert_eq!(to_value(&event.updates[0]).unwrap(), written);
    assert_eq!(from_value::<Update>(written).unwrap(), event.updates[0]);
}

#[test]
fn a_change_names_its_property_and_both_values() {
    let escalated = escalate(&assigned_case(), after(hours(1))).event;
    let back = updated(&assigned_case(), status_change(Status::Open), by_staff(opening())).event;
    let answered = updated(&case(), public_message(), by_staff(opening())).event;
    let every_property = CorrectRequest {
        urgency: Some(Urgency::Low),
        issue_type: Some(IssueType::General),
        customer_type: Some(CustomerType::Free),
        name: Some(text("Jon Doe")),
        email: Some(Some(text("jon@example.com"))),
        phone: Some(Some(text("+15550100911"))),
        organization: Some(Some(text("Initech"))),
        project: Some(Some(text("Payroll"))),
        subject: Some(text("No access")),
        tags: Some(tag::Tags::new([text("VIP")]).unwrap()),
    };
    let corrected = corrected(&case(), every_property, opening()).event;
    let redacted = redacted(&case(), RedactedPart::UpdateId(UpdateId::from_u128(5))).event;
    let given = assign(&case(), give_to(&bob()), by_staff(opening())).unwrap().event;
    let late = |at| case().apply_due_action(&Policies::default(), by_system(at)).unwrap();
    let (warned, breached) = (late(after(hours(3))).case, late(after(hours(50))).case);
    let resolution = breached.apply_due_action(&Policies::default(), by_system(after(hours(50))));
    let (resolution, first_response) = (resolution.unwrap().event, late(after(hours(3))).event);
    assert_eq!(warned.facts().first_response_alert, Some(ServiceAlert::Warning));
    let events =
        [&escalated, &back, &answered, &corrected, &given, &first_response, &resolution, &redacted];
    let changes: Vec<_> = events.into_iter().flat_map(|event| event.changes.clone()).collect();
    let written = to_value(&changes).unwrap();
    assert_eq!(from_value::<Vec<Change>>(written.clone()).unwrap(), changes);
    for expected in [
        json!({ "field": "status", "from": "IN_PROGRESS", "to": "OPEN" }),
        json!({ "field": "urgency", "from": "HIGH", "to": "CRITICAL" }),
        json!({ "field": "customerType", "from": "BUSINESS", "to": "FREE" }),
        json!({ "field": "issueType", "from": "TECHNICAL", "to": "GENERAL" }),
        json!({ "field": "escalationLevel", "from": 0, "to": 1 }),
        json!({ "field": "name", "from": "John Doe", "to": "Jon Doe" }),
        json!({ "field": "email", "from": "john@example.com", "to": "jon@example.com" }),
        json!({ "field": "phone", "from": "+15559999999", "to": "+15550100911" }),
        json!({ "field": "organization", "from": "Example Inc.", "to": "Initech" }),
        json!({ "field": "clientOrProjectName", "from": "Website", "to": "Payroll" }),
        json!({ "field": "subject", "from": "Unable to access dashboard", "to": "No access" }),
        json!({
            "field": "redaction",
            "from": null,
            "to": { "updateId": UpdateId::from_u128(5), "quotes": [] },
        }),
        json!({ "field": "firstResponseAlert", "from": null, "to": "WARNING" }),
        json!({ "field": "resolutionAlert", "from": null, "to": "BREACH" }),
        json!({ "field": "priorityScore", "from": 85, "to": 93 }),
        json!({ "field": "assignedTo", "from": "jane", "to": null }),
        json!({ "field": "department", "from": null, "to": "Billing" }),
        json!({ "field": "firstResponse", "from": null, "to": "2025-01-27T10:00:00.000Z" }),
        json!({
            "field": "firstResponseDue",
            "from": "2025-01-27T14:00:00.000Z",
            "to": "2025-01-27T12:00:00.000Z",
        }),
        json!({
            "field": "estimatedResolution",
            "from": "2025-01-29T10:00:00.000Z",
            "to": "2025-01-27T19:00:00.000Z",
        }),
    ] {
        assert!(written.as_array().unwrap().contains(&expected), "{expected}");
    }
}

#[test]
fn a_breakdown_lists_every_factor() {
    let breakdown = Policies::default().explain_priority(full_case().facts());
    let written = json!({ "urgency": 70, "customerType": 13, "issueType": 8, "escalation": 2 });
    assert_eq!(to_value(breakdown).unwrap(), written);
    assert_eq!(from_value::<PriorityBreakdown>(written).unwrap(), breakdown);
}

#[test]
fn a_staff_member_is_read_back() {
    for member in [jane(), floater(), inactive()] {
        assert_eq!(from_value::<StaffMember>(to_value(&member).unwrap()).unwrap(), member);
    }
}
