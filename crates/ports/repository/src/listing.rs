//! Sorting and pagination of lists of cases.

use std::num::NonZeroU32;

use engage_domain::case::EscalationLevel;
use engage_domain::priority::PriorityScore;
use engage_domain::sla::{ServiceAlert, SlaTimerState};
use engage_domain::tag::Tags;
use engage_domain::{
    CaseNumber, CustomerType, Department, EmailAddress, IssueType, Organization, PersonName,
    PhoneNumber, ProjectName, Source, StaffRef, Status, Subject, Timestamp, Urgency,
};

use crate::{CaseFilter, SearchField};

/// A case in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseSummary {
    /// Case number.
    pub number: CaseNumber,
    /// Subject line.
    pub subject: Subject,
    /// Name of the customer.
    pub customer_name: PersonName,
    /// E-mail address of the customer.
    pub customer_email: Option<EmailAddress>,
    /// Customer's type of contract.
    pub customer_type: CustomerType,
    /// Current status.
    pub status: Status,
    /// Urgency of the case.
    pub urgency: Urgency,
    /// Kind of help requested.
    pub issue_type: IssueType,
    /// Way in which the case came in.
    pub source: Source,
    /// Priority of the case.
    pub priority_score: PriorityScore,
    /// Assignee of the case.
    pub assigned_to: Option<StaffRef>,
    /// Department that handles the case.
    pub department: Option<Department>,
    /// Time at which the case was opened.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub last_activity: Timestamp,
    /// Time by which the case should be resolved.
    pub estimated_resolution: Timestamp,
    /// Tags of the case.
    pub tags: Tags,
    /// Remaining columns.
    pub more: CaseColumns,
}

/// Columns of a case that appear in exports but not in lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseColumns {
    /// Customer's organization.
    pub organization: Option<Organization>,
    /// Customer's phone number.
    pub phone: Option<PhoneNumber>,
    /// Customer's client or project that the case concerns.
    pub project: Option<ProjectName>,
    /// Escalation level.
    pub escalation_level: EscalationLevel,
    /// Time of the last change visible to the customer.
    pub last_updated: Timestamp,
    /// Time of the first response by staff.
    pub first_response: Option<Timestamp>,
    /// Time at which the wait for a first response ended without one.
    pub first_response_ended_at: Option<Timestamp>,
    /// Time by which the first response is or was due.
    pub first_response_due: Timestamp,
    /// Time of resolution, if the case is still resolved or was closed afterwards.
    pub resolved_at: Option<Timestamp>,
    /// Time at which the case was closed or cancelled.
    pub closed_at: Option<Timestamp>,
    /// Last alert for the first response target.
    pub first_response_alert: Option<ServiceAlert>,
    /// Last alert for the resolution target.
    pub resolution_alert: Option<ServiceAlert>,
}

impl CaseSummary {
    /// Returns the worse state of the two SLA timers, based on the stored alerts. From worst to
    /// best: `BREACHED`, `WARNING`, `PENDING`, `PAUSED`, `CANCELLED`, `MET`.
    pub fn sla_state(&self) -> SlaTimerState {
        let more = &self.more;
        let alerts = [more.first_response_alert, more.resolution_alert];
        let waits = self.status.is_active()
            && more.first_response.is_none()
            && more.first_response_ended_at.is_none();
        let runs = matches!(self.status, Status::Open | Status::InProgress);
        let is_warned = |alert| alert == Some(ServiceAlert::Warning);
        if alerts.contains(&Some(ServiceAlert::Breach)) {
            SlaTimerState::Breached
        } else if (waits && is_warned(alerts[0])) || (runs && is_warned(alerts[1])) {
            SlaTimerState::Warning
        } else if waits || runs {
            SlaTimerState::Pending
        } else if self.status.is_active() {
            SlaTimerState::Paused
        } else if self.status == Status::Cancelled || more.first_response.is_none() {
            SlaTimerState::Cancelled
        } else {
            SlaTimerState::Met
        }
    }
}

/// Sort key of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CaseSort {
    /// Time of creation.
    #[default]
    CreatedAt,
    /// Time of the last change.
    LastActivity,
    /// Urgency, from `LOW` to `CRITICAL`.
    Urgency,
    /// Priority.
    PriorityScore,
    /// Time by which the case should be resolved.
    EstimatedResolution,
    /// Case number, by year and then by the sequence as a number.
    CaseNumber,
    /// Status in the order of the lifecycle, from `OPEN` to `CANCELLED`.
    Status,
    /// Relevance to [`CaseFilter::search`], ranked by the best [`SearchField`] that matches every
    /// term. Without a search, all cases are equally relevant.
    Relevance,
}

impl CaseSort {
    /// Every value, in order of declaration.
    pub const ALL: &'static [Self] = &[
        Self::CreatedAt,
        Self::LastActivity,
        Self::Urgency,
        Self::PriorityScore,
        Self::EstimatedResolution,
        Self::CaseNumber,
        Self::Status,
        Self::Relevance,
    ];
}

/// Sort order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortOrder {
    /// Smallest first.
    Ascending,
    /// Largest first.
    #[default]
    Descending,
}

impl SortOrder {
    /// Both values, in order of declaration.
    pub const ALL: &'static [Self] = &[Self::Ascending, Self::Descending];
}

/// Cursor in a sorted list: the position of a case, which may no longer be in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CasePosition {
    /// Sort key as a number: milliseconds of a time, the discriminant of an enumeration, or 0 when
    /// sorting by case number only.
    pub value: i64,
    /// Case number, which breaks ties.
    pub number: CaseNumber,
}

impl CasePosition {
    /// Returns the position of a case in a list. `place` is the field in which the search matched,
    /// used when sorting by relevance.
    pub fn of(case: &CaseSummary, sort: CaseSort, place: SearchField) -> Self {
        let value = match sort {
            CaseSort::CreatedAt => case.created_at.as_millis(),
            CaseSort::LastActivity => case.last_activity.as_millis(),
            CaseSort::EstimatedResolution => case.estimated_resolution.as_millis(),
            CaseSort::Urgency => case.urgency as i64,
            CaseSort::PriorityScore => case.priority_score.get().into(),
            CaseSort::Status => case.status as i64,
            CaseSort::CaseNumber => 0,
            CaseSort::Relevance => place as i64,
        };
        Self { value, number: case.number.clone() }
    }
}

/// Start of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartStart {
    /// Page number, from 1. Higher pages take longer.
    Page(NonZeroU32),
    /// After this cursor.
    After(CasePosition),
}

/// Approximate number of cases that match a filter, from which stores choose a query plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ListSize {
    /// Up to [`ListSize::LARGEST_SMALL`] cases, few enough to read all of them.
    #[default]
    Small,
    /// Up to [`ListSize::LARGEST_MEDIUM`] cases, few enough to sort all of them, but not to read
    /// them.
    Medium,
    /// More cases. Scanning all cases in order until a page is full is faster.
    Large,
}

impl ListSize {
    /// Every value, in order of declaration.
    pub const ALL: &'static [Self] = &[Self::Small, Self::Medium, Self::Large];

    /// Maximum number of cases in a small list.
    pub const LARGEST_SMALL: u64 = 10_000;

    /// Maximum number of cases in a medium list.
    pub const LARGEST_MEDIUM: u64 = 30_000;

    /// Returns the size of a list with the given number of cases.
    pub fn of(total: u64) -> Self {
        if total <= Self::LARGEST_SMALL {
            Self::Small
        } else if total <= Self::LARGEST_MEDIUM {
            Self::Medium
        } else {
            Self::Large
        }
    }
}

/// Request for a page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseListing {
    /// Criteria for the cases.
    pub filter: CaseFilter,
    /// Sort key.
    pub sort: CaseSort,
    /// Sort order.
    pub order: SortOrder,
    /// Start of the page.
    pub start: PartStart,
    /// Maximum number of cases on the page.
    pub limit: NonZeroU32,
    /// Size of the whole list.
    pub size: ListSize,
}

impl CaseListing {
    /// Returns the number of cases to query: one more than requested, to detect whether there is a
    /// next page.
    pub fn sought(&self) -> i64 {
        i64::from(self.limit.get()) + 1
    }

    /// Returns the number of cases to skip, which are those on earlier pages.
    pub fn skipped(&self) -> i64 {
        match &self.start {
            PartStart::Page(number) => {
                i64::from(number.get() - 1).saturating_mul(self.limit.get().into())
            }
            PartStart::After(_) => 0,
        }
    }

    /// Returns true if scanning all cases in order until the page is full is faster than collecting
    /// and sorting the matching ones.
    pub fn is_gone_through(&self) -> bool {
        let Self { filter, sort, size, .. } = self;
        match (sort, size) {
            // No store has an index in this order.
            (CaseSort::Relevance, _) => false,
            _ if *filter == CaseFilter::default() => true,
            (_, ListSize::Small) => false,
            (_, ListSize::Large) => true,
            // No index of words allows collecting the matching cases without reading each of them.
            (_, ListSize::Medium) => {
                filter.search.is_some() || *sort == CaseSort::CreatedAt && filter.is_of_a_period()
            }
        }
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CasePart {
    /// Cases on this page.
    pub cases: Vec<CaseSummary>,
    /// Cursor for the next page, or `None` on the last one.
    pub next: Option<CasePosition>,
}

impl CasePart {
    /// Builds a page from the cases that a store found, in order and each with the field in which
    /// the search matched. The extra case requested by [`CaseListing::sought`] is cut off.
    pub fn cut(mut found: Vec<(CaseSummary, SearchField)>, listing: &CaseListing) -> Self {
        let limit = usize::try_from(listing.limit.get()).unwrap_or(usize::MAX);
        let goes_on = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| goes_on);
        let next = last.map(|(case, place)| CasePosition::of(case, listing.sort, *place));
        Self { cases: found.into_iter().map(|(case, _)| case).collect(), next }
    }
}

#[cfg(test)]
mod tests;
