//! Lists of cases: in which order, which part.

use std::num::NonZeroU32;

use engage_domain::{
    CaseNumber, CustomerType, Department, EmailAddress, EscalationLevel, IssueType, Organization,
    PersonName, PhoneNumber, PriorityScore, ProjectName, ServiceAlert, SlaTimerState, StaffRef,
    Status, Subject, Timestamp, Urgency,
};

use crate::{CaseFilter, SearchField};

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
    /// The rest of its columns.
    pub more: CaseColumns,
}

/// The columns of a case that exports have and lists do not show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseColumns {
    /// The customer's organization.
    pub organization: Option<Organization>,
    /// The customer's telephone number.
    pub phone: Option<PhoneNumber>,
    /// Their client or project that it is about.
    pub project: Option<ProjectName>,
    /// How often it has been escalated.
    pub escalation_level: EscalationLevel,
    /// When it last changed in a way that the customer sees.
    pub last_updated: Timestamp,
    /// When staff first answered.
    pub first_response: Option<Timestamp>,
    /// When nobody waited for a first answer any more.
    pub first_response_ended_at: Option<Timestamp>,
    /// When the first answer is or was due.
    pub first_response_due: Timestamp,
    /// When it was resolved, if it still is or was closed after that.
    pub resolved_at: Option<Timestamp>,
    /// When it was closed or cancelled.
    pub closed_at: Option<Timestamp>,
    /// The last alert of the first response's target.
    pub first_response_alert: Option<ServiceAlert>,
    /// The last alert of the resolution's target.
    pub resolution_alert: Option<ServiceAlert>,
}

impl CaseSummary {
    /// Returns the worse of the states of both SLA timers, by the alerts that were stored: `BREACHED`,
    /// else `WARNING`, `PENDING`, `PAUSED`, `CANCELLED`, `MET`.
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
    /// By how well they answer [`CaseFilter::search`]: by the best [`SearchField`] that has every
    /// term. Without a search all are alike.
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

/// In which direction a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortOrder {
    /// The smallest first.
    Ascending,
    /// The largest first.
    #[default]
    Descending,
}

impl SortOrder {
    /// Both values, in order of declaration.
    pub const ALL: &'static [Self] = &[Self::Ascending, Self::Descending];
}

/// A place in a sorted list: that of a case, which need not be in the list any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CasePosition {
    /// What the list is sorted by, as a number: milliseconds of a time, the place in an
    /// enumeration, 0 where the case number is all.
    pub value: i64,
    /// Breaks ties.
    pub number: CaseNumber,
}

impl CasePosition {
    /// Where a case is in a list that is sorted so. `place` is where the search was met, for a list
    /// sorted by relevance.
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

/// Where a part of a list begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartStart {
    /// At a page of the part's size, counted from 1. Takes longer the higher it is.
    Page(NonZeroU32),
    /// After this position.
    After(CasePosition),
}

/// How many cases fit a filter, roughly. Stores choose their way by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ListSize {
    /// Up to [`ListSize::LARGEST_SMALL`]: they can all be looked at.
    #[default]
    Small,
    /// Up to [`ListSize::LARGEST_MEDIUM`]: they can all be sorted, if not looked at.
    Medium,
    /// More: it is faster to go through all cases in order until a part is full.
    Large,
}

impl ListSize {
    /// Every value, in order of declaration.
    pub const ALL: &'static [Self] = &[Self::Small, Self::Medium, Self::Large];

    /// How many cases a small list has at most.
    pub const LARGEST_SMALL: u64 = 10_000;

    /// How many cases a medium list has at most.
    pub const LARGEST_MEDIUM: u64 = 30_000;

    /// The size of a list of so many cases.
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

/// A part of a list that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseListing {
    /// Which cases.
    pub filter: CaseFilter,
    /// By what they are sorted.
    pub sort: CaseSort,
    /// In which direction.
    pub order: SortOrder,
    /// Where the part begins.
    pub start: PartStart,
    /// How many cases it has at most.
    pub limit: NonZeroU32,
    /// How many there are in all.
    pub size: ListSize,
}

impl CaseListing {
    /// How many cases to look for: one more than asked for, to know whether the list goes on.
    pub fn sought(&self) -> i64 {
        i64::from(self.limit.get()) + 1
    }

    /// How many cases to skip before that: those of the pages before.
    pub fn skipped(&self) -> i64 {
        match &self.start {
            PartStart::Page(number) => {
                i64::from(number.get() - 1).saturating_mul(self.limit.get().into())
            }
            PartStart::After(_) => 0,
        }
    }

    /// Whether the part is come by faster by going through all cases in order until it is full than
    /// by gathering and sorting those that fit.
    pub fn is_gone_through(&self) -> bool {
        let Self { filter, sort, size, .. } = self;
        match (sort, size) {
            // No store has the cases in this order.
            (CaseSort::Relevance, _) => false,
            _ if *filter == CaseFilter::default() => true,
            (_, ListSize::Small) => false,
            (_, ListSize::Large) => true,
            // The words are in no index that could be gathered from without a look at each case.
            (_, ListSize::Medium) => {
                filter.search.is_some() || *sort == CaseSort::CreatedAt && filter.is_of_a_period()
            }
        }
    }
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CasePart {
    /// The cases of this part.
    pub cases: Vec<CaseSummary>,
    /// After which position the next part begins; none where this is the last.
    pub next: Option<CasePosition>,
}

impl CasePart {
    /// Makes a part of what a store found: its cases in order, each with where the search was met,
    /// and the one that [`CaseListing::sought`] counts beyond them, which is cut off.
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
mod tests {
    use super::*;

    fn a_summary(sequence: u64) -> CaseSummary {
        CaseSummary {
            number: format!("CW-2026-{sequence:03}").parse().unwrap(),
            subject: "Login".parse().unwrap(),
            customer_name: "John Doe".parse().unwrap(),
            customer_email: "john@example.com".parse().unwrap(),
            customer_type: CustomerType::Business,
            status: Status::Open,
            urgency: Urgency::High,
            issue_type: IssueType::Technical,
            priority_score: PriorityScore::new(50).unwrap(),
            assigned_to: None,
            department: None,
            created_at: Timestamp::from_millis(0),
            last_activity: Timestamp::from_millis(0),
            estimated_resolution: Timestamp::from_millis(0),
            more: CaseColumns {
                organization: None,
                phone: None,
                project: None,
                escalation_level: EscalationLevel::default(),
                last_updated: Timestamp::from_millis(0),
                first_response: None,
                first_response_ended_at: None,
                first_response_due: Timestamp::from_millis(0),
                resolved_at: None,
                closed_at: None,
                first_response_alert: None,
                resolution_alert: None,
            },
        }
    }

    fn a_listing(start: PartStart) -> CaseListing {
        CaseListing {
            filter: CaseFilter::default(),
            sort: CaseSort::Relevance,
            order: SortOrder::Ascending,
            start,
            limit: NonZeroU32::new(2).unwrap(),
            size: ListSize::Small,
        }
    }

    fn page(number: u32) -> PartStart {
        PartStart::Page(NonZeroU32::new(number).unwrap())
    }

    #[test]
    fn a_part_is_cut_off_after_as_many_cases_as_were_asked_for() {
        let found = [SearchField::Customer, SearchField::Subject, SearchField::Number];
        let found: Vec<_> = (1..).map(a_summary).zip(found).collect();
        for (count, next) in [(0, None), (1, None), (2, None), (3, Some(2))] {
            let part = CasePart::cut(found[..count].to_vec(), &a_listing(page(1)));
            let cases: Vec<_> = (1..=2).map(a_summary).take(count).collect();
            let value = SearchField::Subject as i64;
            let next = next.map(|at| CasePosition { value, number: a_summary(at).number });
            assert_eq!(part, CasePart { cases, next }, "{count}");
        }
    }

    #[test]
    fn one_case_more_than_asked_for_is_sought() {
        assert_eq!(a_listing(page(1)).sought(), 3);
        let limit = NonZeroU32::MAX;
        assert_eq!(CaseListing { limit, ..a_listing(page(1)) }.sought(), 1 << 32);
    }

    #[test]
    fn what_fits_is_gathered_where_that_is_less_than_to_go_through_all() {
        let every = CaseFilter::default();
        let open = CaseFilter { status: vec![Status::Open], ..every.clone() };
        let recent = CaseFilter { created_from: Some(Timestamp::from_millis(0)), ..every.clone() };
        let search = CaseFilter { search: Some("login".parse().unwrap()), ..every.clone() };
        let (created, status) = (CaseSort::CreatedAt, CaseSort::Status);
        for (filter, sort, sizes_gone_through) in [
            (&every, status, ListSize::ALL),
            (&open, created, &[ListSize::Large]),
            (&recent, created, &[ListSize::Medium, ListSize::Large]),
            (&recent, status, &[ListSize::Large]),
            (&search, status, &[ListSize::Medium, ListSize::Large]),
            (&search, CaseSort::Relevance, &[]),
            (&every, CaseSort::Relevance, &[]),
        ] {
            for &size in ListSize::ALL {
                let listing = CaseListing { sort, size, ..a_listing(page(1)) };
                let listing = CaseListing { filter: filter.clone(), ..listing };
                let expected = sizes_gone_through.contains(&size);
                assert_eq!(listing.is_gone_through(), expected, "{listing:?}");
            }
        }
    }

    #[test]
    fn the_pages_before_a_part_are_skipped() {
        let position = CasePosition { value: 0, number: a_summary(1).number };
        for (start, skipped) in [(page(1), 0), (page(4), 6), (PartStart::After(position), 0)] {
            assert_eq!(a_listing(start).skipped(), skipped);
        }
        let limit = NonZeroU32::MAX;
        assert_eq!(CaseListing { limit, ..a_listing(page(u32::MAX)) }.skipped(), i64::MAX);
    }
}
