use async_trait::async_trait;
use engage_domain::case::Escalation;
use engage_domain::{Case, CaseNumber, Department, StaffRef};

use crate::{
    CaseFilter, CaseGenerations, CaseListing, CasePart, RepositoryError, UpdatePage, UpdatesWanted,
};

/// Maximum number of escalations read with a case. The newest ones are read.
pub const LISTED_ESCALATIONS: u32 = 100;

/// A case as its customer or a participant sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseProgress {
    /// The case.
    pub case: Case,
    /// A page of the public updates.
    pub public_updates: UpdatePage,
    /// Generations of the proofs of its people.
    pub generations: CaseGenerations,
}

/// A case as staff see it, with its conversation and its escalations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseDetails {
    /// The case.
    pub case: Case,
    /// Assignee of the case.
    pub assignee: Option<StaffRef>,
    /// A page of all updates.
    pub updates: UpdatePage,
    /// The newest escalations, at most [`LISTED_ESCALATIONS`], oldest first.
    pub escalations: Vec<Escalation>,
}

/// Read access to cases.
///
/// ```
/// # use std::num::NonZeroU32;
/// use engage_domain::Urgency;
/// # use engage_repository::{CaseRepository, ListSize, PartStart};
/// use engage_repository::{CaseFilter, CaseListing, CaseQueries, CaseSort, SortOrder};
/// # use engage_sqlite::SqliteStore;
/// # use engage_testkit::builders::{a_change_set, an_opened};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = SqliteStore::in_memory()?;
/// # for sequence in 1..=3 {
/// #     store.commit(a_change_set(an_opened(sequence), Vec::new())).await?;
/// # }
/// let filter = CaseFilter { urgency: vec![Urgency::High], ..CaseFilter::default() };
/// assert_eq!(store.count_cases(&filter).await?, 3);
///
/// let (sort, order) = (CaseSort::CaseNumber, SortOrder::Ascending);
/// # let (start, size) = (PartStart::Page(NonZeroU32::MIN), ListSize::Small);
/// let limit = NonZeroU32::MIN.saturating_add(1);
/// let page = store.list_cases(&CaseListing { filter, sort, order, start, limit, size }).await?;
/// let numbers: Vec<_> = page.cases.iter().map(|case| case.number.to_string()).collect();
/// assert_eq!(numbers, ["CW-2025-001", "CW-2025-002"]);
/// assert!(page.next.is_some());
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CaseQueries: Send + Sync {
    /// Returns a case for its customer or a participant.
    ///
    /// MUST return `None` if no case has the number. MUST return a page of public updates only, and
    /// of those only what [`UpdatesWanted::view`] includes. The page consists of the newest updates before the requested position, oldest first, with the
    /// updates of one event in the order in which they were written, and of the position at which
    /// older ones continue. MUST read no more updates than that.
    async fn find_case_progress(
        &self,
        number: &CaseNumber,
        updates: &UpdatesWanted,
    ) -> Result<Option<CaseProgress>, RepositoryError>;

    /// Returns a case for staff.
    ///
    /// MUST return `None` if no case has the number. MUST return a page of all updates, ordered as
    /// in [`find_case_progress`](CaseQueries::find_case_progress), and the newest escalations,
    /// oldest first. All parts MUST come from one consistent snapshot.
    async fn find_case_details(
        &self,
        number: &CaseNumber,
        updates: &UpdatesWanted,
    ) -> Result<Option<CaseDetails>, RepositoryError>;

    /// Lists the departments of all cases, each once.
    async fn list_departments(&self) -> Result<Vec<Department>, RepositoryError>;

    /// Lists cases.
    ///
    /// MUST sort as requested and break ties by case number in the same direction, so that pages
    /// never overlap. MUST return an empty page past the end. MUST return the position at which the
    /// next page starts, and none with the last page. [`CaseListing::size`] affects only the
    /// duration of the query, never its result.
    async fn list_cases(&self, listing: &CaseListing) -> Result<CasePart, RepositoryError>;

    /// Returns the exact number of cases that match a filter.
    async fn count_cases(&self, filter: &CaseFilter) -> Result<u64, RepositoryError>;
}
