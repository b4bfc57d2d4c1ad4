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
///
/// ```
/// use std::num::NonZeroU32;
///
/// use engage_repository::{CaseRepository, DueCases};
/// use engage_sqlite::SqliteStore;
/// use engage_testkit::builders::{a_change_set, an_opened, minutes_later, monday};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory()?;
/// let opened = an_opened(1);
/// store.commit(a_change_set(opened.clone(), Vec::new())).await?;
///
/// assert_eq!(store.list_due_cases(monday(), None, NonZeroU32::MIN).await?, []);
/// let a_day_later = minutes_later(24 * 60);
/// let due = store.list_due_cases(a_day_later, None, NonZeroU32::MIN).await?;
/// assert_eq!(due[0].number, *opened.case.number());
/// assert_eq!(Some(due[0].due_at), opened.case.facts().next_action_at);
/// # Ok(())
/// # }
/// ```
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
