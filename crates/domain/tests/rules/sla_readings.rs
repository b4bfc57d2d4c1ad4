//! Readings of SLA timers as text.
//!
//! A reading is written as `target, elapsed, paused, remaining STATE until due`, in hours and
//! minutes of working time.

use engage_domain::sla::SlaTimerReading;
use engage_domain::*;

use crate::support::*;

/// Opens a case of a business customer.
pub(crate) fn opened(policies: &Policies, urgency: Urgency, at: &str) -> Case {
    let request = OpenRequest { urgency, ..new_case() };
    Case::open(CaseId::from_u128(1), text("CW-2025-001"), request, policies, by_customer(text(at)))
        .case
}

pub(crate) fn enter(policies: &Policies, case: &Case, status: Status, at: &str) -> Case {
    case.update(status_change(status), policies, by_staff(text(at))).unwrap().unwrap().case
}

pub(crate) fn escalated(policies: &Policies, case: &Case, to: Urgency, at: &str) -> Case {
    case.escalate(escalate_to(Some(to)), policies, by_customer(text(at))).unwrap().case
}

pub(crate) fn answered(policies: &Policies, case: &Case, at: &str) -> Case {
    case.update(public_message(), policies, by_staff(text(at))).unwrap().unwrap().case
}

/// Formats a duration as hours and minutes, with seconds if there are any.
fn clock_face(millis: i128) -> String {
    let (sign, millis) = (if millis < 0 { "-" } else { "" }, millis.unsigned_abs());
    let (minutes, rest) = (millis / 60_000, millis % 60_000);
    let face = format!("{sign}{}:{:02}", minutes / 60, minutes % 60);
    if rest == 0 { face } else { format!("{face}:{:02}.{:03}", rest / 1000, rest % 1000) }
}

fn written(reading: SlaTimerReading) -> String {
    let SlaTimerReading { target, elapsed, paused, remaining, due, state } = reading;
    let [target, elapsed, paused] =
        [target, elapsed, paused].map(|part| clock_face(part.as_millis().try_into().unwrap()));
    let remaining = clock_face(remaining.as_millis());
    let due = due.map_or(String::new(), |due| format!(" until {due}"));
    format!("{target}, {elapsed}, {paused}, {remaining} {state}{due}")
}

#[track_caller]
pub(crate) fn assert_shows(
    policies: &Policies,
    case: &Case,
    at: &str,
    response: &str,
    resolution: &str,
) {
    let timers = policies.sla.timers(case.facts(), text(at));
    let shown = [timers.first_response, timers.resolution].map(written);
    assert_eq!(shown, [response, resolution], "at {at}");
}
