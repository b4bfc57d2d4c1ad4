use engage_application::{CaseCommand, EscalateCase, Proof};
use engage_domain::{Actor, EscalateRequest, Status, Urgency};
use engage_testkit::builders::{a_case_number, an_opened, minutes_later};
use engage_testkit::use_cases::case_changes;
use engage_testkit::{FakeCases, given};

fn an_escalation() -> EscalateRequest {
    EscalateRequest { reason: "No answer.".parse().unwrap(), new_urgency: None }
}

#[test]
fn an_escalated_case_is_critical() {
    given(an_opened(1).case)
        .at(minutes_later(90))
        .by(Actor::Customer)
        .when(|case, policies, stamp| case.escalate(an_escalation(), policies, stamp))
        .then_status(Status::Open)
        .then(|case, _| assert_eq!(case.facts().urgency, Urgency::Critical));
}

#[tokio::test(start_paused = true)]
async fn an_escalation_that_loses_a_race_is_decided_anew() {
    let cases = FakeCases::default();
    cases.add(an_opened(1).case);
    cases.lose_next_race();
    let escalate = EscalateCase::new(case_changes(&cases));
    let command = CaseCommand::by_customer(a_case_number(1), Proof::default());
    let changed = escalate.execute(command, an_escalation()).await.unwrap().into_changed().unwrap();
    assert_eq!(changed.case.facts().urgency, Urgency::Critical);
    assert_eq!(cases.commits().len(), 1);
}
