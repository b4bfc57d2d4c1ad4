//! Changed properties of cases.

use crate::case::{CaseFacts, Entitlement, Participant, Status};
use crate::classification::{CustomerType, IssueType, Urgency};
use crate::contact::{EmailAddress, PhoneNumber};
use crate::escalation::EscalationLevel;
use crate::priority_score::PriorityScore;
use crate::redaction::Redaction;
use crate::sla::ServiceAlert;
use crate::staff::StaffId;
use crate::tag::Tags;
use crate::text::Department;
use crate::time::Timestamp;
use crate::{Organization, PersonName, ProjectName, Subject};

/// A property of a case that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "field", rename_all = "camelCase"))]
#[allow(missing_docs)] // `from` and `to` mean the same for every property.
pub enum Change {
    /// Status of the case.
    Status { from: Status, to: Status },
    /// Urgency of the case.
    Urgency { from: Urgency, to: Urgency },
    /// Contract type of the customer.
    CustomerType { from: CustomerType, to: CustomerType },
    /// Kind of help needed.
    IssueType { from: IssueType, to: IssueType },
    /// Number of escalations, counted up to three.
    EscalationLevel { from: EscalationLevel, to: EscalationLevel },
    /// Priority score.
    PriorityScore { from: PriorityScore, to: PriorityScore },
    /// Assigned staff member.
    AssignedTo { from: Option<StaffId>, to: Option<StaffId> },
    /// Assigned department.
    Department { from: Option<Department>, to: Option<Department> },
    /// Time of the first response.
    FirstResponse { from: Option<Timestamp>, to: Option<Timestamp> },
    /// Due time of the first response.
    FirstResponseDue { from: Timestamp, to: Timestamp },
    /// Estimated time of resolution.
    EstimatedResolution { from: Timestamp, to: Timestamp },
    /// Latest alert about the first response.
    FirstResponseAlert { from: Option<ServiceAlert>, to: Option<ServiceAlert> },
    /// Latest alert about the resolution.
    ResolutionAlert { from: Option<ServiceAlert>, to: Option<ServiceAlert> },
    /// True if the customer's address is proven.
    CustomerProven { from: bool, to: bool },
    /// Basis of the customer type.
    Entitlement { from: Entitlement, to: Entitlement },
    /// Tags of the case.
    Tags { from: Tags, to: Tags },
    /// One participant. Several that changed are several changes. It is personal data.
    Participant { from: Option<Box<Participant>>, to: Box<Participant> },
    /// Name of the customer. It is personal data, like the following ones.
    Name { from: PersonName, to: PersonName },
    /// E-mail address of the customer.
    Email { from: Option<EmailAddress>, to: Option<EmailAddress> },
    /// Telephone number of the customer.
    Phone { from: Option<PhoneNumber>, to: Option<PhoneNumber> },
    /// Organization of the customer.
    Organization { from: Option<Organization>, to: Option<Organization> },
    /// Client or project that the case is about.
    ClientOrProjectName { from: Option<ProjectName>, to: Option<ProjectName> },
    /// Subject of the case.
    Subject { from: Subject, to: Subject },
    /// Redaction of a part of the case. It does not say what was written there.
    Redaction { from: (), to: Box<Redaction> },
}

impl Change {
    /// Checks whether the change contains data of a person, which the erasure of a case removes.
    pub fn is_personal(&self) -> bool {
        match self {
            Self::Participant { .. }
            | Self::Name { .. }
            | Self::Email { .. }
            | Self::Phone { .. }
            | Self::Organization { .. }
            | Self::ClientOrProjectName { .. }
            | Self::Subject { .. } => true,
            Self::Status { .. }
            | Self::Urgency { .. }
            | Self::CustomerType { .. }
            | Self::IssueType { .. }
            | Self::EscalationLevel { .. }
            | Self::PriorityScore { .. }
            | Self::AssignedTo { .. }
            | Self::Department { .. }
            | Self::FirstResponse { .. }
            | Self::FirstResponseDue { .. }
            | Self::EstimatedResolution { .. }
            | Self::FirstResponseAlert { .. }
            | Self::ResolutionAlert { .. }
            | Self::CustomerProven { .. }
            | Self::Entitlement { .. }
            | Self::Tags { .. }
            | Self::Redaction { .. } => false,
        }
    }

    /// Returns the redaction, if the change is one.
    pub fn redaction(&self) -> Option<&Redaction> {
        match self {
            Self::Redaction { to, .. } => Some(to),
            _ => None,
        }
    }

    /// Checks whether the change cancels the case.
    pub fn is_cancellation(&self) -> bool {
        matches!(self, Self::Status { to: Status::Cancelled, .. })
    }

    /// Checks whether programs of the release before can read the change among the others.
    pub fn is_known_before(&self) -> bool {
        let is_recent = matches!(
            self,
            Self::CustomerProven { .. }
                | Self::Entitlement { .. }
                | Self::Tags { .. }
                | Self::Redaction { .. }
        );
        !self.is_personal() && !is_recent
    }

    /// Returns every property that differs between two states of a case. Participants who are gone
    /// were erased, and are not listed.
    pub(crate) fn between(before: &CaseFacts, after: &CaseFacts) -> Vec<Self> {
        let mut changes = Vec::new();
        macro_rules! compare {
            ($change:ident, $property:expr) => {{
                let property = $property;
                let (from, to) = (property(before), property(after));
                if from != to {
                    changes.push(Self::$change { from, to });
                }
            }};
        }
        compare!(Status, |case: &CaseFacts| case.status);
        compare!(Urgency, |case: &CaseFacts| case.urgency);
        compare!(CustomerType, |case: &CaseFacts| case.customer.customer_type);
        compare!(IssueType, |case: &CaseFacts| case.issue_type);
        compare!(EscalationLevel, |case: &CaseFacts| case.escalation_level);
        compare!(PriorityScore, |case: &CaseFacts| case.priority_score);
        compare!(AssignedTo, |case: &CaseFacts| case.assignee().cloned());
        compare!(Department, |case: &CaseFacts| case.department.clone());
        compare!(FirstResponse, |case: &CaseFacts| case.first_response);
        compare!(FirstResponseDue, |case: &CaseFacts| case.first_response_due);
        compare!(EstimatedResolution, |case: &CaseFacts| case.estimated_resolution);
        compare!(FirstResponseAlert, |case: &CaseFacts| case.first_response_alert);
        compare!(ResolutionAlert, |case: &CaseFacts| case.resolution_alert);
        compare!(CustomerProven, CaseFacts::is_customer_proven);
        compare!(Entitlement, |case: &CaseFacts| case.entitlement);
        compare!(Tags, |case: &CaseFacts| case.tags.clone());
        changes.extend(after.participants.iter().filter_map(|to| {
            let from = before.participant(to.id);
            let change = || Self::Participant {
                from: from.cloned().map(Box::new),
                to: Box::new(to.clone()),
            };
            (from != Some(to)).then(change)
        }));
        compare!(Name, |case: &CaseFacts| case.customer.name.clone());
        compare!(Email, |case: &CaseFacts| case.customer.email.clone());
        compare!(Phone, |case: &CaseFacts| case.customer.phone.clone());
        compare!(Organization, |case: &CaseFacts| case.customer.organization.clone());
        compare!(ClientOrProjectName, |case: &CaseFacts| case.project.clone());
        compare!(Subject, |case: &CaseFacts| case.subject.clone());
        changes
    }
}
