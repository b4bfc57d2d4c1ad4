//! Counters of case changes and deliveries.

use std::time::Duration;

use engage_domain::event::Change;
use engage_domain::sla::{ServiceAlert, SlaTimerKind};
use engage_domain::{CaseFacts, Channel, CustomerType, Event, EventKind, IssueType, Urgency};
use engage_repository::ClaimOutcome;
use metrics::{Counter, counter, describe_counter, describe_histogram, histogram};

const CREATED: &str = "engage_cases_created_total";
const ESCALATED: &str = "engage_cases_escalated_total";
const CANCELLED: &str = "engage_cases_cancelled_total";
const OVERDUE: &str = "engage_cases_overdue_total";
const DELIVERIES: &str = "engage_deliveries_total";
const DELIVERY_SECONDS: &str = "engage_delivery_seconds";

/// Name of the histogram of delivery attempts, and the upper bounds of its buckets in seconds.
pub const DELIVERY_BUCKETS: (&str, &[f64]) =
    (DELIVERY_SECONDS, &[0.005, 0.02, 0.1, 0.25, 0.5, 1.0, 5.0, 20.0, 120.0]);

/// Values of the label `outcome`.
const OUTCOMES: [&str; 6] = ["sent", "failed", "dead", "deferred", "cancelled", "held_back"];

fn case_counter(
    name: &'static str,
    urgency: Urgency,
    issue_type: IssueType,
    customer_type: CustomerType,
) -> Counter {
    counter!(
        name,
        "urgency" => urgency.as_str(),
        "issue_type" => issue_type.as_str(),
        "customer_type" => customer_type.as_str(),
    )
}

fn overdue_counter(
    clock: SlaTimerKind,
    alert: ServiceAlert,
    urgency: Urgency,
    customer_type: CustomerType,
) -> Counter {
    counter!(
        OVERDUE,
        "clock" => clock.as_str(),
        "alert" => alert.as_str(),
        "urgency" => urgency.as_str(),
        "customer_type" => customer_type.as_str(),
    )
}

/// Returns the counter of a change, to be incremented once the change is committed.
pub(crate) fn change_counter(event: &Event, case: &CaseFacts) -> Counter {
    let customer_type = case.customer.customer_type;
    let name = match &event.kind {
        EventKind::Created => CREATED,
        EventKind::Escalated(_) => ESCALATED,
        EventKind::Cancelled => CANCELLED,
        EventKind::Overdue(overdue) => {
            return overdue_counter(overdue.clock, overdue.alert, case.urgency, customer_type);
        }
        EventKind::Erased if event.changes.iter().any(Change::is_cancellation) => CANCELLED,
        EventKind::Updated | EventKind::Assigned | EventKind::Erased => return Counter::noop(),
    };
    case_counter(name, case.urgency, case.issue_type, customer_type)
}

/// Returns the name of an outcome in metrics and traces.
pub(crate) fn outcome_name(completion: &ClaimOutcome) -> &'static str {
    match completion {
        ClaimOutcome::Sent => "sent",
        ClaimOutcome::Retry { .. } => "failed",
        ClaimOutcome::Dead { .. } => "dead",
        ClaimOutcome::Deferred { .. } => "deferred",
        ClaimOutcome::Cancelled { .. } => "cancelled",
        ClaimOutcome::HeldBack { .. } => "held_back",
        ClaimOutcome::Released => "released",
    }
}

/// Counts a delivery attempt.
pub(crate) fn count_attempt(channel: Channel, completion: &ClaimOutcome, took: Duration) {
    if matches!(completion, ClaimOutcome::Released) {
        return;
    }
    let outcome = outcome_name(completion);
    let channel = channel.as_str();
    counter!(DELIVERIES, "channel" => channel, "outcome" => outcome).increment(1);
    let seconds = histogram!(DELIVERY_SECONDS, "channel" => channel, "outcome" => outcome);
    seconds.record(took.as_secs_f64());
}

/// Describes the counters and initializes all of them with zero, so that rates include their first
/// increment.
pub(super) fn begin() {
    describe_counter!(CREATED, "Cases opened.");
    describe_counter!(ESCALATED, "Escalations of cases.");
    describe_counter!(CANCELLED, "Cases cancelled.");
    describe_counter!(OVERDUE, "Service targets approached (WARNING) or missed (BREACH).");
    describe_counter!(DELIVERIES, "Delivery attempts, by channel and outcome.");
    describe_histogram!(DELIVERY_SECONDS, "Duration of delivery attempts, by channel and outcome.");
    for &urgency in Urgency::ALL {
        for &customer_type in CustomerType::ALL {
            for &issue_type in IssueType::ALL {
                for name in [CREATED, ESCALATED, CANCELLED] {
                    case_counter(name, urgency, issue_type, customer_type).increment(0);
                }
            }
            for &clock in SlaTimerKind::ALL {
                for &alert in ServiceAlert::ALL {
                    overdue_counter(clock, alert, urgency, customer_type).increment(0);
                }
            }
        }
    }
    for &channel in Channel::ALL {
        for outcome in OUTCOMES {
            let channel = channel.as_str();
            counter!(DELIVERIES, "channel" => channel, "outcome" => outcome).increment(0);
            // Naming a histogram is enough to register it.
            let _ = histogram!(DELIVERY_SECONDS, "channel" => channel, "outcome" => outcome);
        }
    }
}
