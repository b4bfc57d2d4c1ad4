use engage_domain::event::Change;
use engage_domain::sla::{ServiceAlert, SlaTimerKind};
use engage_domain::{CustomerType, FirstMessageBy, Urgency};

use super::page::words;
use super::*;

#[test]
fn times_are_in_the_time_zone_of_the_brand() {
    let brand =
        Brand { time_zone: jiff::tz::TimeZone::get("Europe/Berlin").unwrap(), ..northwind() };
    let template = Template::CaseReceivedCustomer;
    let content = Templates::new(brand)
        .render_email(template, &sample(template), &CustomerAccess::default())
        .unwrap();
    assert!(content.text.contains("29 January 2025, 11:00 CET"), "{}", content.text);
}

#[test]
fn an_enterprise_has_the_right_article() {
    for template in [Template::CaseEscalatedManagement, Template::CaseUrgentStaff] {
        let mut snapshot = sample(template);
        snapshot.data.case.customer_info.customer_type = CustomerType::Enterprise;
        let said = match template {
            Template::CaseUrgentStaff => {
                Templates::default().render_sms(template, &snapshot).unwrap()
            }
            _ => words(&email(template, &snapshot).text).join(" "),
        };
        assert!(said.contains("an enterprise plan"), "{said}");
    }
}

#[test]
fn the_team_inbox_is_notified_of_a_new_case_as_new() {
    let content = email(Template::CaseAssignedStaff, &sample(Template::CaseReceivedCustomer));
    assert!(content.text.starts_with("New case: Unable to access dashboard\n"), "{}", content.text);
    assert!(content.text.contains("John Doe opened a case."), "{}", content.text);
}

#[test]
fn a_correction_without_a_message_shows_what_changed() {
    let mut snapshot = sample(Template::CaseUpdatedStaff);
    snapshot.data.event.updates.clear();
    snapshot.data.event.changes = vec![Change::Urgency { from: Urgency::Low, to: Urgency::High }];
    let text = email(Template::CaseUpdatedStaff, &snapshot).text;
    assert!(text.contains("What changed:\nUrgency:  Low → High\n\n"), "{text}");
    assert!(!text.contains("wrote"), "{text}");
}

#[test]
fn a_target_at_risk_is_distinguished_from_a_missed_one() {
    let mut snapshot = sample(Template::CaseOverdueStaff);
    snapshot.data.event.escalation = None;
    let said = |snapshot: &Snapshot| {
        let content = email(Template::CaseOverdueStaff, snapshot);
        assert!(!content.text.contains("escalated to level"), "{}", content.text);
        let text = Templates::default().render_sms(Template::CaseOverdueStaff, snapshot).unwrap();
        (content.text, text)
    };
    for (clock, alert, heading, sentence, sms) in [
        (
            SlaTimerKind::FirstResponse,
            ServiceAlert::Warning,
            "First response due soon",
            "Three quarters of the time for the first response has passed. It is due by",
            "first response due soon, urgency high",
        ),
        (
            SlaTimerKind::Resolution,
            ServiceAlert::Warning,
            "Resolution due soon",
            "Three quarters of the time for the resolution has passed. It is due by",
            "resolution due soon, urgency high",
        ),
        (
            SlaTimerKind::Resolution,
            ServiceAlert::Breach,
            "Resolution overdue",
            "The resolution is overdue. It was due by",
            "resolution overdue, urgency high",
        ),
    ] {
        let overdue = snapshot.data.event.overdue.as_mut().unwrap();
        (overdue.clock, overdue.alert) = (clock, alert);
        let (text, short) = said(&snapshot);
        assert!(text.starts_with(&format!("{heading}: Unable to access dashboard\n")), "{text}");
        let sentence = words(sentence).join(" ");
        assert!(words(&text).join(" ").contains(&sentence), "{text}");
        assert_eq!(short, format!("Support, CW-2025-001: {sms}"));
    }
}

#[test]
fn a_cancellation_by_the_customer_is_acknowledged_as_theirs() {
    let mut snapshot = sample(Template::CaseCancelledCustomer);
    snapshot.data.event.actor.kind = "CUSTOMER".to_owned();
    let text = email(Template::CaseCancelledCustomer, &snapshot).text;
    assert!(text.contains("has been cancelled, as you requested."), "{text}");
}

#[test]
fn the_first_message_is_introduced_as_what_it_is() {
    let mut snapshot = sample(Template::CaseOpenedCustomer);
    let to_staff = |snapshot: &Snapshot| email(Template::CaseAssignedStaff, snapshot).text;
    let told = to_staff(&snapshot);
    assert!(told.contains("Sam Lee opened a case for John Doe."), "{told}");
    assert!(told.contains("John Doe told us:"), "{told}");
    snapshot.data.case.case_details.first_message_by = FirstMessageBy::Staff;
    let told = to_staff(&snapshot);
    assert!(told.contains("We wrote to John Doe:"), "{told}");
    let to_customer = email(Template::CaseOpenedCustomer, &snapshot).text;
    let to_customer = words(&to_customer).join(" ");
    assert!(to_customer.contains("We're getting in touch about the matter below"), "{to_customer}");
    assert!(to_customer.contains("Our message to you"), "{to_customer}");
    assert!(!to_customer.contains("got anything wrong"), "{to_customer}");
}

#[test]
fn a_case_opened_for_a_colleague_or_oneself_says_so() {
    let mut snapshot = sample(Template::CaseOpenedCustomer);
    for (id, name, said) in [
        ("staff-456", "Jane Smith", "and assigned it to Jane Smith."),
        ("staff-123", "Sam Lee", "and is working on it."),
    ] {
        let assignment = &mut snapshot.data.case.assignment;
        assignment.assigned_to = Some(id.parse().unwrap());
        assignment.assignee_name = Some(name.parse().unwrap());
        let text = email(Template::CaseAssignedStaff, &snapshot).text;
        let text = words(&text).join(" ");
        assert!(text.contains(&format!("Sam Lee opened a case for John Doe {said}")), "{text}");
    }
}
