use std::time::Duration;

use super::counted_replies::CountedReplies;
use super::customer::Customer;
use super::number::CaseNumber;
use super::status::Status;
use super::version::Version;
use crate::classification::{IssueType, Urgency};
use crate::escalation::EscalationLevel;
use crate::id::CaseId;
use crate::priority_score::PriorityScore;
use crate::sla::ServiceAlert;
use crate::staff::{Department, StaffId};
use crate::time::Timestamp;
use crate::{Message, ProjectName, Subject};

/// Who works on a case, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Assignment {
    /// The staff member.
    pub assigned_to: StaffId,
    /// When the case became theirs.
    pub assigned_at: Timestamp,
}

/// Everything that is known of a case; what a store keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct CaseFacts {
    /// Identifies the case inside the system.
    pub id: CaseId,
    /// Names the case to people.
    pub number: CaseNumber,
    /// How many changes it has seen.
    pub version: Version,
    /// Who needs help.
    pub customer: Customer,
    /// The customer's client or project that it is about.
    pub project: Option<ProjectName>,
    /// What it is about, in a line.
    pub subject: Subject,
    /// What it is about.
    pub message: Message,
    /// What kind of help is wanted.
    pub issue_type: IssueType,
    /// How much it hurts.
    pub urgency: Urgency,
    /// Where it stands.
    pub status: Status,
    /// Since when it stands there.
    pub status_since: Timestamp,
    /// How often it has been escalated.
    pub escalation_level: EscalationLevel,
    /// When the customer last escalated it.
    pub customer_escalated_at: Option<Timestamp>,
    /// How often the customer replied lately.
    pub counted_replies: Option<CountedReplies>,
    /// How many bytes of files the customer has sent.
    #[cfg_attr(feature = "serde", serde(default))]
    pub customer_file_bytes: u64,
    /// How much it matters.
    pub priority_score: PriorityScore,
    /// Who works on it.
    pub assignment: Option<Assignment>,
    /// Which department works on it.
    pub department: Option<Department>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it last changed in any way.
    pub last_activity: Timestamp,
    /// When something last changed that the customer sees: what is written for them, the status, the
    /// urgency, the estimate.
    pub last_updated: Timestamp,
    /// When staff first answered.
    pub first_response: Option<Timestamp>,
    /// When the wait for a first answer ended without one, since the case was resolved or finished.
    pub first_response_ended_at: Option<Timestamp>,
    /// When the first answer is due.
    pub first_response_due: Timestamp,
    /// When it should be resolved.
    pub estimated_resolution: Timestamp,
    /// For how much working time the resolution clock has stood still, the present pause not
    /// included.
    pub paused: Duration,
    /// What staff were told of the first response's target.
    pub first_response_alert: Option<ServiceAlert>,
    /// What staff were told of the resolution's target.
    pub resolution_alert: Option<ServiceAlert>,
    /// When [`Case::apply_due_action`](super::Case::apply_due_action) next has something to do; follows from the other facts and the
    /// [`Policies`](super::Policies) of the last change.
    pub next_target_at: Option<Timestamp>,
}

impl CaseFacts {
    /// The staff member who works on the case.
    pub fn assignee(&self) -> Option<&StaffId> {
        self.assignment.as_ref().map(|assignment| &assignment.assigned_to)
    }

    /// Whether the customer still waits for a first answer.
    pub(crate) fn awaits_first_response(&self) -> bool {
        self.first_response.is_none() && self.first_response_ended_at.is_none()
    }
}
