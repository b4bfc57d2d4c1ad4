//! Automatic actions: alerts about service targets, and closing.

use std::time::Duration;

use ServiceAlert::{Breach, Warning};
use SlaTimerKind::{FirstResponse, Resolution};
use engage_domain::case::{Escalation, EscalationLevel, EscalationPolicy, LifecyclePolicy};
use engage_domain::event::{Change, Overdue};
use engage_domain::sla::{ServiceAlert, SlaTimerKind};
use engage_domain::*;

use crate::support::*;

fn try_pass(policies: &Policies, case: &Case, at: &str) -> Option<Decision> {
    case.apply_due_action(policies, by_system(text(at)))
}

/// Applies all automatic actions due at an instant. Returns the case afterwards and the events.
pub(crate) fn pass(policies: &Policies, case: &Case, at: &str) -> (Case, Vec<Event>) {
    let (mut case, mut events) = (case.clone(), Vec::new());
    while let Some(decision) = try_pass(policies, &case, at) {
        events.push(decision.event);
        case = decision.case;
    }
    assert!(case.facts().next_action_at.is_none_or(|next| next > text(at)), "more to do at {at}");
    (case, events)
}

pub(crate) fn told(event: &Event) -> (SlaTimerKind, ServiceAlert) {
    match &event.kind {
        EventKind::Overdue(overdue) => (overdue.clock, overdue.alert),
        other => panic!("{other:?} is no alert"),
    }
}

/// Applies the due actions at each instant in turn and checks the alerts raised.
#[track_caller]
fn assert_told(case: &Case, steps: &[(&str, &[(SlaTimerKind, ServiceAlert)])]) -> Case {
    steps.iter().fold(case.clone(), |case, (at, expected)| {
        let (case, events) = pass(&Policies::default(), &case, at);
        assert_eq!(events.iter().map(told).collect::<Vec<_>>(), *expected, "at {at}");
        case
    })
}

fn next(case: &Case) -> Option<String> {
    case.facts().next_action_at.map(|at| at.to_string())
}

#[test]
fn each_target_warns_once_and_is_breached_once() {
    // 4 h and 48 h from Monday 10:00.
    assert_eq!(next(&case()).as_deref(), Some("2025-01-27T13:00:00.000Z"));
    let case = assert_told(
        &case(),
        &[
            ("2025-01-27T12:59:59.999Z", &[]),
            ("2025-01-27T13:00:00Z", &[(FirstResponse, Warning)]),
            ("2025-01-27T14:00:00Z", &[]),
            ("2025-01-27T14:00:00.001Z", &[(FirstResponse, Breach)]),
            ("2025-01-28T21:00:00Z", &[]),
            ("2025-01-28T22:00:00Z", &[(Resolution, Warning)]),
            ("2025-01-29T10:00:00.001Z", &[(Resolution, Breach)]),
            ("2026-01-29T10:00:00Z", &[]),
        ],
    );
    assert_eq!(next(&case), None);
}

#[test]
fn the_next_time_is_that_of_the_earliest_alert_to_come() {
    let mut case = case();
    let mut seen = vec![next(&case)];
    while let Some(at) = case.facts().next_action_at {
        case = case.apply_due_action(&Policies::default(), by_system(at)).unwrap().case;
        seen.push(next(&case));
    }
    assert_eq!(
        seen.iter().flatten().collect::<Vec<_>>(),
        [
            "2025-01-27T13:00:00.000Z",
            "2025-01-27T14:00:00.001Z",
            "2025-01-28T22:00:00.000Z",
            "2025-01-29T10:00:00.001Z"
        ]
    );
}

#[test]
fn an_alert_names_its_target_and_is_internal() {
    let before = assigned_case();
    let Decision { case, event } =
        try_pass(&Policies::default(), &before, "2025-01-27T13:00:02Z").unwrap();
    assert_eq!(event.event_type(), EventType::Overdue);
    let due = text("2025-01-27T14:00:00Z");
    assert_eq!(
        event.kind,
        EventKind::Overdue(Overdue { clock: FirstResponse, alert: Warning, due, escalation: None })
    );
    assert_eq!(event.changes, [Change::FirstResponseAlert { from: None, to: Some(Warning) }]);
    assert_eq!((event.actor, event.visibility), (Actor::System, Visibility::Internal));
    assert_eq!(event.updates, []);
    let expected = CaseFacts {
        version: before.version().next(),
        last_activity: text("2025-01-27T13:00:02Z"),
        first_response_alert: Some(Warning),
        next_action_at: Some(text("2025-01-27T14:00:00.001Z")),
        ..before.into_facts()
    };
    assert_eq!(case.facts(), &expected);
}

#[test]
fn a_late_check_skips_the_warning() {
    assert_told(
        &case(),
        &[
            ("2025-01-28T23:00:00Z", &[(FirstResponse, Breach), (Resolution, Warning)]),
            ("2025-02-28T23:00:00Z", &[(Resolution, Breach)]),
        ],
    );
    assert_told(
        &case(),
        &[("2025-02-01T10:00:00Z", &[(FirstResponse, Breach), (Resolution, Breach)])],
    );
}

#[test]
fn a_response_ends_the_alerts_about_the_first_response() {
    let case = updated(&case(), public_message(), by_staff(text("2025-01-27T13:30:00Z"))).case;
    assert_eq!(next(&case).as_deref(), Some("2025-01-28T22:00:00.000Z"));
    assert_told(&case, &[("2025-01-27T20:00:00Z", &[])]);
}

#[test]
fn resolving_or_cancelling_a_case_ends_the_alerts_about_the_first_response() {
    for status in [Status::Resolved, Status::Cancelled] {
        let ended = become_(&case(), status, text("2025-01-27T12:00:00Z"));
        assert_told(&ended, &[("2025-01-27T13:00:00Z", &[]), ("2025-01-28T14:00:00Z", &[])]);
    }
    // A customer who reopens the case waits for its resolution.
    let resolved = become_(&case(), Status::Resolved, text("2025-01-27T12:00:00Z"));
    let reopened = try_reply(&resolved, text("2025-01-28T12:00:00Z")).unwrap().case;
    assert_told(
        &reopened,
        &[
            ("2025-01-29T21:59:59Z", &[]),
            ("2025-01-29T22:00:00Z", &[(Resolution, Warning)]),
            ("2025-01-30T10:00:00.001Z", &[(Resolution, Breach)]),
        ],
    );
}

#[test]
fn pauses_stop_alerts_about_the_resolution_but_not_the_first_response() {
    for status in [Status::WaitingOnCustomer, Status::OnHold] {
        let paused = become_(&case(), status, text("2025-01-27T12:00:00Z"));
        let paused = assert_told(
            &paused,
            &[
                ("2025-01-27T13:00:00Z", &[(FirstResponse, Warning)]),
                ("2025-02-07T12:00:00Z", &[(FirstResponse, Breach)]),
            ],
        );
        assert_eq!(next(&paused), None);
        // Paused for 11 days after 2 h of 48 h, with 34 h left until three quarters.
        let resumed = become_(&paused, Status::InProgress, text("2025-02-07T12:00:00Z"));
        assert_eq!(next(&resumed).as_deref(), Some("2025-02-08T22:00:00.000Z"));
    }
}

#[test]
fn an_alert_reached_before_a_pause_is_still_raised() {
    let held = become_(&case(), Status::OnHold, text("2025-01-29T10:00:00.001Z"));
    let told = [(FirstResponse, Breach), (Resolution, Breach)];
    assert_told(&held, &[("2025-01-29T10:00:01Z", &told)]);
    // After the resolution, there is no reason to hurry any more.
    let resolved = become_(&case(), Status::Resolved, text("2025-01-29T10:00:00.001Z"));
    assert_told(&resolved, &[("2025-01-29T10:00:01Z", &[])]);
}

#[test]
fn an_alert_raised_before_a_pause_is_not_raised_again_after_it() {
    let warned = assert_told(
        &updated(&case(), public_message(), by_staff(after(hours(1)))).case,
        &[("2025-01-28T22:00:00Z", &[(Resolution, Warning)])],
    );
    let resolved = become_(&warned, Status::Resolved, text("2025-01-28T23:00:00Z"));
    let reopened = try_reply(&resolved, text("2025-01-31T23:00:00Z")).unwrap().case;
    // Resolved for three days.
    let breached = assert_told(
        &reopened,
        &[("2025-02-01T10:00:00Z", &[]), ("2025-02-01T10:00:00.001Z", &[(Resolution, Breach)])],
    );
    let held = become_(&breached, Status::OnHold, text("2025-02-01T11:00:00Z"));
    let resumed = become_(&held, Status::InProgress, text("2025-02-08T11:00:00Z"));
    assert_told(&resumed, &[("2025-03-08T11:00:00Z", &[])]);
}

#[test]
fn an_escalation_brings_later_alerts_forward() {
    let low = case_of(CustomerType::Business, Urgency::Low);
    let low = updated(&low, public_message(), by_staff(after(hours(1)))).case;
    assert_eq!(next(&low).as_deref(), Some("2025-01-31T04:00:00.000Z"));
    // CRITICAL after 12 h: due after 20 h, and three quarters are 15 h.
    let at = text("2025-01-27T22:00:00Z");
    let escalated = try_escalate(&low, Some(Urgency::Critical), by_customer(at)).unwrap().case;
    let warned = assert_told(
        &escalated,
        &[("2025-01-28T00:59:00Z", &[]), ("2025-01-28T01:00:00Z", &[(Resolution, Warning)])],
    );
    // A target with a warning gets no second one.
    let again = escalate(&warned, text("2025-01-28T02:00:00Z")).case;
    assert_told(
        &again,
        &[("2025-01-28T06:00:00Z", &[]), ("2025-01-28T06:00:00.001Z", &[(Resolution, Breach)])],
    );
}

#[test]
fn a_correction_that_allows_more_time_lets_alerts_be_raised_again() {
    let breached = assert_told(
        &case(),
        &[("2025-01-29T11:00:00Z", &[(FirstResponse, Breach), (Resolution, Breach)])],
    );
    // BUSINESS and LOW: 24 h and 120 h, of which 49 h are used.
    let correction = corrected(&breached, to_urgency(Urgency::Low), text("2025-01-29T11:00:00Z"));
    assert!(
        correction
            .event
            .changes
            .contains(&Change::ResolutionAlert { from: Some(Breach), to: None })
    );
    assert_eq!(correction.case.facts().first_response_alert, Some(Breach));
    assert_told(
        &correction.case,
        &[
            ("2025-01-31T03:59:00Z", &[]),
            ("2025-01-31T04:00:00Z", &[(Resolution, Warning)]),
            ("2025-02-01T11:00:00Z", &[(Resolution, Breach)]),
        ],
    );
    // MEDIUM: 72 h, of which 54 h are three quarters. The warning still holds, but the breach does
    // not.
    let at = text("2025-01-29T17:00:00Z");
    let case = corrected(&breached, to_urgency(Urgency::Medium), at).case;
    assert_eq!(case.facts().resolution_alert, Some(Warning));
    assert_eq!(next(&case).as_deref(), Some("2025-01-30T10:00:00.001Z"));
}

#[test]
fn a_correction_that_allows_less_time_raises_alerts_at_once() {
    let medium = case_of(CustomerType::Business, Urgency::Medium);
    let at = "2025-01-27T19:00:00Z";
    let critical = corrected(&medium, to_urgency(Urgency::Critical), text(at)).case;
    assert_told(&critical, &[(at, &[(FirstResponse, Breach), (Resolution, Breach)])]);
}

#[test]
fn a_missed_target_raises_the_level_of_an_active_case_if_the_policy_says_so() {
    let escalation = EscalationPolicy { raise_on_breach: true, ..EscalationPolicy::default() };
    let policies = Policies { escalation, ..Policies::default() };
    let (warned, events) = pass(&policies, &case(), "2025-01-27T13:00:00Z");
    assert_eq!(events[0].kind.escalation(), None);
    assert_eq!(warned.facts().escalation_level, EscalationLevel::NONE);
    let (breached, events) = pass(&policies, &warned, "2025-01-27T14:00:01Z");
    let [event] = &events[..] else { panic!("{events:?}") };
    let escalation = event.kind.escalation().unwrap();
    assert_eq!(
        escalation,
        &Escalation {
            timestamp: text("2025-01-27T14:00:01Z"),
            reason: text("The first response is overdue"),
            by: Actor::System,
            level: EscalationLevel::new(1).unwrap(),
            previous_urgency: Urgency::High,
            new_urgency: Urgency::High,
        }
    );
    assert_eq!(event.event_type(), EventType::Overdue);
    let facts = breached.facts();
    // 85 in the seed's example, and 2 for the level.
    assert_eq!((facts.escalation_level.get(), facts.priority_score.get()), (1, 87));
    assert_eq!(facts.estimated_resolution, case().facts().estimated_resolution);
    let (breached, events) = pass(&policies, &breached, "2025-01-30T14:00:01Z");
    let reason = events.iter().find_map(|event| event.kind.escalation()).unwrap().reason.as_str();
    assert_eq!(reason, "The resolution is overdue");
    assert_eq!(breached.facts().escalation_level.get(), 2);
    // Without the policy, the level does not rise.
    let (case, events) = pass(&Policies::default(), &case(), "2025-01-27T15:00:00Z");
    assert_eq!(events.iter().map(told).collect::<Vec<_>>(), [(FirstResponse, Breach)]);
    assert_eq!(case.facts().escalation_level, EscalationLevel::NONE);
}

#[test]
fn a_resolved_case_is_closed_after_its_reopen_window() {
    let answered = updated(&case(), public_message(), by_staff(after(hours(1)))).case;
    let resolved = become_(&answered, Status::Resolved, text("2025-01-28T10:00:00Z"));
    assert_eq!(next(&resolved).as_deref(), Some("2025-02-04T10:00:00.001Z"));
    let policies = Policies::default();
    assert_eq!(try_pass(&policies, &resolved, "2025-02-04T10:00:00Z"), None);
    assert!(try_reply(&resolved, text("2025-02-04T10:00:00Z")).is_ok());
    let Decision { case, event } =
        try_pass(&policies, &resolved, "2025-02-04T10:00:00.001Z").unwrap();
    assert_eq!((case.status(), next(&case)), (Status::Closed, None));
    assert_eq!((event.event_type(), event.visibility), (EventType::Updated, Visibility::Internal));
    assert!(event.is_closing_by_itself());
    let [update] = &event.updates[..] else { panic!("one entry is written") };
    assert_eq!(update.message.as_str(), "Status changed to Closed");
    assert_eq!((&update.author, update.visibility), (&Actor::System, Visibility::Internal));
    assert_eq!(case.facts().last_updated, event.timestamp, "the customer sees that it is closed");
    assert_eq!(try_pass(&policies, &case, "2026-02-04T10:00:00Z"), None);
}

#[test]
fn closing_may_be_later_than_reopening_but_not_earlier() {
    for (reopen_window, close_after, days_later) in [(7, 14, 14), (7, 1, 7), (21, 7, 21)] {
        let lifecycle =
            LifecyclePolicy { reopen_window: days(reopen_window), close_after: days(close_after) };
        let policies = Policies { lifecycle, ..Policies::default() };
        let request = status_change(Status::Resolved);
        let resolved =
            case().update(request, &policies, by_staff(opening())).unwrap().unwrap().case;
        let last = opening().plus(days(days_later));
        assert_eq!(resolved.apply_due_action(&policies, by_system(last)), None);
        let closed =
            resolved.apply_due_action(&policies, by_system(last.plus(MILLISECOND))).unwrap().case;
        assert_eq!(closed.status(), Status::Closed);
    }
}

#[test]
fn a_finished_case_is_left_alone() {
    for status in [Status::Closed, Status::Cancelled] {
        let case = case_that_is(status);
        assert_eq!(
            (next(&case), try_pass(&Policies::default(), &case, "2027-01-01T00:00:00Z")),
            (None, None)
        );
    }
}

#[test]
fn the_last_activity_counts_as_now_if_the_clock_is_behind() {
    let noted = updated(&case(), internal_note(), by_staff(text("2025-01-27T14:30:00Z"))).case;
    let event = try_pass(&Policies::default(), &noted, "2025-01-27T09:00:00Z").unwrap().event;
    assert_eq!(told(&event), (FirstResponse, Breach));
    assert_eq!(event.timestamp, text("2025-01-27T14:30:00Z"));
}

#[test]
fn an_alert_is_neither_a_response_nor_visible_to_the_customer() {
    let (case, _) = pass(&Policies::default(), &case(), "2025-02-27T14:00:00Z");
    assert_eq!(case.facts().first_response, None);
    assert_eq!(case.facts().last_updated, opening());
    assert_eq!(case.facts().paused, Duration::ZERO);
}
