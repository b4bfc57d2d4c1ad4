//! Correcting the classification of a case.

use engage_domain::case::{Action, InvalidTransition};
use engage_domain::event::Change;
use engage_domain::priority::PriorityScore;
use engage_domain::*;

use crate::support::*;

fn to_issue_type(issue_type: IssueType) -> CorrectRequest {
    CorrectRequest { issue_type: Some(issue_type), ..CorrectRequest::default() }
}

fn to_customer_type(customer_type: CustomerType) -> CorrectRequest {
    CorrectRequest { customer_type: Some(customer_type), ..CorrectRequest::default() }
}

fn score(points: u8) -> PriorityScore {
    PriorityScore::new(points).unwrap()
}

#[test]
fn the_urgency_is_corrected_down_with_score_and_timers_following() {
    let Decision { case, event } = corrected(&case(), to_urgency(Urgency::Low), after(hours(1)));
    assert_eq!(case.facts().urgency, Urgency::Low);
    let expected = [
        Change::Urgency { from: Urgency::High, to: Urgency::Low },
        Change::PriorityScore { from: score(85), to: score(31) },
        Change::FirstResponseDue {
            from: text("2025-01-27T14:00:00Z"),
            to: text("2025-01-28T10:00:00Z"),
        },
        Change::EstimatedResolution {
            from: text("2025-01-29T10:00:00Z"),
            to: text("2025-02-01T10:00:00Z"),
        },
    ];
    assert_eq!(event.changes, expected);
    assert_eq!(event.event_type(), EventType::Updated);
}

#[test]
fn the_urgency_is_corrected_up_counting_from_the_opening() {
    let case = corrected(&case(), to_urgency(Urgency::Critical), after(hours(5))).case;
    assert_eq!(case.facts().estimated_resolution, text("2025-01-27T18:00:00Z"));
    assert_eq!(case.facts().first_response_due, text("2025-01-27T11:00:00Z"));
}

#[test]
fn the_customer_type_moves_score_and_timers_too() {
    let correction = to_customer_type(CustomerType::Enterprise);
    let Decision { case, event } = corrected(&case(), correction, after(hours(1)));
    assert_eq!(case.facts().customer.customer_type, CustomerType::Enterprise);
    assert_eq!(case.facts().estimated_resolution, text("2025-01-28T10:00:00Z"));
    assert_eq!(case.facts().first_response_due, text("2025-01-27T11:00:00Z"));
    assert_eq!(case.facts().priority_score, score(88));
    let (from, to) = (CustomerType::Business, CustomerType::Enterprise);
    assert!(event.changes.contains(&Change::CustomerType { from, to }));
}

#[test]
fn the_issue_type_moves_the_score_but_no_timer() {
    let case = escalate(&case(), after(hours(1))).case;
    let event = corrected(&case, to_issue_type(IssueType::Billing), after(hours(2))).event;
    let expected = [
        Change::IssueType { from: IssueType::Technical, to: IssueType::Billing },
        Change::PriorityScore { from: score(93), to: score(89) },
    ];
    assert_eq!(event.changes, expected);
}

#[test]
fn several_properties_are_corrected_in_one_event() {
    let correction = CorrectRequest {
        urgency: Some(Urgency::Medium),
        issue_type: Some(IssueType::General),
        customer_type: Some(CustomerType::Free),
        ..CorrectRequest::default()
    };
    let Decision { case: after_it, event } = corrected(&case(), correction, after(hours(1)));
    assert_eq!(after_it.version(), case().version().next());
    assert_eq!(after_it.facts().priority_score, score(35));
    // FREE and MEDIUM: 48 h and 168 h.
    assert_eq!(after_it.facts().first_response_due, text("2025-01-29T10:00:00Z"));
    assert_eq!(after_it.facts().estimated_resolution, text("2025-02-03T10:00:00Z"));
    assert_eq!(event.changes.len(), 6);
}

#[test]
fn the_due_time_of_a_response_that_was_given_stays() {
    let answered = updated(&case(), public_message(), by_staff(after(minutes(5)))).case;
    let case = corrected(&answered, to_urgency(Urgency::Critical), after(hours(1))).case;
    assert_eq!(case.facts().first_response_due, text("2025-01-27T14:00:00Z"));
    assert_eq!(case.facts().estimated_resolution, text("2025-01-27T18:00:00Z"));
}

#[test]
fn a_correction_to_the_current_values_changes_nothing() {
    let as_it_is = CorrectRequest {
        urgency: Some(Urgency::High),
        issue_type: Some(IssueType::Technical),
        customer_type: Some(CustomerType::Business),
        ..CorrectRequest::default()
    };
    for correction in [CorrectRequest::default(), as_it_is] {
        assert_eq!(try_correct(&case(), correction, after(hours(1))), Ok(None));
    }
}

#[test]
fn a_correction_leaves_the_escalation_level() {
    let case = escalate(&case(), after(hours(1))).case;
    let corrected = corrected(&case, to_urgency(Urgency::Low), after(hours(2))).case;
    assert_eq!(corrected.facts().escalation_level.get(), 1);
    // 10 for LOW, 13 for BUSINESS, 8 for TECHNICAL and 2 for the level.
    assert_eq!(corrected.facts().priority_score, score(33));
}

#[test]
fn a_correction_is_internal() {
    let Decision { case, event } = corrected(&case(), to_urgency(Urgency::Low), after(hours(1)));
    assert_eq!((event.visibility, &event.updates[..]), (Visibility::Internal, &[][..]));
    assert_eq!(case.facts().last_activity, after(hours(1)));
    assert_eq!(case.facts().last_updated, after(hours(1)), "the customer sees the urgency");
    let unseen =
        CorrectRequest { issue_type: Some(IssueType::Billing), ..CorrectRequest::default() };
    let case = corrected(&case, unseen, after(hours(2))).case;
    assert_eq!(case.facts().last_updated, after(hours(1)));
}

#[test]
fn exactly_the_unfinished_cases_can_be_corrected() {
    for &from in Status::ALL {
        let outcome = try_correct(&case_that_is(from), to_urgency(Urgency::Low), after(hours(2)));
        if matches!(from, Status::Closed | Status::Cancelled) {
            assert_eq!(outcome, Err(InvalidTransition { from, action: Action::Correct }.into()));
        } else {
            assert_eq!(outcome.unwrap().unwrap().case.status(), from);
        }
    }
}

#[test]
fn a_correction_recalculates_from_the_opening_and_drops_an_earlier_escalation() {
    // Escalated at 11:00, it was due at 19:00. As HIGH it is due two days after its opening.
    let escalated = try_escalate(&case(), None, by_customer(after(hours(1)))).unwrap().case;
    let case = corrected(&escalated, to_urgency(Urgency::High), after(hours(2))).case;
    assert_eq!(case.facts().estimated_resolution, text("2025-01-29T10:00:00Z"));
    assert_eq!(case.facts().first_response_due, text("2025-01-27T14:00:00Z"));
}
