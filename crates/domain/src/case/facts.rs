use std::time::Duration;

use super::counted_replies::CountedReplies;
use super::customer::Customer;
use super::entitlement::Entitlement;
use super::number::CaseNumber;
use super::participant::Participant;
use super::status::Status;
use super::version::Version;
use crate::classification::{CustomerType, IssueType, Urgency};
use crate::escalation::EscalationLevel;
use crate::first_message::FirstMessageBy;
use crate::id::CaseId;
use crate::organization::SlaOverride;
use crate::priority_score::PriorityScore;
use crate::sla::ServiceAlert;
use crate::source::Source;
use crate::staff::StaffId;
use crate::tag::Tags;
use crate::text::Department;
use crate::time::Timestamp;
use crate::{Message, ProjectName, Subject};

/// Assignee of a case and the time of the assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Assignment {
    /// Assigned staff member.
    pub assigned_to: StaffId,
    /// Time of the assignment.
    pub assigned_at: Timestamp,
}

/// All facts about a case, as they are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct CaseFacts {
    /// Internal identifier of the case.
    pub id: CaseId,
    /// Number by which people refer to the case.
    pub number: CaseNumber,
    /// Number of changes to the case.
    pub version: Version,
    /// Customer who needs help.
    pub customer: Customer,
    /// The customer's client or project that the case is about.
    pub project: Option<ProjectName>,
    /// Subject in one line.
    pub subject: Subject,
    /// Description of the problem, or what staff wrote to the customer first.
    pub message: Message,
    /// Author of the message.
    #[cfg_attr(feature = "serde", serde(default))]
    pub first_message_by: FirstMessageBy,
    /// Way in which the case came in.
    #[cfg_attr(feature = "serde", serde(default))]
    pub source: Source,
    /// Kind of help needed.
    pub issue_type: IssueType,
    /// Urgency of the case.
    pub urgency: Urgency,
    /// Status of the case.
    pub status: Status,
    /// Time of the last status change.
    pub status_since: Timestamp,
    /// Number of escalations, counted up to three.
    #[cfg_attr(feature = "serde", serde(default))]
    pub escalation_level: EscalationLevel,
    /// Time of the customer's last escalation.
    pub customer_escalated_at: Option<Timestamp>,
    /// Recent replies of the customer, counted for the limit on replies.
    pub counted_replies: Option<CountedReplies>,
    /// Total size of the files that the customer has sent, in bytes.
    #[cfg_attr(feature = "serde", serde(default))]
    pub customer_file_bytes: u64,
    /// Time at which the customer's address was proven.
    #[cfg_attr(feature = "serde", serde(default))]
    pub customer_proven_at: Option<Timestamp>,
    /// Basis of the customer type.
    #[cfg_attr(feature = "serde", serde(default))]
    pub entitlement: Entitlement,
    /// Customer type that was claimed, if another one applies.
    #[cfg_attr(feature = "serde", serde(default))]
    pub claimed_customer_type: Option<CustomerType>,
    /// Service targets of the contract to which the customer is entitled, if it has its own.
    #[cfg_attr(feature = "serde", serde(default))]
    pub sla_targets: Option<SlaOverride>,
    /// Priority score.
    pub priority_score: PriorityScore,
    /// Current assignment, if there is one.
    pub assignment: Option<Assignment>,
    /// Assigned department, if there is one.
    pub department: Option<Department>,
    /// Time of opening.
    pub created_at: Timestamp,
    /// Time of the last change of any kind.
    pub last_activity: Timestamp,
    /// Time of the last change that the customer sees: a public update, or a different status,
    /// urgency or estimate.
    pub last_updated: Timestamp,
    /// Time of the first response by staff.
    pub first_response: Option<Timestamp>,
    /// Time at which the wait for a first response ended without one, because the case was resolved
    /// or finished.
    pub first_response_ended_at: Option<Timestamp>,
    /// Due time of the first response.
    pub first_response_due: Timestamp,
    /// Estimated time of resolution.
    pub estimated_resolution: Timestamp,
    /// Working time for which the resolution timer has been paused, without the current pause.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "pausedSeconds", alias = "paused", with = "crate::seconds", default)
    )]
    pub paused: Duration,
    /// Latest alert about the first response.
    pub first_response_alert: Option<ServiceAlert>,
    /// Latest alert about the resolution.
    pub resolution_alert: Option<ServiceAlert>,
    /// Time at which [`Case::apply_due_action`](super::Case::apply_due_action) next has something
    /// to do. It follows from the other facts and the [`Policies`](super::Policies) of the last
    /// change.
    pub next_action_at: Option<Timestamp>,
    /// Everyone but the customer who takes or took part in the case, in the order in which they were
    /// first added.
    #[cfg_attr(feature = "serde", serde(default))]
    pub participants: Vec<Participant>,
    /// Labels of the case. They are for staff only.
    #[cfg_attr(feature = "serde", serde(default))]
    pub tags: Tags,
}

impl CaseFacts {
    /// Returns the staff member assigned to the case.
    pub fn assignee(&self) -> Option<&StaffId> {
        self.assignment.as_ref().map(|assignment| &assignment.assigned_to)
    }
}
