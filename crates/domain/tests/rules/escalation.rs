//! Escalation, which raises the level and the urgency and brings due times forward.

use std::time::Duration;

use engage_domain::case::{
    Action, EscalateError, Escalation, EscalationLevel, EscalationPolicy, InvalidTransition,
};
use engage_domain::event::Change;
use engage_domain::priority::PriorityScore;
use engage_domain::*;

use crate::support::*;

fn escalation_of(event: &Event) -> &Escalation {
    match &event.kind {
        EventKind::Escalated(escalation) => escalation,
        kind => panic!("not an escalation: {kind:?}"),
    }
}

#[test]
fn an_escalation_without_urgency_goes_one_step_up() {
    for (from, to) in [
        (Urgency::Low, Urgency::Medium),
        (Urgency::Medium, Urgency::High),
        (Urgency::High, Urgency::Critical),
        (Urgency::Critical, Urgency::Critical),
    ] {
        let decision = escalate(&case_of(CustomerType::Free, from), after(hours(1)));
        assert_eq!(decision.case.facts().urgency, to);
        assert_eq!(decision.case.facts().escalation_level.get(), 1);
        let escalation = escalation_of(&decision.event);
        assert_eq!((escalation.previous_urgency, escalation.new_urgency), (from, to));
    }
}

#[test]
fn an_escalation_may_set_any_urgency_that_is_not_lower() {
    for &from in Urgency::ALL {
        for &to in Urgency::ALL {
            let case = case_of(CustomerType::Business, from);
            let outcome = try_escalate(&case, Some(to), by_staff(after(hours(1))));
            if to < from {
                let refusal = EscalateError::UrgencyLowered { current: from, requested: to };
                assert_eq!(outcome, Err(refusal));
            } else {
                let decision = outcome.unwrap();
                assert_eq!(decision.case.facts().urgency, to);
                assert_eq!(decision.case.facts().escalation_level.get(), 1);
            }
        }
    }
}

#[test]
fn exactly_the_active_cases_can_be_escalated() {
    for &status in Status::ALL {
        let case = case_that_is(status);
        let outcome = try_escalate(&case, None, by_customer(after(hours(2))));
        let refusal = InvalidTransition { from: status, action: Action::Escalate };
        let expected = match status {
            Status::Open => Ok(Status::Open),
            Status::InProgress | Status::WaitingOnCustomer | Status::OnHold => {
                Ok(Status::InProgress)
            }
            Status::Resolved | Status::Closed | Status::Cancelled => {
                Err(EscalateError::InvalidTransition(refusal))
            }
        };
        assert_eq!(outcome.map(|decision| decision.case.status()), expected, "{status}");
    }
}

#[test]
fn the_level_rises_to_three_and_an_escalation_at_three_still_makes_an_event() {
    let mut case = case_of(CustomerType::Enterprise, Urgency::Critical);
    for (index, level, score) in [(1, 1, 96), (2, 2, 98), (3, 3, 100), (4, 3, 100), (5, 3, 100)] {
        let Decision { case: next, event } = escalate(&case, after(hours(index)));
        assert_eq!(next.facts().escalation_level.get(), level);
        assert_eq!(next.facts().priority_score.get(), score);
        assert_eq!(next.version(), case.version().next());
        assert_eq!(event.event_type(), EventType::Escalated);
        assert_eq!(escalation_of(&event).level.get(), level);
        case = next;
    }
}

#[test]
fn an_escalation_records_its_reason_author_time_and_urgencies() {
    let event = escalate(&case(), after(hours(1))).event;
    let expected = Escalation {
        timestamp: after(hours(1)),
        reason: text("Everybody is blocked."),
        by: Actor::Staff(jane().to_ref()),
        level: EscalationLevel::new(1).unwrap(),
        previous_urgency: Urgency::High,
        new_urgency: Urgency::Critical,
    };
    assert_eq!(escalation_of(&event), &expected);
    let update = event.public_update().unwrap();
    assert_eq!(update.message.as_str(), "Everybody is blocked.");
    assert_eq!(update.author, expected.by);
}

#[test]
fn an_escalation_lists_everything_that_it_changes() {
    // BUSINESS and CRITICAL: 1 h and 8 h, counted from the escalation at 11:00.
    let event = escalate(&case(), after(hours(1))).event;
    let score = |points| PriorityScore::new(points).unwrap();
    let expected = [
        Change::Urgency { from: Urgency::High, to: Urgency::Critical },
        Change::EscalationLevel {
            from: EscalationLevel::NONE,
            to: EscalationLevel::new(1).unwrap(),
        },
        Change::PriorityScore { from: score(85), to: score(93) },
        Change::FirstResponse { from: None, to: Some(after(hours(1))) },
        Change::FirstResponseDue {
            from: text("2025-01-27T14:00:00Z"),
            to: text("2025-01-27T12:00:00Z"),
        },
        Change::EstimatedResolution {
            from: text("2025-01-29T10:00:00Z"),
            to: text("2025-01-27T19:00:00Z"),
        },
    ];
    assert_eq!(event.changes, expected);
}

#[test]
fn an_escalation_never_pushes_due_times_back() {
    // At 09:00 on the due day, 8 h more would be 17:00. The case stays due at 10:00.
    let case = escalate(&case(), text("2025-01-29T09:00:00Z")).case;
    assert_eq!(case.facts().estimated_resolution, text("2025-01-29T10:00:00Z"));
    assert_eq!(case.facts().first_response_due, text("2025-01-27T14:00:00Z"));
}

#[test]
fn an_escalation_that_keeps_the_urgency_keeps_the_earlier_due_time() {
    let case = case_of(CustomerType::Business, Urgency::Critical);
    let escalated = escalate(&case, after(hours(2))).case;
    assert_eq!(escalated.facts().estimated_resolution, after(hours(8)));
    assert_eq!(escalated.facts().first_response_due, after(hours(1)));
}

#[test]
fn an_escalation_keeps_the_due_time_of_a_response_that_was_given() {
    let case = updated(&case(), public_message(), by_staff(after(minutes(10)))).case;
    let escalated = escalate(&case, after(minutes(20))).case;
    assert_eq!(escalated.facts().first_response_due, after(hours(4)));
    assert_eq!(escalated.facts().estimated_resolution, after(minutes(20)).plus(hours(8)));
}

#[test]
fn a_paused_case_resumes_and_its_pause_counts_before_the_earlier_estimate_is_chosen() {
    for status in [Status::WaitingOnCustomer, Status::OnHold] {
        // Due on the 29th at 10:00. After a pause of 46 h, from the 27th at 11:00 to the 29th at
        // 09:00, it would be due on the 31st at 08:00. The escalation makes it due 8 h after 09:00.
        // Without the pause, the earlier time would have been 10:00.
        let escalated = escalate(&case_that_is(status), text("2025-01-29T09:00:00Z")).case;
        let facts = escalated.facts();
        assert_eq!(facts.status, Status::InProgress);
        assert_eq!(facts.estimated_resolution, text("2025-01-29T17:00:00Z"));
        assert_eq!(facts.paused, hours(46));
        assert_eq!(facts.status_since, text("2025-01-29T09:00:00Z"));
    }
}

#[test]
fn a_short_pause_moves_an_estimate_that_the_escalation_keeps() {
    // CRITICAL and due at 18:00. On hold from 11:00 to 11:30, so due at 18:30, which is before
    // 11:30 + 8 h.
    let case = case_of(CustomerType::Business, Urgency::Critical);
    let held = become_(&case, Status::OnHold, after(hours(1)));
    let escalated = escalate(&held, after(minutes(90))).case;
    assert_eq!(escalated.facts().estimated_resolution, text("2025-01-27T18:30:00Z"));
}

#[test]
fn a_customer_waits_for_exactly_the_cool_down_between_two_escalations() {
    let first = after(hours(1));
    let case = try_escalate(&case(), None, by_customer(first)).unwrap().case;
    assert_eq!(case.facts().customer_escalated_at, Some(first));
    for (waited, retry_after) in [
        (minutes(0), minutes(5)),
        (minutes(1), minutes(4)),
        (Duration::from_millis(299_999), MILLISECOND),
    ] {
        assert_eq!(
            try_escalate(&case, None, by_customer(first.plus(waited))),
            Err(EscalateError::CoolingDown { retry_after })
        );
    }
    let again = first.plus(minutes(5));
    let case = try_escalate(&case, None, by_customer(again)).unwrap().case;
    assert_eq!(case.facts().escalation_level.get(), 2);
    assert_eq!(case.facts().customer_escalated_at, Some(again));
}

#[test]
fn a_refused_escalation_does_not_prolong_the_cool_down() {
    let first = after(hours(1));
    let case = try_escalate(&case(), None, by_customer(first)).unwrap().case;
    assert!(try_escalate(&case, None, by_customer(first.plus(minutes(4)))).is_err());
    assert!(try_escalate(&case, None, by_customer(first.plus(minutes(5)))).is_ok());
}

#[test]
fn staff_and_the_system_may_escalate_at_any_time() {
    let at = after(hours(1));
    let mut case = try_escalate(&case(), None, by_customer(at)).unwrap().case;
    for stamp in [by_staff(at), by_staff(at), by_system(at)] {
        case = try_escalate(&case, None, stamp).unwrap().case;
        assert_eq!(case.facts().customer_escalated_at, Some(at));
    }
    assert_eq!(case.version().get(), 5);
}

#[test]
fn an_escalation_by_staff_does_not_make_the_customer_wait() {
    let case = escalate(&case(), after(hours(1))).case;
    assert_eq!(case.facts().customer_escalated_at, None);
    assert!(try_escalate(&case, None, by_customer(after(hours(1)))).is_ok());
}

#[test]
fn the_cool_down_can_be_replaced() {
    let escalation =
        EscalationPolicy { customer_cool_down: minutes(0), ..EscalationPolicy::default() };
    let policies = Policies { escalation, ..Policies::default() };
    let at = after(hours(1));
    let case = case().escalate(escalate_to(None), &policies, by_customer(at)).unwrap().case;
    assert!(case.escalate(escalate_to(None), &policies, by_customer(at)).is_ok());
}

#[test]
fn a_customer_whose_clock_is_behind_still_waits_for_the_cool_down() {
    let first = after(hours(1));
    let case = try_escalate(&case(), None, by_customer(first)).unwrap().case;
    assert_eq!(
        try_escalate(&case, None, by_customer(opening())),
        Err(EscalateError::CoolingDown { retry_after: minutes(5) })
    );
}
