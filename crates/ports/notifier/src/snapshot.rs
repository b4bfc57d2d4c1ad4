//! A case and an event as external systems, message templates and staff see them.
//!
//! The JSON has the shape of the HTTP API. `data.case` of a webhook is the same object as the
//! `case` that the API returns to staff.

use engage_domain::{
    Actor, Attachment, AttachmentId, CaseFacts, CaseNumber, Change, ContentHash, ContentType,
    CustomerType, Department, ERASED, EmailAddress, Escalation, EscalationLevel, Event, EventId,
    EventType, FileName, IssueType, Message, Organization, Overdue, PersonName, PhoneNumber,
    PriorityScore, ProjectName, Reason, ServiceAlert, SlaTimerKind, StaffId, StaffRef, Status,
    Subject, Timestamp, Update, UpdateId, Urgency, Version, Visibility, WebhookId,
};
use serde::{Deserialize, Serialize};

use crate::NotifyError;

/// An event together with the case as the event left it. A snapshot is written once, in the commit
/// of the change, and never modified afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_endpoint: Option<DisabledEndpoint>,
    /// Other cases that the same notification covers. Added on delivery and never stored.
    #[serde(skip)]
    pub gathered: Vec<CaseNumber>,
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

    /// Removes internal updates, for endpoints that do not receive them.
    #[must_use]
    pub fn without_internal(mut self) -> Self {
        self.data.event.updates.retain(|update| !update.is_internal);
        self
    }

    /// Erases the customer's personal data and all written text. The actions of staff and their
    /// times remain.
    #[must_use]
    pub fn erased(mut self) -> Self {
        let CaseSnapshot { customer_info, case_details, .. } = &mut self.data.case;
        customer_info.name = PersonName::erased();
        customer_info.email = EmailAddress::erased();
        customer_info.organization = None;
        customer_info.phone = None;
        case_details.subject = Subject::erased();
        case_details.message = Message::erased();
        case_details.client_or_project_name = None;
        let event = &mut self.data.event;
        event.actor.erase();
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

/// A case as staff and external systems see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CaseSnapshot {
    /// Case number.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "CW-2025-001"))]
    pub case_number: CaseNumber,
    /// Version of the case, incremented by every change.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, minimum = 1))]
    pub version: Version,
    /// The customer.
    pub customer_info: CustomerSnapshot,
    /// Content, classification and status.
    pub case_details: CaseDetailsSnapshot,
    /// The assignee and the department.
    pub assignment: AssignmentSnapshot,
    /// Times of the case, including its SLA targets.
    pub timeline: TimelineSnapshot,
}

/// Customer of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CustomerSnapshot {
    /// Name of the person.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub name: PersonName,
    /// E-mail address for replies.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "idn-email"))]
    pub email: EmailAddress,
    /// Organization that the customer works for.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub organization: Option<Organization>,
    /// Phone number in E.164 format.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub phone: Option<PhoneNumber>,
    /// Customer's type of contract.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "BUSINESS"))]
    pub customer_type: CustomerType,
}

/// Content, classification and status of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CaseDetailsSnapshot {
    /// Subject line.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub subject: Subject,
    /// Text of the request.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub message: Message,
    /// Client or project of the customer that the case concerns.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub client_or_project_name: Option<ProjectName>,
    /// Kind of help requested.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "TECHNICAL"))]
    pub issue_type: IssueType,
    /// Urgency of the case.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "HIGH"))]
    pub urgency: Urgency,
    /// Current status.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "IN_PROGRESS"))]
    pub status: Status,
    /// Priority, from 0 to 100.
    #[cfg_attr(feature = "openapi", schema(value_type = u8, maximum = 100))]
    pub priority_score: PriorityScore,
    /// Number of escalations, capped at 3.
    #[cfg_attr(feature = "openapi", schema(value_type = u8, maximum = 3))]
    pub escalation_level: EscalationLevel,
}

/// Assignee and department of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AssignmentSnapshot {
    /// Id of the assignee.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub assigned_to: Option<StaffId>,
    /// Name of the assignee.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub assignee_name: Option<PersonName>,
    /// Time of the assignment.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub assigned_at: Option<Timestamp>,
    /// Department that handles the case.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub department: Option<Department>,
}

/// Times of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TimelineSnapshot {
    /// Time at which the case was opened.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// Time of the first response by staff.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub first_response: Option<Timestamp>,
    /// Time by which the first response is due.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub first_response_due: Timestamp,
    /// Time of the last change.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub last_activity: Timestamp,
    /// Time by which the case should be resolved.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub estimated_resolution: Timestamp,
}

impl CaseSnapshot {
    /// Takes a snapshot of a case and its assignee.
    pub fn new(case: &CaseFacts, assignee: Option<&StaffRef>) -> Self {
        let assignment = case.assignment.as_ref();
        Self {
            case_number: case.number.clone(),
            version: case.version,
            customer_info: CustomerSnapshot {
                name: case.customer.name.clone(),
                email: case.customer.email.clone(),
                organization: case.customer.organization.clone(),
                phone: case.customer.phone.clone(),
                customer_type: case.customer.customer_type,
            },
            case_details: CaseDetailsSnapshot {
                subject: case.subject.clone(),
                message: case.message.clone(),
                client_or_project_name: case.project.clone(),
                issue_type: case.issue_type,
                urgency: case.urgency,
                status: case.status,
                priority_score: case.priority_score,
                escalation_level: case.escalation_level,
            },
            assignment: AssignmentSnapshot {
                assigned_to: assignment.map(|a| a.assigned_to.clone()),
                assignee_name: assignee.map(|staff| staff.name.clone()),
                assigned_at: assignment.map(|a| a.assigned_at),
                department: case.department.clone(),
            },
            timeline: TimelineSnapshot {
                created_at: case.created_at,
                first_response: case.first_response,
                first_response_due: case.first_response_due,
                last_activity: case.last_activity,
                estimated_resolution: case.estimated_resolution,
            },
        }
    }
}

/// Event of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
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
    /// `firstResponseAlert` or `resolutionAlert`.
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
    fn new(event: &Event, customer: &PersonName) -> Self {
        Self {
            id: event.id,
            sequence: event.sequence,
            subtypes: event.subtypes().into_iter().map(|subtype| subtype.to_string()).collect(),
            actor: ActorSnapshot::new(&event.actor, customer),
            is_internal: event.visibility == Visibility::Internal,
            changes: event.changes.clone(),
            updates: event.updates.iter().map(|u| UpdateSnapshot::new(u, customer)).collect(),
            escalation: event.kind.escalation().map(|e| EscalationSnapshot::new(e, customer)),
            overdue: event.kind.overdue().map(OverdueSnapshot::from),
        }
    }
}

/// Author of an event or an update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActorSnapshot {
    /// `CUSTOMER`, `STAFF` or `SYSTEM`.
    pub kind: String,
    /// Id of the staff member if the actor is one.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub id: Option<StaffId>,
    /// Display name.
    pub name: String,
}

impl ActorSnapshot {
    /// Converts an actor. `customer` is the name of the customer of the case.
    pub fn new(actor: &Actor, customer: &PersonName) -> Self {
        let (kind, id, name) = match actor {
            Actor::Customer => ("CUSTOMER", None, customer.to_string()),
            Actor::Staff(staff) => ("STAFF", Some(staff.id.clone()), staff.name.to_string()),
            Actor::System => ("SYSTEM", None, "System".to_owned()),
        };
        Self { kind: kind.to_owned(), id, name }
    }

    /// Erases the name if the actor is the customer. Staff remain accountable for their actions.
    fn erase(&mut self) {
        if self.kind == "CUSTOMER" {
            ERASED.clone_into(&mut self.name);
        }
    }
}

/// An update in the conversation of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UpdateSnapshot {
    /// Id of the update.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: UpdateId,
    /// Time at which it was written.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub timestamp: Timestamp,
    /// Text of the update.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub message: Message,
    /// True if the update is visible to staff only.
    pub is_internal: bool,
    /// Author of the update.
    pub author: ActorSnapshot,
    /// Files attached to the update.
    pub attachments: Vec<AttachmentSnapshot>,
}

impl UpdateSnapshot {
    /// Converts an update. `customer` is the name of the customer of the case.
    pub fn new(update: &Update, customer: &PersonName) -> Self {
        Self {
            id: update.id,
            timestamp: update.timestamp,
            message: update.message.clone(),
            is_internal: update.visibility == Visibility::Internal,
            author: ActorSnapshot::new(&update.author, customer),
            attachments: update.attachments.iter().map(AttachmentSnapshot::from).collect(),
        }
    }
}

/// A file attached to an update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AttachmentSnapshot {
    /// Id of the file.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: AttachmentId,
    /// File name for saving it.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub filename: FileName,
    /// Media type declared by the uploader.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub content_type: ContentType,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of the content in hexadecimal.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub hash: ContentHash,
}

impl From<&Attachment> for AttachmentSnapshot {
    fn from(attachment: &Attachment) -> Self {
        let Attachment { id, filename, content_type, size, hash } = attachment.clone();
        Self { id, filename, content_type, size, hash }
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
