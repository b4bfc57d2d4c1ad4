use std::num::NonZeroU32;

use async_trait::async_trait;
use engage_domain::{
    Case, CaseNumber, CustomerType, Department, EmailAddress, Escalation, IssueType, PersonName,
    PriorityScore, StaffId, StaffRef, Status, Subject, Timestamp, Update, Urgency,
};

use crate::RepositoryError;

/// A case as its customer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseProgress {
    /// The case.
    pub case: Case,
    /// What was written for the customer, oldest first.
    pub public_updates: Vec<Update>,
}

/// A case with everything that belongs to it, as staff see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseDetails {
    /// The case.
    pub case: Case,
    /// Who works on it.
    pub assignee: Option<StaffRef>,
    /// Everything that was written, oldest first.
    pub updates: Vec<Update>,
    /// Every escalation, oldest first.
    pub escalations: Vec<Escalation>,
}

/// A case in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseSummary {
    /// Names the case.
    pub number: CaseNumber,
    /// What it is about, in a line.
    pub subject: Subject,
    /// Who needs help.
    pub customer_name: PersonName,
    /// Where answers go.
    pub customer_email: EmailAddress,
    /// What kind of contract they have.
    pub customer_type: CustomerType,
    /// Where it stands.
    pub status: Status,
    /// How much it hurts.
    pub urgency: Urgency,
    /// What kind of help is wanted.
    pub issue_type: IssueType,
    /// How much it matters.
    pub priority_score: PriorityScore,
    /// Who works on it.
    pub assigned_to: Option<StaffRef>,
    /// Which department works on it.
    pub department: Option<Department>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it last changed.
    pub last_activity: Timestamp,
    /// When it should be resolved.
    pub estimated_resolution: Timestamp,
}

/// Who works on a case, as a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssigneeFilter {
    /// This staff member.
    Staff(StaffId),
    /// Nobody.
    Unassigned,
}

/// Which cases are wanted: those that fit every criterion. One with several values is met by any
/// of them, one with none by every case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaseFilter {
    /// Where they stand.
    pub status: Vec<Status>,
    /// How much they hurt.
    pub urgency: Vec<Urgency>,
    /// What kind of contract the customer has.
    pub customer_type: Vec<CustomerType>,
    /// What kind of help is wanted.
    pub issue_type: Vec<IssueType>,
    /// Who works on them.
    pub assigned_to: Vec<AssigneeFilter>,
    /// Which department works on them.
    pub department: Vec<Department>,
    /// The earliest time of creation.
    pub created_from: Option<Timestamp>,
    /// The time that creation must lie before.
    pub created_to: Option<Timestamp>,
}

/// By what a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CaseSort {
    /// By time of creation.
    #[default]
    CreatedAt,
    /// By time of the last change.
    LastActivity,
    /// From `LOW` to `CRITICAL`.
    Urgency,
    /// By how much they matter.
    PriorityScore,
    /// By when they should be resolved.
    EstimatedResolution,
    /// By year, then by the sequence as a number.
    CaseNumber,
    /// In the order of the lifecycle, from `OPEN` to `CANCELLED`.
    Status,
}

/// In which direction a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortOrder {
    /// The smallest first.
    Ascending,
    /// The largest first.
    #[default]
    Descending,
}

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Which part, from 1.
    pub number: NonZeroU32,
    /// How many cases a part has.
    pub limit: NonZeroU32,
}

/// A list that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseListing {
    /// Which cases.
    pub filter: CaseFilter,
    /// By what they are sorted.
    pub sort: CaseSort,
    /// In which direction.
    pub order: SortOrder,
    /// Which part of them.
    pub page: Page,
}

/// A part of a list, and how long the list is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CasePage {
    /// The cases of this part.
    pub cases: Vec<CaseSummary>,
    /// How many cases fit the filter.
    pub total: u64,
}

/// Cases, to be looked at.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CaseQueries: Send + Sync {
    /// Looks a case up for its customer.
    ///
    /// MUST return `None` where no case has the number. MUST return the public updates only,
    /// oldest first, those of one event in the order in which they were written.
    async fn find_case_progress(
        &self,
        number: &CaseNumber,
    ) -> Result<Option<CaseProgress>, RepositoryError>;

    /// Looks a case up for staff.
    ///
    /// MUST return `None` where no case has the number. MUST return all updates and escalations,
    /// oldest first. All parts MUST be of one moment.
    async fn find_case_details(
        &self,
        number: &CaseNumber,
    ) -> Result<Option<CaseDetails>, RepositoryError>;

    /// Lists cases.
    ///
    /// MUST sort as asked and break ties by case number, in the same direction, so that pages
    /// never overlap. MUST return an empty part past the end, and the true total with every part.
    async fn list_cases(&self, listing: &CaseListing) -> Result<CasePage, RepositoryError>;
}
