use std::num::NonZeroU32;

use async_trait::async_trait;
use engage_domain::{CaseId, CaseNumber, Timestamp, Version};

use crate::RepositoryError;

/// A case with which something is to be done by itself, by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueCase {
    /// Identifies the case.
    pub id: CaseId,
    /// Names the case.
    pub number: CaseNumber,
    /// Its [`CaseFacts::next_target_at`](engage_domain::CaseFacts::next_target_at).
    pub due_at: Timestamp,
}

/// Cases with which something is to be done by itself.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait DueCases: Send + Sync {
    /// Lists the cases whose next service-target time is `now` or earlier, at most `limit`, those
    /// that have been due for longest first; where `after` is given, only those that come later in
    /// that order.
    ///
    /// MUST break ties in the same order each time, so that going on after the last case of a list
    /// leaves none out. MUST NOT list a case without such a time.
    async fn list_due_cases(
        &self,
        now: Timestamp,
        after: Option<DueCase>,
        limit: NonZeroU32,
    ) -> Result<Vec<DueCase>, RepositoryError>;

    /// Notes another time at which something is next to be done with a case, or none, without an
    /// event: the rules are others than when the case last changed.
    ///
    /// MUST change nothing else. MUST change nothing where the case is not at that version, since
    /// whoever changed it has noted the time.
    async fn put_off_case(
        &self,
        id: CaseId,
        version: Version,
        until: Option<Timestamp>,
    ) -> Result<(), RepositoryError>;
}
