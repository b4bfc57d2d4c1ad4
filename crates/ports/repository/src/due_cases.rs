use std::num::NonZeroU32;

use async_trait::async_trait;
use engage_domain::{CaseId, CaseNumber, Timestamp, Version};

use crate::RepositoryError;

/// A case with a due action, such as an SLA alert or auto-close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueCase {
    /// Id of the case.
    pub id: CaseId,
    /// Case number.
    pub number: CaseNumber,
    /// Time of the action, from
    /// [`CaseFacts::next_action_at`](engage_domain::CaseFacts::next_action_at).
    pub due_at: Timestamp,
}

/// Cases with due actions.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait DueCases: Send + Sync {
    /// Lists cases whose action is due at or before `now`, longest overdue first. Returns at most
    /// `limit` cases, and only those after `after` in that order if it is given.
    ///
    /// MUST break ties in the same order each time, so that continuing after the last case of a
    /// list skips none. MUST NOT list a case without a pending action.
    async fn list_due_cases(
        &self,
        now: Timestamp,
        after: Option<DueCase>,
        limit: NonZeroU32,
    ) -> Result<Vec<DueCase>, RepositoryError>;

    /// Sets the time of the next action of a case, or removes it, without recording an event. This
    /// is needed when the rules have changed since the last change of the case.
    ///
    /// MUST change nothing else. MUST change nothing if the case is no longer at that version,
    /// since the newer change has set the time.
    async fn put_off_case(
        &self,
        id: CaseId,
        version: Version,
        until: Option<Timestamp>,
    ) -> Result<(), RepositoryError>;
}
