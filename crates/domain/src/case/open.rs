//! Opening a case.

use super::draft::announcement;
use super::{Case, CaseFacts, CaseNumber, Customer, Decision, Policies, Stamp, Status, Version};
use crate::attachment::{Attachment, total_size};
use crate::classification::{IssueType, Urgency};
use crate::escalation::EscalationLevel;
use crate::event::{Event, EventKind};
use crate::id::CaseId;
use crate::update::Update;
use crate::visibility::Visibility;
use crate::{Message, ProjectName, Subject};

/// Request to open a case.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    pub issue_type: IssueType,
    /// Urgency of the case.
    pub urgency: Urgency,
    /// Attached files.
    pub attachments: Vec<Attachment>,
}

impl Case {
    /// Opens a case. No other case may have the same number.
    ///
    /// Attached files go to the first entry of the conversation, which has a generated text.
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
        let level = EscalationLevel::NONE;
        let target = policies.sla.target(customer.customer_type, urgency);
        let calendar = policies.sla.calendar(customer.customer_type);
        let priority =
            policies.priority.explain(urgency, customer.customer_type, issue_type, level);
        let mut facts = CaseFacts {
            id,
            number,
            version: Version::FIRST,
            project,
            subject,
            message,
            issue_type,
            urgency,
            status: Status::Open,
            status_since: now,
            escalation_level: level,
            customer_escalated_at: None,
            counted_replies: None,
            customer_file_bytes: total_size(&attachments),
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
            next_target_at: None,
            customer,
        };
        facts.next_target_at = policies.next_target_at(&facts);
        let with_files = (!attachments.is_empty()).then(|| Update {
            id: stamp.update_ids[0],
            timestamp: now,
            author: stamp.actor.clone(),
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
            kind: EventKind::Created,
            visibility: Visibility::Public,
            changes: Vec::new(),
            updates,
        };
        Decision { case: Self::from_facts(facts), event }
    }
}
