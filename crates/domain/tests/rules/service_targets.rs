//! Due times of responses and resolutions, and the pauses that move them.

use std::time::Duration;

use engage_domain::Status::{
    Cancelled, Closed, InProgress, OnHold, Open, Resolved, WaitingOnCustomer,
};
use engage_domain::event::Change;
use engage_domain::sla::ServiceTarget;
use engage_domain::*;

use crate::support::*;

/// Takes the seed's example through statuses, each at an instant.
fn through(steps: &[(Status, &str)]) -> Case {
    steps.iter().fold(case(), |case, &(status, at)| become_(&case, status, text(at)))
}

#[test]
fn the_seeds_example_is_due_two_days_after_its_opening() {
    let case = case();
    assert_eq!(case.facts().created_at, text("2025-01-27T10:00:00Z"));
    assert_eq!(case.facts().first_response_due, text("2025-01-27T14:00:00Z"));
    assert_eq!(case.facts().estimated_resolution, text("2025-01-29T10:00:00Z"));
}

#[test]
fn every_kind_of_case_is_due_by_its_service_target() {
    use {CustomerType as C, Urgency as U};
    for (customer, urgency, first_response, resolution) in [
        (C::Free, U::Low, "2025-01-30T10:00:00Z", "2025-02-06T10:00:00Z"),
        (C::Free, U::Medium, "2025-01-29T10:00:00Z", "2025-02-03T10:00:00Z"),
        (C::Free, U::High, "2025-01-28T10:00:00Z", "2025-01-31T10:00:00Z"),
        (C::Free, U::Critical, "2025-01-27T18:00:00Z", "2025-01-29T10:00:00Z"),
        (C::Business, U::Low, "2025-01-28T10:00:00Z", "2025-02-01T10:00:00Z"),
        (C::Business, U::Medium, "2025-01-27T22:00:00Z", "2025-01-30T10:00:00Z"),
        (C::Business, U::High, "2025-01-27T14:00:00Z", "2025-01-29T10:00:00Z"),
        (C::Business, U::Critical, "2025-01-27T11:00:00Z", "2025-01-27T18:00:00Z"),
        (C::Enterprise, U::Low, "2025-01-27T22:00:00Z", "2025-01-31T10:00:00Z"),
        (C::Enterprise, U::Medium, "2025-01-27T18:00:00Z", "2025-01-29T10:00:00Z"),
        (C::Enterprise, U::High, "2025-01-27T11:00:00Z", "2025-01-28T10:00:00Z"),
        (C::Enterprise, U::Critical, "2025-01-27T10:15:00Z", "2025-01-27T14:00:00Z"),
    ] {
        let case = case_of(customer, urgency);
        assert_eq!(case.facts().first_response_due, text(first_response), "{customer} {urgency}");
        assert_eq!(case.facts().estimated_resolution, text(resolution), "{customer} {urgency}");
    }
}

#[test]
fn a_replaced_target_is_used() {
    let target = ServiceTarget { first_response: minutes(2), resolution: minutes(30) };
    let sla = SlaPolicy::default()
        .with_target(CustomerType::Business, Urgency::Critical, target)
        .unwrap();
    let policies = Policies { sla, ..Policies::default() };
    let escalated =
        case().escalate(escalate_to(None), &policies, by_staff(after(hours(1)))).unwrap().case;
    assert_eq!(escalated.facts().first_response_due, text("2025-01-27T11:02:00Z"));
    assert_eq!(escalated.facts().estimated_resolution, text("2025-01-27T11:30:00Z"));
}

#[test]
fn every_pause_moves_the_estimate_when_it_ends() {
    for status in [WaitingOnCustomer, OnHold, Resolved] {
        let paused = through(&[(status, "2025-01-27T12:00:00Z")]);
        assert_eq!(paused.facts().estimated_resolution, text("2025-01-29T10:00:00Z"), "{status}");
        assert_eq!(paused.facts().paused, Duration::ZERO);
        // 12:00 on the 27th to 09:30 on the 28th is 21 h 30 min.
        let resumed = become_(&paused, InProgress, text("2025-01-28T09:30:00Z"));
        assert_eq!(resumed.facts().estimated_resolution, text("2025-01-30T07:30:00Z"), "{status}");
        assert_eq!(resumed.facts().paused, minutes(21 * 60 + 30));
    }
}

#[test]
fn time_in_any_other_status_moves_nothing() {
    let case = through(&[
        (InProgress, "2025-01-27T11:00:00Z"),
        (Open, "2025-01-27T15:00:00Z"),
        (InProgress, "2025-01-28T15:00:00Z"),
        (Cancelled, "2025-01-28T20:00:00Z"),
    ]);
    assert_eq!(case.facts().estimated_resolution, text("2025-01-29T10:00:00Z"));
    assert_eq!(case.facts().paused, Duration::ZERO);
}

#[test]
fn moving_between_paused_statuses_counts_all_time_once() {
    let case = through(&[
        (WaitingOnCustomer, "2025-01-27T12:00:00Z"),
        (OnHold, "2025-01-27T13:00:00Z"),
        (WaitingOnCustomer, "2025-01-27T16:00:00Z"),
        (Resolved, "2025-01-27T22:00:00Z"),
        (InProgress, "2025-01-28T08:00:00Z"),
    ]);
    // 12:00 on the 27th to 08:00 on the 28th, in four parts of 1, 3, 6 and 10 h.
    assert_eq!(case.facts().paused, hours(20));
    assert_eq!(case.facts().estimated_resolution, text("2025-01-30T06:00:00Z"));
}

#[test]
fn separate_pauses_add_up() {
    let case = through(&[
        (OnHold, "2025-01-27T12:00:00Z"),
        (InProgress, "2025-01-27T12:30:00Z"),
        (WaitingOnCustomer, "2025-01-27T20:00:00Z"),
        (InProgress, "2025-01-27T20:15:00.250Z"),
    ]);
    assert_eq!(case.facts().paused, minutes(45) + Duration::from_millis(250));
    assert_eq!(case.facts().estimated_resolution, text("2025-01-29T10:45:00.250Z"));
}

#[test]
fn a_reply_and_a_cancellation_end_a_pause_too() {
    let waiting = through(&[(WaitingOnCustomer, "2025-01-27T12:00:00Z")]);
    let replied = try_reply(&waiting, text("2025-01-27T17:00:00Z")).unwrap().case;
    assert_eq!(replied.facts().estimated_resolution, text("2025-01-29T15:00:00Z"));
    let cancelled = try_cancel(&waiting, text("2025-01-27T13:00:00Z")).unwrap().case;
    assert_eq!(cancelled.facts().paused, hours(1));
    let resolved = through(&[(Resolved, "2025-01-27T12:00:00Z")]);
    let reopened = try_reply(&resolved, text("2025-01-30T12:00:00Z")).unwrap().case;
    assert_eq!(reopened.facts().estimated_resolution, text("2025-02-01T10:00:00Z"));
    let closed = become_(&resolved, Closed, text("2025-01-27T14:00:00Z"));
    assert_eq!(closed.facts().paused, hours(2));
}

#[test]
fn changes_that_leave_a_case_paused_move_nothing() {
    let held = through(&[(OnHold, "2025-01-27T12:00:00Z")]);
    let noted = updated(&held, internal_note(), by_staff(text("2025-01-27T13:00:00Z"))).case;
    let replied = try_reply(&noted, text("2025-01-27T14:00:00Z")).unwrap().case;
    let given = assign(&replied, give_to(&jane()), by_staff(text("2025-01-27T15:00:00Z")));
    let given = given.unwrap().case;
    assert_eq!(given.facts().status, OnHold);
    assert_eq!(given.facts().paused, Duration::ZERO);
    assert_eq!(given.facts().estimated_resolution, text("2025-01-29T10:00:00Z"));
    let resumed = become_(&given, InProgress, text("2025-01-27T16:00:00Z"));
    assert_eq!(resumed.facts().paused, hours(4));
}

#[test]
fn earlier_pauses_survive_a_correction_of_the_urgency() {
    let resumed =
        through(&[(OnHold, "2025-01-27T12:00:00Z"), (InProgress, "2025-01-27T18:00:00Z")]);
    // BUSINESS and MEDIUM: 72 h from the opening, and a pause of 6 h.
    let case = corrected(&resumed, to_urgency(Urgency::Medium), after(hours(9))).case;
    assert_eq!(case.facts().estimated_resolution, text("2025-01-30T16:00:00Z"));
    let case = corrected(&case, to_urgency(Urgency::High), after(hours(10))).case;
    assert_eq!(case.facts().estimated_resolution, text("2025-01-29T16:00:00Z"));
    assert_eq!(case.facts().paused, hours(6));
}

#[test]
fn a_pause_during_which_the_urgency_is_corrected_counts_once_and_in_full() {
    let held = through(&[(OnHold, "2025-01-27T12:00:00Z")]);
    let case = corrected(&held, to_urgency(Urgency::Low), text("2025-01-27T14:00:00Z")).case;
    assert_eq!(case.facts().estimated_resolution, text("2025-02-01T10:00:00Z"));
    // On hold for 8 h in total.
    let resumed = become_(&case, InProgress, text("2025-01-27T20:00:00Z"));
    assert_eq!(resumed.facts().estimated_resolution, text("2025-02-01T18:00:00Z"));
}

#[test]
fn the_first_public_message_of_staff_is_the_first_response() {
    let first = updated(&case(), public_message(), by_staff(after(minutes(7))));
    assert_eq!(first.case.facts().first_response, Some(after(minutes(7))));
    assert_eq!(
        first.event.changes,
        [Change::FirstResponse { from: None, to: Some(after(minutes(7))) }]
    );
    let second = updated(&first.case, public_message(), by_staff(after(minutes(9))));
    assert_eq!(second.case.facts().first_response, Some(after(minutes(7))));
    assert_eq!(second.event.changes, []);
}

#[test]
fn a_public_message_with_a_status_change_is_a_response() {
    for to in [Open, WaitingOnCustomer, OnHold, Resolved, Cancelled] {
        let request = UpdateRequest { status_change: Some(to), ..public_message() };
        let case = updated(&assigned_case(), request, by_staff(after(hours(1)))).case;
        assert_eq!(case.facts().first_response, Some(after(hours(1))), "{to}");
    }
}

#[test]
fn only_a_public_message_of_staff_is_a_response() {
    let case = case();
    let at = after(hours(1));
    let internal = UpdateRequest { status_change: Some(InProgress), ..internal_note() };
    let notes = AssignRequest { notes: Some(text("Yours.")), ..give_to(&bob()) };
    for decision in [
        updated(&case, internal_note(), by_staff(at)),
        updated(&case, internal, by_staff(at)),
        updated(&case, status_change(InProgress), by_staff(at)),
        updated(&case, public_message(), by_system(at)),
        assign(&case, give_to(&jane()), by_staff(at)).unwrap(),
        assign(&case, notes, by_staff(at)).unwrap(),
        corrected(&case, to_urgency(Urgency::Low), at),
        try_reply(&case, at).unwrap(),
        try_cancel(&case, at).unwrap(),
        try_escalate(&case, None, by_customer(at)).unwrap(),
        try_escalate(&case, None, by_system(at)).unwrap(),
    ] {
        assert_eq!(decision.case.facts().first_response, None, "{:?}", decision.event);
    }
}

#[test]
fn the_first_response_is_never_paused() {
    let case = through(&[
        (WaitingOnCustomer, "2025-01-27T10:30:00Z"),
        (OnHold, "2025-01-27T11:00:00Z"),
        (InProgress, "2025-01-27T13:00:00Z"),
    ]);
    assert_eq!(case.facts().first_response_due, text("2025-01-27T14:00:00Z"));
}

#[test]
fn a_clock_that_runs_backwards_causes_no_negative_pause() {
    let held = through(&[(OnHold, "2025-01-27T12:00:00Z")]);
    let decision = updated(&held, status_change(InProgress), by_staff(opening()));
    assert_eq!(decision.case.facts().paused, Duration::ZERO);
    assert_eq!(decision.case.facts().estimated_resolution, text("2025-01-29T10:00:00Z"));
    for instant in [
        decision.event.timestamp,
        decision.event.updates[0].timestamp,
        decision.case.facts().status_since,
        decision.case.facts().last_activity,
        decision.case.facts().last_updated,
    ] {
        assert_eq!(instant, text("2025-01-27T12:00:00Z"));
    }
}

#[test]
fn the_last_activity_counts_as_now_if_the_clock_is_behind() {
    let held = through(&[(OnHold, "2025-01-27T12:00:00Z")]);
    let noted = updated(&held, internal_note(), by_staff(text("2025-01-27T15:00:00Z"))).case;
    let resumed = become_(&noted, InProgress, text("2025-01-27T13:00:00Z"));
    assert_eq!(resumed.facts().paused, hours(3));
    assert_eq!(resumed.facts().estimated_resolution, text("2025-01-29T13:00:00Z"));
    let answered = updated(&resumed, public_message(), by_staff(opening())).case;
    assert_eq!(answered.facts().first_response, Some(text("2025-01-27T15:00:00Z")));
    let escalated = escalate(&answered, opening()).case;
    assert_eq!(escalated.facts().estimated_resolution, text("2025-01-27T23:00:00Z"));
}

#[test]
fn the_public_reason_of_a_staff_escalation_is_a_response_and_a_customers_is_not() {
    let reason = escalate_to(None);
    let by_colleague =
        case().escalate(reason.clone(), &Policies::default(), by_staff(after(hours(1)))).unwrap();
    assert_eq!(by_colleague.case.facts().first_response, Some(after(hours(1))));
    let by_owner =
        case().escalate(reason, &Policies::default(), by_customer(after(hours(1)))).unwrap();
    assert_eq!(by_owner.case.facts().first_response, None);
}
