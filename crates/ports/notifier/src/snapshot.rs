//! A case and an event as other systems, message templates and staff see them.
//!
//! The shape is the HTTP API's: what a webhook receives as `data.case` reads like the `case` that
//! staff get from the API.

use engage_domain::{
    Actor, Attachment, AttachmentId, CaseFacts, CaseNumber, Change, ContentHash, ContentType,
    CustomerType, Department, ERASED, EmailAddress, Escalation, EscalationLevel, Event, EventId,
    EventKind, EventType, FileName, IssueType, Message, Organization, Overdue, PersonName,
    PhoneNumber, PriorityScore, ProjectName, Reason, ServiceAlert, SlaTimerKind, StaffId, StaffRef,
    Status, Subject, Timestamp, Update, UpdateId, Urgency, Version, Visibility, WebhookId,
};
use serde::{Deserialize, Serialize};

use crate::NotifyError;

/// One event with the case as it left it. Immutable: written down once, in the commit of the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The event's type.
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// When it happened.
    pub timestamp: Timestamp,
    /// The case and the event.
    pub data: SnapshotData,
    /// The endpoint of another system that did not take the event and was disabled for it; only in
    /// what staff are told of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_endpoint: Option<DisabledEndpoint>,
    /// Other cases that a message to the same address tells of; never stored, and of no event.
    #[serde(skip)]
    pub gathered: Vec<CaseNumber>,
}

/// An endpoint that gets no events any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisabledEndpoint {
    /// Identifies it.
    pub id: WebhookId,
    /// Where it is.
    pub url: String,
    /// Why it was disabled.
    pub reason: String,
    /// When.
    pub since: Timestamp,
}

/// The two halves of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SnapshotData {
    /// The case as the event left it.
    pub case: CaseSnapshot,
    /// What happened.
    pub event: EventSnapshot,
}

impl Snapshot {
    /// Writes down an event, the case as it left it, and who works on the case since.
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

    /// The snapshot as text.
    pub fn to_json(&self) -> Result<String, NotifyError> {
        serde_json::to_string(self).map_err(|cause| {
            NotifyError::rejected(format!("the snapshot cannot be written: {cause}"))
        })
    }

    /// The same event without what was written for staff only, as endpoints get it that do not hear of
    /// that.
    #[must_use]
    pub fn without_internal(mut self) -> Self {
        self.data.event.updates.retain(|update| !update.is_internal);
        self
    }

    /// The same event without the data of the person whom the case was about, and without what was
    /// written. What staff did, and when, stays.
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

/// A case as staff and other systems see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CaseSnapshot {
    /// Names the case.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "CW-2025-001"))]
    pub case_number: CaseNumber,
    /// How many changes it has seen.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, minimum = 1))]
    pub version: Version,
    /// Who needs help.
    pub customer_info: CustomerSnapshot,
    /// What it is about and where it stands.
    pub case_details: CaseDetailsSnapshot,
    /// Who works on it.
    pub assignment: AssignmentSnapshot,
    /// When what happened.
    pub timeline: TimelineSnapshot,
}

/// Who needs help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CustomerSnapshot {
    /// The person's name.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub name: PersonName,
    /// Where answers go.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "idn-email"))]
    pub email: EmailAddress,
    /// For whom they work.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub organization: Option<Organization>,
    /// How to call them, in E.164 form.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub phone: Option<PhoneNumber>,
    /// What kind of contract they have.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "BUSINESS"))]
    pub customer_type: CustomerType,
}

/// What a case is about and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CaseDetailsSnapshot {
    /// What it is about, in a line.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub subject: Subject,
    /// What it is about.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub message: Message,
    /// The customer's client or project that it is about.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub client_or_project_name: Option<ProjectName>,
    /// What kind of help is wanted.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "TECHNICAL"))]
    pub issue_type: IssueType,
    /// How much it hurts.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "HIGH"))]
    pub urgency: Urgency,
    /// Where it stands.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "IN_PROGRESS"))]
    pub status: Status,
    /// How much it matters, from 0 to 100.
    #[cfg_attr(feature = "openapi", schema(value_type = u8, maximum = 100))]
    pub priority_score: PriorityScore,
    /// How often it was escalated, counted up to 3.
    #[cfg_attr(feature = "openapi", schema(value_type = u8, maximum = 3))]
    pub escalation_level: EscalationLevel,
}

/// Who works on a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AssignmentSnapshot {
    /// The staff member's id.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub assigned_to: Option<StaffId>,
    /// The staff member's name.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub assignee_name: Option<PersonName>,
    /// Since when the case is theirs.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub assigned_at: Option<Timestamp>,
    /// Which department works on it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub department: Option<Department>,
}

/// When what happened to a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TimelineSnapshot {
    /// When it was opened.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// When staff first answered.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub first_response: Option<Timestamp>,
    /// When the first answer is due.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub first_response_due: Timestamp,
    /// When it last changed.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub last_activity: Timestamp,
    /// When it should be resolved.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub estimated_resolution: Timestamp,
}

impl CaseSnapshot {
    /// The case, with the staff member who works on it.
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

/// What happened to a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EventSnapshot {
    /// Identifies the event.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: EventId,
    /// Its place in the case's history, which is the version that the case has since.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, minimum = 1))]
    pub sequence: Version,
    /// The finer kinds of event that it is: any of `case.replied`, `case.answered`, `case.noted`,
    /// `case.resolved`, `case.reopened` and `case.closed`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(example = json!(["case.answered"])))]
    pub subtypes: Vec<String>,
    /// Who did it.
    pub actor: ActorSnapshot,
    /// Whether it is for staff only.
    pub is_internal: bool,
    /// Every property that became another: `field`, `from` and `to`.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<ChangeSchema>))]
    pub changes: Vec<Change>,
    /// What was written.
    pub updates: Vec<UpdateSnapshot>,
    /// The escalation, where it is or brings one.
    pub escalation: Option<EscalationSnapshot>,
    /// The service target that is in danger or missed, where that is what happened.
    #[serde(default)]
    pub overdue: Option<OverdueSnapshot>,
}

/// One property that became another, as the description of the API has it.
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
    /// What it was; null where it was not there.
    #[schema(value_type = Value)]
    from: (),
    /// What it is.
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
            overdue: match &event.kind {
                EventKind::Overdue(overdue) => Some(OverdueSnapshot::from(overdue)),
                EventKind::Created
                | EventKind::Updated
                | EventKind::Escalated(_)
                | EventKind::Assigned
                | EventKind::Cancelled => None,
            },
        }
    }
}

/// Who did or wrote something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActorSnapshot {
    /// `CUSTOMER`, `STAFF` or `SYSTEM`.
    pub kind: String,
    /// The staff member's id, where it was one.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub id: Option<StaffId>,
    /// The name to show.
    pub name: String,
}

impl ActorSnapshot {
    /// The actor, on a case of the customer with this name.
    pub fn new(actor: &Actor, customer: &PersonName) -> Self {
        let (kind, id, name) = match actor {
            Actor::Customer => ("CUSTOMER", None, customer.to_string()),
            Actor::Staff(staff) => ("STAFF", Some(staff.id.clone()), staff.name.to_string()),
            Actor::System => ("SYSTEM", None, "System".to_owned()),
        };
        Self { kind: kind.to_owned(), id, name }
    }

    /// The customer's name is erased; staff answer for what they did.
    fn erase(&mut self) {
        if self.kind == "CUSTOMER" {
            ERASED.clone_into(&mut self.name);
        }
    }
}

/// One entry in a case's conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UpdateSnapshot {
    /// Identifies the entry.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: UpdateId,
    /// When it was written.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub timestamp: Timestamp,
    /// What it says.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub message: Message,
    /// Whether it is for staff only.
    pub is_internal: bool,
    /// Who wrote it.
    pub author: ActorSnapshot,
    /// The files that belong to it.
    pub attachments: Vec<AttachmentSnapshot>,
}

impl UpdateSnapshot {
    /// The entry, on a case of the customer with this name.
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

/// A file that belongs to an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AttachmentSnapshot {
    /// Identifies the file.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: AttachmentId,
    /// The name to save it under.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub filename: FileName,
    /// What it is said to be.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub content_type: ContentType,
    /// Its length in octets.
    pub size: u64,
    /// The SHA-256 of its bytes in hexadecimal.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub hash: ContentHash,
}

impl From<&Attachment> for AttachmentSnapshot {
    fn from(attachment: &Attachment) -> Self {
        let Attachment { id, filename, content_type, size, hash } = attachment.clone();
        Self { id, filename, content_type, size, hash }
    }
}

/// One escalation of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EscalationSnapshot {
    /// When it happened.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub timestamp: Timestamp,
    /// Why.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub reason: Reason,
    /// Who asked for it.
    pub by: ActorSnapshot,
    /// The level it led to.
    #[cfg_attr(feature = "openapi", schema(value_type = u8, maximum = 3))]
    pub level: EscalationLevel,
    /// The urgency before.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub previous_urgency: Urgency,
    /// The urgency after.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub new_urgency: Urgency,
}

impl EscalationSnapshot {
    /// The escalation, on a case of the customer with this name.
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

/// A service target that is in danger or missed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OverdueSnapshot {
    /// Whose target: `FIRST_RESPONSE` or `RESOLUTION`.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "FIRST_RESPONSE"))]
    pub clock: SlaTimerKind,
    /// `WARNING`, where three quarters of the time are used up, or `BREACH`.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "WARNING"))]
    pub alert: ServiceAlert,
    /// When what was promised is due, or was.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub due_at: Timestamp,
}

impl From<&Overdue> for OverdueSnapshot {
    fn from(overdue: &Overdue) -> Self {
        let &Overdue { clock, alert, due, escalation: _ } = overdue;
        Self { clock, alert, due_at: due }
    }
}
