//! A case and an event as external systems, message templates and staff see them.
//!
//! The JSON has the shape of the HTTP API. `data.case` of a webhook is the same object as the
//! `case` that the API returns to staff.

mod actor;
mod case;
mod event;
mod people;
mod redaction;
mod update;

pub use actor::{ActorSnapshot, MachineSnapshot};
pub use case::{
    AssignmentSnapshot, CaseDetailsSnapshot, CaseSnapshot, CustomerSnapshot, TimelineSnapshot,
};
pub use event::{EscalationSnapshot, EventSnapshot};
pub use people::ErasedPeople;
pub use update::{AttachmentSnapshot, UpdateSnapshot};

use engage_domain::contact::ABSENT_EMAIL;
use engage_domain::{
    CaseFacts, CaseNumber, EmailAddress, Event, EventType, Message, PersonName, Reason, StaffRef,
    Subject, Timestamp, WebhookId,
};
use serde::{Deserialize, Serialize};

use crate::NotifyError;

/// Key of an event, beside its changes, in the JSON that stores keep: the changes of participants.
const PARTICIPANT_CHANGES: &str = "participantChanges";

/// Key like [`PARTICIPANT_CHANGES`]: changes of the other kinds that programs of earlier releases do
/// not know. They ignore the key.
const RECENT_CHANGES: &str = "recentChanges";

/// Key of the type of an event in the JSON that stores keep, if programs of earlier releases do not know
/// it. They read another type, which they know, under `type`.
const RECENT_TYPE: &str = "recentType";

/// An event together with the case as the event left it. A snapshot is written once, in the commit
/// of the change. Only redactions and erasures modify it afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "WrittenSnapshot")]
pub struct Snapshot {
    /// Type of the event.
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// Time of the event.
    pub timestamp: Timestamp,
    /// The case and the event.
    pub data: SnapshotData,
    /// The webhook endpoint that was disabled because it did not accept this event. Present only in
    /// notifications to staff about the disabled endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled_endpoint: Option<DisabledEndpoint>,
    /// Other cases that the same notification covers. Added on delivery and never stored.
    #[serde(skip)]
    pub gathered: Vec<CaseNumber>,
}

/// A snapshot as it was written, by this program or an earlier one.
#[derive(Deserialize)]
struct WrittenSnapshot {
    #[serde(rename = "type")]
    event_type: EventType,
    #[serde(rename = "recentType")]
    recent_type: Option<EventType>,
    timestamp: Timestamp,
    data: SnapshotData,
    disabled_endpoint: Option<DisabledEndpoint>,
}

impl From<WrittenSnapshot> for Snapshot {
    fn from(written: WrittenSnapshot) -> Self {
        Self {
            event_type: written.recent_type.unwrap_or(written.event_type),
            timestamp: written.timestamp,
            data: written.data,
            disabled_endpoint: written.disabled_endpoint,
            gathered: Vec::new(),
        }
    }
}

/// A webhook endpoint that no longer receives events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisabledEndpoint {
    /// Id of the endpoint.
    pub id: WebhookId,
    /// URL of the endpoint.
    pub url: String,
    /// Reason for disabling it.
    pub reason: String,
    /// Time at which it was disabled.
    pub since: Timestamp,
}

/// Payload of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SnapshotData {
    /// The case after the event.
    pub case: CaseSnapshot,
    /// The event.
    pub event: EventSnapshot,
}

impl Snapshot {
    /// Takes a snapshot of an event, the case after it, and the assignee of the case after it.
    pub fn new(event: &Event, case: &CaseFacts, assignee: Option<&StaffRef>) -> Self {
        Self {
            event_type: event.event_type(),
            timestamp: event.timestamp,
            data: SnapshotData {
                case: CaseSnapshot::new(case, assignee),
                event: EventSnapshot::new(event, &case.customer.name),
            },
            disabled_endpoint: None,
            gathered: Vec::new(),
        }
    }

    /// Serializes the snapshot as JSON.
    pub fn to_json(&self) -> Result<String, NotifyError> {
        serde_json::to_string(self).map_err(|cause| {
            NotifyError::rejected(format!("the snapshot cannot be written: {cause}"))
        })
    }

    /// Serializes the snapshot as stores keep it, so that programs of earlier releases read it. A
    /// customer without an address has [`ABSENT_EMAIL`]. A type, and changes of a kind, that some of
    /// those programs do not know are beside those that they know.
    pub fn into_stored_json(mut self) -> serde_json::Result<String> {
        self.data.case.customer_info.email.get_or_insert_with(EmailAddress::absent);
        let event_type = self.event_type;
        self.event_type = event_type.known_before(&self.data.event.changes);
        let of_participants = self.data.event.take_participant_changes();
        let recent = self.data.event.take_recent_changes();
        if event_type == self.event_type && of_participants.is_empty() && recent.is_empty() {
            return serde_json::to_string(&self);
        }
        let mut json = serde_json::to_value(&self)?;
        if event_type != self.event_type {
            json[RECENT_TYPE] = event_type.as_str().into();
        }
        for (key, changes) in [(PARTICIPANT_CHANGES, of_participants), (RECENT_CHANGES, recent)] {
            if !changes.is_empty() {
                json["data"]["event"][key] = serde_json::to_value(changes)?;
            }
        }
        serde_json::to_string(&json)
    }

    /// Checks whether JSON of [`into_stored_json`](Self::into_stored_json) is that of the snapshot
    /// as well, so that it can be sent as it is. Returns false for some texts of customers, too.
    pub fn is_stored_as_sent(stored: &str) -> bool {
        let apart = [ABSENT_EMAIL, PARTICIPANT_CHANGES, RECENT_CHANGES, RECENT_TYPE];
        apart.iter().all(|key| !stored.contains(key))
    }

    /// Removes internal updates, for endpoints that do not receive them.
    #[must_use]
    pub fn without_internal(mut self) -> Self {
        self.data.event.updates.retain(|update| !update.is_internal);
        self
    }

    /// Erases the personal data of the customer and of participants, and all written text. The
    /// actions of staff and their times remain.
    #[must_use]
    pub fn erased(mut self) -> Self {
        let CaseSnapshot { customer_info, case_details, .. } = &mut self.data.case;
        customer_info.name = PersonName::erased();
        customer_info.email = Some(EmailAddress::erased());
        customer_info.organization = None;
        customer_info.phone = None;
        case_details.subject = Subject::erased();
        case_details.message = Message::erased();
        case_details.client_or_project_name = None;
        let event = &mut self.data.event;
        event.actor.erase();
        event.changes.retain(|change| !change.is_personal());
        for update in &mut event.updates {
            update.message = Message::erased();
            update.author.erase();
            update.attachments.clear();
        }
        if let Some(escalation) = &mut event.escalation {
            escalation.reason = Reason::erased();
            escalation.by.erase();
        }
        self
    }
}
