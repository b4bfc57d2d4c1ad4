use async_trait::async_trait;
use engage_domain::{Case, CaseNumber, Escalation, StaffRef};

use crate::{
    AccessGeneration, CaseFilter, CaseListing, CasePart, RepositoryError, UpdatePage, UpdatesWanted,
};

/// How many escalations are read with a case: the newest.
pub const LISTED_ESCALATIONS: u32 = 100;

/// A case as its customer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseProgress {
    /// The case.
    pub case: Case,
    /// A page of what was written for the customer.
    pub public_updates: UpdatePage,
    /// The generation of the proofs of ownership that hold.
    pub access_generation: AccessGeneration,
}

/// A case with what belongs to it, as staff see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseDetails {
    /// The case.
    pub case: Case,
    /// Who works on it.
    pub assignee: Option<StaffRef>,
    /// A page of what was written.
    pub updates: UpdatePage,
    /// The newest escalations, [`LISTED_ESCALATIONS`] at most, oldest first.
    pub escalations: Vec<Escalation>,
}

/// Cases, to be looked at.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CaseQueries: Send + Sync {
    /// Looks a case up for its customer.
    ///
    /// MUST return `None` where no case has the number. MUST return a page of the public updates only:
    /// the newest before the place that is asked for, oldest first, those of one event in the order in
    /// which they were written, and where older ones go on. MUST read no more of them than that.
    async fn find_case_progress(
        &self,
        number: &CaseNumber,
        updates: &UpdatesWanted,
    ) -> Result<Option<CaseProgress>, RepositoryError>;

    /// Looks a case up for staff.
    ///
    /// MUST return `None` where no case has the number. MUST return a page of all updates as above, and
    /// the newest escalations, oldest first. All parts MUST be of one moment.
    async fn find_case_details(
        &self,
        number: &CaseNumber,
        updates: &UpdatesWanted,
    ) -> Result<Option<CaseDetails>, RepositoryError>;

    /// Lists cases.
    ///
    /// MUST sort as asked and break ties by case number, in the same direction, so that parts
    /// never overlap. MUST return an empty part past the end. MUST return with each part where the
    /// next one begins, and none with the last. Nothing but the time it takes may depend on
    /// [`CaseListing::size`].
    async fn list_cases(&self, listing: &CaseListing) -> Result<CasePart, RepositoryError>;

    /// Counts the cases that fit, exactly.
    async fn count_cases(&self, filter: &CaseFilter) -> Result<u64, RepositoryError>;
}
