//! Invariants of a change: what holds between the state before, the state after and the event.

use std::time::Duration;

use engage_domain::case::{Assignment, Entitlement};
use engage_domain::event::{Change, RedactableField, RedactedPart, RedactionMark};
use engage_domain::sla::{ServiceAlert, SlaTimerKind, SlaTimerState};
use engage_domain::*;

use crate::commands::{Command, policies};
use crate::support::*;

/// Checks that the next due time is known and that no alert is raised twice or for a stopped timer.
pub(crate) fn check_targets(from: &CaseFacts, to: &CaseFacts, event: &Event, did: &Command) {
    let policies = policies();
    assert_eq!(to.next_action_at, policies.next_action_at(to));
    let (before, after) =
        (policies.sla.timers(from, event.timestamp), policies.sla.timers(to, event.timestamp));
    for (reading, alert) in
        [(after.first_response, to.first_response_alert), (after.resolution, to.resolution_alert)]
    {
        let millis = |part: Duration| i128::try_from(part.as_millis()).unwrap();
        let left = millis(reading.target) - millis(reading.elapsed);
        assert_eq!(reading.remaining.as_millis(), left);
        assert!(alert != Some(ServiceAlert::Breach) || reading.state == SlaTimerState::Breached);
        assert!(alert.is_none() || reading.state != SlaTimerState::Pending);
    }
    let is_awaited = to.first_response.is_none() && to.first_response_ended_at.is_none();
    let is_told = matches!(&event.kind, EventKind::Overdue(told) if told.clock == SlaTimerKind::FirstResponse);
    assert!(is_awaited || !is_told, "the customer no longer waits for a first response");
    match &event.kind {
        EventKind::Overdue(overdue) => {
            assert!(matches!(did, Command::ProcessDueCase));
            assert_eq!((event.visibility, &event.updates[..]), (Visibility::Internal, &[][..]));
            let (told, now, before, clock) = match overdue.clock {
                SlaTimerKind::FirstResponse => {
                    let told = (from.first_response_alert, to.first_response_alert);
                    (told.0, told.1, before.first_response, after.first_response)
                }
                SlaTimerKind::Resolution => {
                    let told = (from.resolution_alert, to.resolution_alert);
                    (told.0, told.1, before.resolution, after.resolution)
                }
            };
            assert!(told < now && now == Some(overdue.alert));
            assert!(!matches!(before.state, SlaTimerState::Met | SlaTimerState::Cancelled));
            assert_eq!(
                clock.state == SlaTimerState::Breached,
                overdue.alert == ServiceAlert::Breach
            );
        }
        _ if matches!(did, Command::Correct(_) | Command::Prove(_)) => {
            assert!(to.first_response_alert <= from.first_response_alert);
            assert!(to.resolution_alert <= from.resolution_alert);
        }
        _ => {
            assert_eq!(to.first_response_alert, from.first_response_alert);
            assert_eq!(to.resolution_alert, from.resolution_alert);
        }
    }
    if matches!(did, Command::ProcessDueCase) && to.status != from.status {
        assert_eq!((from.status, to.status), (Status::Resolved, Status::Closed));
        assert!(event.timestamp.since(from.status_since) > days(7), "closed too soon");
    }
}

/// Checks that the event is complete: applying its changes to the old state yields the new one.
pub(crate) fn check_history(from: &CaseFacts, to: &CaseFacts, event: &Event) {
    assert_eq!((event.sequence, to.version), (to.version, from.version.next()));
    let mut replayed = CaseFacts {
        version: to.version,
        last_activity: to.last_activity,
        last_updated: to.last_updated,
        customer_escalated_at: to.customer_escalated_at,
        counted_replies: to.counted_replies,
        customer_file_bytes: to.customer_file_bytes,
        first_response_ended_at: to.first_response_ended_at,
        paused: to.paused,
        next_action_at: to.next_action_at,
        claimed_customer_type: to.claimed_customer_type,
        sla_targets: to.sla_targets.clone(),
        ..from.clone()
    };
    macro_rules! set {
        ($property:expr, $from:expr, $to:expr) => {{
            assert_ne!($from, $to);
            assert_eq!($property, *$from);
            $property = $to.clone();
        }};
    }
    for change in &event.changes {
        match change {
            Change::Status { from, to } => {
                set!(replayed.status, from, to);
                replayed.status_since = event.timestamp;
            }
            Change::Urgency { from, to } => set!(replayed.urgency, from, to),
            Change::CustomerType { from, to } => set!(replayed.customer.customer_type, from, to),
            Change::IssueType { from, to } => set!(replayed.issue_type, from, to),
            Change::EscalationLevel { from, to } => set!(replayed.escalation_level, from, to),
            Change::PriorityScore { from, to } => set!(replayed.priority_score, from, to),
            Change::AssignedTo { from, to } => {
                assert_ne!(from, to);
                assert_eq!(replayed.assignee(), from.as_ref());
                let assigned_at = event.timestamp;
                replayed.assignment =
                    to.clone().map(|assigned_to| Assignment { assigned_to, assigned_at });
            }
            Change::Department { from, to } => set!(replayed.department, from, to),
            Change::FirstResponse { from, to } => set!(replayed.first_response, from, to),
            Change::FirstResponseDue { from, to } => set!(replayed.first_response_due, from, to),
            Change::EstimatedResolution { from, to } => {
                set!(replayed.estimated_resolution, from, to);
            }
            Change::FirstResponseAlert { from, to } => {
                set!(replayed.first_response_alert, from, to);
            }
            Change::ResolutionAlert { from, to } => set!(replayed.resolution_alert, from, to),
            Change::CustomerProven { from, to } => {
                assert_eq!((*from, *to), (replayed.is_customer_proven(), !from));
                replayed.customer_proven_at = to.then_some(event.timestamp);
            }
            Change::Entitlement { from, to } => set!(replayed.entitlement, from, to),
            Change::Tags { from, to } => set!(replayed.tags, from, to),
            Change::Participant { .. } => panic!("no command changes participants"),
            Change::Name { from, to } => set!(replayed.customer.name, from, to),
            Change::Email { from, to } => set!(replayed.customer.email, from, to),
            Change::Phone { from, to } => set!(replayed.customer.phone, from, to),
            Change::Organization { from, to } => set!(replayed.customer.organization, from, to),
            Change::ClientOrProjectName { from, to } => set!(replayed.project, from, to),
            Change::Subject { from, to } => set!(replayed.subject, from, to),
            Change::Redaction { to: redaction, .. } => {
                let mark = RedactionMark::new(&event.actor, event.timestamp);
                match redaction.part {
                    RedactedPart::Field(RedactableField::Subject) => {
                        replayed.subject = Subject::redacted(&mark);
                    }
                    RedactedPart::Field(RedactableField::Message) => {
                        replayed.message = Message::redacted(&mark);
                    }
                    part => panic!("no command redacts {part:?}"),
                }
            }
        }
    }
    assert_eq!(&replayed, to);
}

pub(crate) fn check_lifecycle(from: &CaseFacts, to: &CaseFacts, event: &Event) {
    use Status::{Cancelled, Closed, InProgress, OnHold, Open, Resolved, WaitingOnCustomer};
    let legal = match from.status {
        Open | InProgress => to.status != Closed,
        WaitingOnCustomer | OnHold => !matches!(to.status, Open | Closed),
        Resolved => matches!(to.status, Resolved | InProgress | Closed),
        Closed | Cancelled => to.status == from.status,
    };
    assert!(legal, "{} became {}", from.status, to.status);
    assert!(to.status != Open || to.assignment.is_none());
    if matches!(from.status, Closed | Cancelled) {
        let is_late = |change: &Change| {
            matches!(
                change,
                Change::Redaction { .. } | Change::CustomerProven { .. } | Change::Tags { .. }
            )
        };
        assert_eq!(event.event_type(), EventType::Updated);
        assert!(event.changes.iter().all(is_late), "{:?}", event.changes);
        assert!(event.updates.iter().all(|update| update.visibility == Visibility::Internal));
    }
    let is_cancelled = to.status == Cancelled && from.status != Cancelled;
    assert_eq!(is_cancelled, event.event_type() == EventType::Cancelled);
    let reassigned = event.assignee_change().is_some() || from.department != to.department;
    assert_eq!(reassigned && !is_cancelled, event.event_type() == EventType::Assigned);
    assert!(event.visibility == Visibility::Public || event.public_update().is_none());
}

/// Checks that the customer stays reachable, and is notified of a new address, by an event that says it
/// only where erasure reaches.
pub(crate) fn check_customer(from: &CaseFacts, to: &CaseFacts, event: &Event, did: &Command) {
    let customer = &to.customer;
    assert!(customer.email.is_some() || customer.phone.is_some());
    let is_new = customer.email.is_some() && customer.email != from.customer.email;
    if matches!(did, Command::Correct(_)) {
        let visibility = if is_new { Visibility::Public } else { Visibility::Internal };
        assert_eq!(event.visibility, visibility);
        assert_eq!(event.updates.len(), usize::from(is_new));
    } else {
        let customer_type = from.customer.customer_type;
        assert_eq!(&customer.clone().with_type(customer_type), &from.customer);
    }
    if !matches!(did, Command::Correct(_) | Command::Prove(_)) {
        assert_eq!(customer, &from.customer);
        assert_eq!(to.sla_targets, from.sla_targets);
    }
    check_entitlement(from, to, is_new || customer.email.is_none());
}

/// Checks that a customer is entitled only by the proof of the present address, and only once.
fn check_entitlement(from: &CaseFacts, to: &CaseFacts, is_unproven: bool) {
    let is_verified = to.entitlement == Entitlement::Verified;
    assert!(to.is_customer_proven() || !is_verified);
    assert!(is_verified || to.sla_targets.is_none());
    if is_unproven && from.customer.email != to.customer.email {
        assert!(!to.is_customer_proven() && !is_verified);
    } else if from.is_customer_proven() {
        assert_eq!(to.customer_proven_at, from.customer_proven_at);
        assert_eq!(to.entitlement, from.entitlement);
        assert_eq!(to.sla_targets, from.sla_targets);
    }
}

pub(crate) fn check_urgency(from: &CaseFacts, to: &CaseFacts, event: &Event) {
    let score = policies().explain_priority(to).score();
    assert_eq!(to.priority_score, score);
    assert!(score.get() <= 100);
    assert!(to.escalation_level >= from.escalation_level && to.escalation_level.get() <= 3);
    if let EventKind::Escalated(escalation) = &event.kind {
        assert!(to.urgency >= from.urgency);
        assert_eq!(to.escalation_level.get(), (from.escalation_level.get() + 1).min(3));
        assert_eq!(
            (escalation.previous_urgency, escalation.new_urgency, escalation.level),
            (from.urgency, to.urgency, to.escalation_level)
        );
        assert!(matches!(to.status, Status::Open | Status::InProgress));
    } else if let Some(escalation) = event.kind.escalation() {
        assert!(from.status.is_active());
        assert_eq!(
            (escalation.previous_urgency, escalation.new_urgency),
            (from.urgency, to.urgency)
        );
        assert_eq!((from.urgency, escalation.level), (to.urgency, from.escalation_level.raised()));
        assert_eq!(to.escalation_level, escalation.level);
    } else {
        assert_eq!(to.escalation_level, from.escalation_level);
    }
}
