//! Opening a case.

use super::draft::announcement;
use super::{
    Case, CaseFacts, CaseNumber, Customer, Decision, Entitlement, Policies, Stamp, Status, Version,
};
use crate::attachment::{Attachment, total_size};
use crate::classification::{IssueType, Urgency};
use crate::escalation::EscalationLevel;
use crate::event::{Event, EventKind};
use crate::first_message::FirstMessageBy;
use crate::id::CaseId;
use crate::tag::Tags;
use crate::update::Update;
use crate::visibility::Visibility;
use crate::{Message, ProjectName, Subject};

/// Request to open a case.
///
/// ```
/// use engage_domain::{Customer, IssueType, OpenRequest, Urgency};
///
/// let customer = Customer::new("John Doe".parse()?, "john@example.com".parse()?);
/// let request = OpenRequest::new(customer, "Invoice".parse()?, "It is too high.".parse()?);
/// assert_eq!((request.issue_type, request.urgency), (IssueType::General, Urgency::Medium));
///
/// let request = request.with_issue_type(IssueType::Billing).with_urgency(Urgency::Low);
/// assert_eq!((request.issue_type, request.urgency), (IssueType::Billing, Urgency::Low));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct OpenRequest {
    /// Customer who needs help.
    pub customer: Customer,
    /// The customer's client or project that the case is about.
    pub project: Option<ProjectName>,
    /// Subject in one line.
    pub subject: Subject,
    /// Description of the problem.
    pub message: Message,
    /// Kind of help needed.
    #[cfg_attr(feature = "serde", serde(default))]
    pub issue_type: IssueType,
    /// Urgency of the case.
    #[cfg_attr(feature = "serde", serde(default))]
    pub urgency: Urgency,
    /// Attached files.
    #[cfg_attr(feature = "serde", serde(default))]
    pub attachments: Vec<Attachment>,
}

impl OpenRequest {
    /// Requests a case with the default classification and without files.
    pub fn new(customer: Customer, subject: Subject, message: Message) -> Self {
        Self {
            customer,
            project: None,
            subject,
            message,
            issue_type: IssueType::default(),
            urgency: Urgency::default(),
            attachments: Vec::new(),
        }
    }

    /// Names the client or project that the case is about.
    #[must_use]
    pub fn with_project(self, project: ProjectName) -> Self {
        Self { project: Some(project), ..self }
    }

    /// Sets the kind of help needed.
    #[must_use]
    pub fn with_issue_type(self, issue_type: IssueType) -> Self {
        Self { issue_type, ..self }
    }

    /// Sets the urgency.
    #[must_use]
    pub fn with_urgency(self, urgency: Urgency) -> Self {
        Self { urgency, ..self }
    }

    /// Attaches files.
    #[must_use]
    pub fn with_attachments(self, attachments: Vec<Attachment>) -> Self {
        Self { attachments, ..self }
    }
}

impl Case {
    /// Opens a case. No other case may have the same number.
    ///
    /// Attached files go to the first entry of the conversation, which has a generated text.
    ///
    /// ```
    /// use engage_domain::*;
    ///
    /// let policies = Policies::default();
    /// let customer = Customer::new("John Doe".parse()?, "john@example.com".parse()?)
    ///     .with_type(CustomerType::Business);
    /// let (subject, message) = ("Unable to access dashboard".parse()?, "It says 403.".parse()?);
    /// let request = OpenRequest::new(customer, subject, message)
    ///     .with_issue_type(IssueType::Technical)
    ///     .with_urgency(Urgency::High);
    /// let mut ids = 1..; // in a service: || Uuid::now_v7().as_u128()
    /// let stamp = Stamp::new("2025-01-27T10:00:00Z".parse()?, Actor::Customer, || ids.next().unwrap());
    ///
    /// let opened = Case::open(CaseId::from_u128(7), "CW-2025-001".parse()?, request, &policies, stamp);
    /// assert_eq!(opened.case.status(), Status::Open);
    /// assert_eq!(opened.case.facts().priority_score.get(), 85);
    /// assert_eq!(opened.case.facts().estimated_resolution, "2025-01-29T10:00:00Z".parse()?);
    /// assert_eq!(opened.event.event_type(), EventType::Created);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(
        id: CaseId,
        number: CaseNumber,
        request: OpenRequest,
        policies: &Policies,
        stamp: Stamp,
    ) -> Decision {
        let OpenRequest { customer, project, subject, message, issue_type, urgency, attachments } =
            request;
        let now = stamp.at;
        let person_id = stamp.actor.person_id(id);
        let level = EscalationLevel::NONE;
        let claimed = customer.customer_type;
        let applying = if stamp.actor.speaks_for_staff() {
            claimed
        } else {
            policies.unknown_type.applying(claimed)
        };
        let customer = customer.with_type(applying);
        let target = policies.sla.target(applying, urgency);
        let calendar = policies.sla.calendar(applying);
        let priority = policies.priority.explain(urgency, applying, issue_type, level);
        let mut facts = CaseFacts {
            id,
            number,
            version: Version::FIRST,
            project,
            subject,
            message,
            first_message_by: FirstMessageBy::Customer,
            source: stamp.source,
            issue_type,
            urgency,
            status: Status::Open,
            status_since: now,
            escalation_level: level,
            customer_escalated_at: None,
            counted_replies: None,
            customer_file_bytes: total_size(&attachments),
            customer_proven_at: None,
            entitlement: Entitlement::Claimed,
            claimed_customer_type: Some(claimed).filter(|claimed| *claimed != applying),
            sla_targets: None,
            priority_score: priority.score(),
            assignment: None,
            department: None,
            created_at: now,
            last_activity: now,
            last_updated: now,
            first_response: None,
            first_response_ended_at: None,
            first_response_due: calendar.add(now, target.first_response),
            estimated_resolution: calendar.add(now, target.resolution),
            paused: std::time::Duration::ZERO,
            first_response_alert: None,
            resolution_alert: None,
            next_action_at: None,
            participants: Vec::new(),
            tags: Tags::default(),
            customer,
        };
        if let Some(proof) = stamp.proof {
            facts.prove(proof, policies, now);
            facts.priority_score = policies.explain_priority(&facts).score();
        }
        facts.next_action_at = policies.next_action_at(&facts);
        let with_files = (!attachments.is_empty()).then(|| Update {
            id: stamp.update_ids[0],
            timestamp: now,
            author: stamp.actor.clone(),
            person_id,
            source: stamp.source,
            visibility: Visibility::Public,
            message: announcement("Files sent with the request"),
            attachments,
        });
        let updates = Vec::from_iter(with_files);
        let event = Event {
            id: stamp.event_id,
            case_id: id,
            sequence: facts.version,
            timestamp: now,
            actor: stamp.actor,
            person_id,
            kind: EventKind::Created,
            visibility: Visibility::Public,
            changes: Vec::new(),
            updates,
        };
        Decision { case: Self::from_facts(facts), event }
    }
}
