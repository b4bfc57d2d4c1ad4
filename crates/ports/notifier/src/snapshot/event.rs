//! An event in a snapshot, with the escalation or the missed target that it reports.

use engage_domain::case::{Escalation, EscalationLevel};
use engage_domain::event::{Change, Overdue};
use engage_domain::sla::{ServiceAlert, SlaTimerKind};
use engage_domain::{
    Event, EventId, PersonId, PersonName, Reason, Timestamp, Urgency, Version, Visibility,
};
use serde::{Deserialize, Serialize};

use super::actor::ActorSnapshot;
use super::update::UpdateSnapshot;

/// Event of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", from = "WrittenEvent")]
pub struct EventSnapshot {
    /// Id of the event.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: EventId,
    /// Position in the history of the case, which equals the version of the case after the event.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, minimum = 1))]
    pub sequence: Version,
    /// Subtypes of the event. Any of `case.replied`, `case.answered`, `case.noted`,
    /// `case.resolved`, `case.reopened` and `case.closed`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(example = json!(["case.answered"])))]
    pub subtypes: Vec<String>,
    /// Actor that caused the event.
    pub actor: ActorSnapshot,
    /// Person of the case who caused the event. Null for staff and the system.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub person_id: Option<PersonId>,
    /// True if the event is visible to staff only.
    pub is_internal: bool,
    /// Changed properties, each with `field`, `from` and `to`.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<ChangeSchema>))]
    pub changes: Vec<Change>,
    /// Updates that were added to the conversation.
    pub updates: Vec<UpdateSnapshot>,
    /// The escalation, if the event is or includes one.
    pub escalation: Option<EscalationSnapshot>,
    /// The SLA target that is at risk or missed, if the event reports one.
    #[serde(default)]
    pub overdue: Option<OverdueSnapshot>,
}

/// A changed property, as described in the OpenAPI document.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
#[schema(as = Change)]
#[allow(dead_code)]
struct ChangeSchema {
    /// `status`, `urgency`, `customerType`, `issueType`, `escalationLevel`, `priorityScore`,
    /// `assignedTo`, `department`, `firstResponse`, `firstResponseDue`, `estimatedResolution`,
    /// `firstResponseAlert`, `resolutionAlert`, `participant`, `name`, `email`, `phone`,
    /// `organization`, `clientOrProjectName`, `subject`, `tags` or `redaction`.
    #[schema(example = "status")]
    field: String,
    /// Previous value, null if there was none.
    #[schema(value_type = Value)]
    from: (),
    /// New value.
    #[schema(value_type = Value)]
    to: (),
}

impl EventSnapshot {
    pub(super) fn new(event: &Event, customer: &PersonName) -> Self {
        Self {
            id: event.id,
            sequence: event.sequence,
            subtypes: event.subtypes().into_iter().map(|subtype| subtype.to_string()).collect(),
            actor: ActorSnapshot::new(&event.actor, customer),
            person_id: event.person_id,
            is_internal: event.visibility == Visibility::Internal,
            changes: event.changes.clone(),
            updates: event.updates.iter().map(|u| UpdateSnapshot::new(u, customer)).collect(),
            escalation: event.kind.escalation().map(|e| EscalationSnapshot::new(e, customer)),
            overdue: event.kind.overdue().map(OverdueSnapshot::from),
        }
    }

    /// Takes out the changes of participants, which the release before reads in another list.
    pub(super) fn take_participant_changes(&mut self) -> Vec<Change> {
        self.take_changes(|change| matches!(change, Change::Participant { .. }))
    }

    /// Takes out the changes that programs of the release before cannot read.
    pub(super) fn take_recent_changes(&mut self) -> Vec<Change> {
        self.take_changes(|change| !change.is_known_before())
    }

    fn take_changes(&mut self, is_taken: impl Fn(&Change) -> bool) -> Vec<Change> {
        let changes = std::mem::take(&mut self.changes);
        let (taken, left) = changes.into_iter().partition(is_taken);
        self.changes = left;
        taken
    }
}

/// An event as it was written, by this program or an earlier one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenEvent {
    id: EventId,
    sequence: Version,
    #[serde(default)]
    subtypes: Vec<String>,
    actor: ActorSnapshot,
    /// Absent in snapshots of earlier programs.
    person_id: Option<PersonId>,
    is_internal: bool,
    changes: Vec<Change>,
    /// Changes of participants, in the snapshots that stores keep.
    #[serde(default)]
    participant_changes: Vec<Change>,
    /// Changes of the other kinds that earlier programs cannot read.
    #[serde(default)]
    recent_changes: Vec<Change>,
    updates: Vec<UpdateSnapshot>,
    escalation: Option<EscalationSnapshot>,
    overdue: Option<OverdueSnapshot>,
}

impl From<WrittenEvent> for EventSnapshot {
    fn from(written: WrittenEvent) -> Self {
        let mut changes = written.changes;
        changes.extend(written.participant_changes);
        changes.extend(written.recent_changes);
        Self {
            id: written.id,
            sequence: written.sequence,
            subtypes: written.subtypes,
            actor: written.actor,
            person_id: written.person_id,
            is_internal: written.is_internal,
            changes,
            updates: written.updates,
            escalation: written.escalation,
            overdue: written.overdue,
        }
    }
}

/// An escalation of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EscalationSnapshot {
    /// Time of the escalation.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub timestamp: Timestamp,
    /// Reason for the escalation.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub reason: Reason,
    /// Actor that requested the escalation.
    pub by: ActorSnapshot,
    /// Escalation level after the escalation.
    #[cfg_attr(feature = "openapi", schema(value_type = u8, maximum = 3))]
    pub level: EscalationLevel,
    /// Urgency before the escalation.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub previous_urgency: Urgency,
    /// Urgency after the escalation.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub new_urgency: Urgency,
}

impl EscalationSnapshot {
    /// Converts an escalation. `customer` is the name of the customer of the case.
    pub fn new(escalation: &Escalation, customer: &PersonName) -> Self {
        Self {
            timestamp: escalation.timestamp,
            reason: escalation.reason.clone(),
            by: ActorSnapshot::new(&escalation.by, customer),
            level: escalation.level,
            previous_urgency: escalation.previous_urgency,
            new_urgency: escalation.new_urgency,
        }
    }
}

/// An SLA target that is at risk or missed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OverdueSnapshot {
    /// SLA timer, `FIRST_RESPONSE` or `RESOLUTION`.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "FIRST_RESPONSE"))]
    pub clock: SlaTimerKind,
    /// `WARNING` when three quarters of the time have elapsed, or `BREACH` when the target is
    /// missed.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "WARNING"))]
    pub alert: ServiceAlert,
    /// Time at which the target is or was due.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub due_at: Timestamp,
}

impl From<&Overdue> for OverdueSnapshot {
    fn from(overdue: &Overdue) -> Self {
        let &Overdue { clock, alert, due, escalation: _ } = overdue;
        Self { clock, alert, due_at: due }
    }
}

#[cfg(test)]
mod tests {
    use engage_domain::event::{RedactableField, RedactedPart, Redaction};
    use engage_domain::{Actor, Case, CorrectRequest, Decision, EmailAddress, Policies};
    use engage_testkit::builders::{
        a_staff_member, a_stamp, an_opened, by, corrected, joined, minutes_later,
    };

    use super::super::Snapshot;
    use super::*;

    /// Changes that the release before reads.
    #[derive(Debug, PartialEq, Eq, Deserialize)]
    #[serde(tag = "field", rename_all = "camelCase")]
    enum ChangeBefore {
        Status,
        Urgency,
        CustomerType,
        IssueType,
        EscalationLevel,
        PriorityScore,
        AssignedTo,
        Department,
        FirstResponse,
        FirstResponseDue,
        EstimatedResolution,
        FirstResponseAlert,
        ResolutionAlert,
        Participant,
    }

    /// An event as the release before reads it.
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct EventBefore {
        changes: Vec<ChangeBefore>,
        #[serde(default)]
        participant_changes: Vec<ChangeBefore>,
    }

    /// Returns what the release before reads of an event, which is restored by this one.
    fn read_before(Decision { case, event }: &Decision) -> EventBefore {
        let snapshot = Snapshot::new(event, case.facts(), None);
        let stored = snapshot.clone().into_stored_json().unwrap();
        assert_eq!(serde_json::from_str::<Snapshot>(&stored).unwrap(), snapshot);
        assert!(!Snapshot::is_stored_as_sent(&stored), "{stored}");
        let json: serde_json::Value = serde_json::from_str(&stored).unwrap();
        serde_json::from_value(json["data"]["event"].clone()).unwrap()
    }

    #[test]
    fn the_release_before_reads_the_snapshots_of_corrections_and_redactions() {
        let case = an_opened(1).case;
        let request = CorrectRequest::default()
            .with_name("Jane Doe".parse().unwrap())
            .with_email("jane@example.com".parse::<EmailAddress>().unwrap())
            .with_subject("No access".parse().unwrap())
            .with_urgency(Urgency::Critical);
        let correction = corrected(&case, request, Actor::System, minutes_later(1));
        let event = read_before(&correction);
        assert!(event.changes.contains(&ChangeBefore::Urgency), "{:?}", event.changes);
        assert_eq!(event.participant_changes, []);

        let part = RedactedPart::Field(RedactableField::Subject);
        let redaction = Redaction { part, quotes: Vec::new() };
        let stamp = a_stamp(by(&a_staff_member("ann")), minutes_later(2));
        let event = read_before(&case.redact(redaction, &Policies::default(), stamp).unwrap());
        assert_eq!((event.changes, event.participant_changes), (vec![], vec![]));
    }

    #[test]
    fn the_release_before_reads_an_erasure_as_an_event_that_it_knows() {
        let open = an_opened(1).case;
        let erase = |case: &Case, at| {
            let stamp = a_stamp(Actor::System, minutes_later(at));
            case.erase(&Policies::default(), stamp)
        };
        let cancelling = erase(&open, 1);
        let again = erase(&cancelling.case, 2);
        for (Decision { case, event }, known) in
            [(cancelling, "case.cancelled"), (again, "case.updated")]
        {
            let snapshot = Snapshot::new(&event, case.facts(), None);
            let stored = snapshot.clone().into_stored_json().unwrap();
            let json: serde_json::Value = serde_json::from_str(&stored).unwrap();
            assert_eq!(
                (&json["type"], &json["recentType"]),
                (&known.into(), &"case.erased".into())
            );
            assert!(!Snapshot::is_stored_as_sent(&stored), "{stored}");
            assert_eq!(serde_json::from_str::<Snapshot>(&stored).unwrap(), snapshot);
            let sent: serde_json::Value =
                serde_json::from_str(&snapshot.to_json().unwrap()).unwrap();
            assert_eq!(sent["type"], "case.erased");
            assert_eq!(sent.get("recentType"), None);
        }
    }

    #[test]
    fn the_release_before_finds_the_changes_of_participants() {
        let joining =
            joined(&an_opened(1).case, "ann@example.com", Actor::Customer, minutes_later(1));
        let event = read_before(&joining);
        assert_eq!(event.changes, []);
        assert_eq!(event.participant_changes, [ChangeBefore::Participant]);
    }
}
