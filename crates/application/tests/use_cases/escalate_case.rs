use std::time::Duration;

use engage_application::{CaseCommand, CaseError, EscalateCase, Proof};
use engage_domain::case::{Action, EscalateError, InvalidTransition};
use engage_domain::{Actor, Address, EscalateRequest, EventKind, Status, Urgency};
use engage_repository::StoredCase;
use engage_testkit::builders::{a_case_number, an_opened, by, cancelled, escalated, minutes_later};

use crate::setup::{
    a_colleague, announcements, assert_announced, assert_follows, assert_unavailable, by_customer,
    by_member, changes, held_by, holding, holding_for_good, holding_nothing, made, out_of_reach,
    the_one, unassigned, webhooks,
};

fn a_request() -> EscalateRequest {
    EscalateRequest { reason: "Production is down.".parse().unwrap(), new_urgency: None }
}

#[tokio::test]
async fn an_escalation_is_committed_with_its_notifications() {
    let stored = held_by("ann");
    let (cases, committed) = holding(stored.clone());
    let escalate = EscalateCase::new(changes(cases));
    let changed = made(escalate.execute(by_customer(1), a_request()).await);

    let change_set = the_one(&committed);
    assert_eq!(changed.case, change_set.case);
    assert_eq!(changed.event.as_ref(), Some(&change_set.event));
    assert_follows(&change_set, &stored.case);
    assert_eq!(changed.case.facts().urgency, Urgency::Critical);
    assert_eq!(changed.case.facts().escalation_level.get(), 1);
    assert_eq!(change_set.event.timestamp, minutes_later(60));
    assert!(matches!(&change_set.event.kind, EventKind::Escalated(e) if e.by == Actor::Customer));

    let ann = stored.assignee.unwrap();
    assert_announced(&change_set, Some(&ann), None);
    let expected = [
        "case-escalated-customer john@example.com".to_owned(),
        "case-escalated-staff ann@desk.example".to_owned(),
        "case-escalated-management management@desk.example".to_owned(),
        "case-escalated-staff +491111111".to_owned(),
        "case-escalated-staff +492222222".to_owned(),
        format!("case-escalated-staff {}", ann.phone.unwrap()),
        format!("case-event {}", Address::Webhook(webhooks()[0].id)),
    ];
    assert_eq!(announcements(&change_set), expected);
}

#[tokio::test]
async fn the_team_is_notified_instead_of_a_deactivated_assignee() {
    let mut stored = held_by("ann");
    if let Some(ann) = &mut stored.assignee {
        ann.deactivated_at = Some(minutes_later(1));
    }
    let (cases, committed) = holding(stored);
    let escalate = EscalateCase::new(changes(cases));
    escalate.execute(by_customer(1), a_request()).await.unwrap();
    let announced = announcements(&the_one(&committed));
    assert!(announced.contains(&"case-escalated-staff team@desk.example".to_owned()));
    assert!(!announced.iter().any(|message| message.contains("ann@")), "{announced:?}");
    let texts = announced.iter().filter(|message| message.starts_with("case-escalated-staff +"));
    assert_eq!(texts.count(), 2, "the phones on call: {announced:?}");
}

#[tokio::test]
async fn an_escalation_by_staff_names_the_member() {
    let (cases, committed) = holding(unassigned());
    let eve = a_colleague("eve");
    let request = EscalateRequest { new_urgency: Some(Urgency::Critical), ..a_request() };
    EscalateCase::new(changes(cases)).execute(by_member(1, &eve), request).await.unwrap();
    let change_set = the_one(&committed);
    assert_eq!(change_set.event.actor, by(&eve));
    assert_announced(&change_set, None, None);
    let team = "case-escalated-staff team@desk.example".to_owned();
    assert!(announcements(&change_set).contains(&team));
}

#[tokio::test]
async fn a_refused_change_is_not_committed() {
    let opened = an_opened(1).case;
    let finished = cancelled(&opened, minutes_later(1)).case;
    let cooling = escalated(&opened, Actor::Customer, minutes_later(57)).case;
    let lower = Some(Urgency::Low);
    for (case, new_urgency, expected) in [
        (
            finished,
            None,
            EscalateError::InvalidTransition(InvalidTransition {
                from: Status::Cancelled,
                action: Action::Escalate,
            }),
        ),
        (
            opened,
            lower,
            EscalateError::UrgencyLowered { current: Urgency::High, requested: Urgency::Low },
        ),
        (cooling, None, EscalateError::CoolingDown { retry_after: Duration::from_mins(2) }),
    ] {
        let cases = holding_for_good(StoredCase::new(case, None));
        let request = EscalateRequest { new_urgency, ..a_request() };
        let escalate = EscalateCase::new(changes(cases));
        let outcome = escalate.execute(by_customer(1), request).await;
        let Err(CaseError::Refused(refusal)) = outcome else { panic!("{outcome:?}") };
        assert_eq!(refusal, expected);
    }
}

#[tokio::test]
async fn an_unknown_case_number_is_not_found() {
    let escalate = EscalateCase::new(changes(holding_nothing()));
    let number = a_case_number(9);
    let outcome = escalate
        .execute(CaseCommand::by_customer(number.clone(), Proof::default()), a_request())
        .await;
    assert!(matches!(outcome, Err(CaseError::NotFound(absent)) if absent == number));
}

#[tokio::test]
async fn unavailable_storage_is_reported() {
    let escalate = EscalateCase::new(changes(out_of_reach()));
    let outcome = escalate.execute(by_customer(1), a_request()).await;
    assert_unavailable(&outcome);
}
