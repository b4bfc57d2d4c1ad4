use std::num::NonZeroU32;

use async_trait::async_trait;
use engage_domain::Timestamp;

use crate::RepositoryError;

/// Deletion of expired data, in batches.
///
/// ```
/// use std::num::NonZeroU32;
///
/// # use engage_repository::{CaseRepository, IdempotencyKey, IdempotencyRecord, RequestDigest};
/// use engage_repository::RetentionRepository;
/// use engage_sqlite::SqliteStore;
/// use engage_testkit::builders::{a_change_set, an_opened, minutes_later, monday};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory()?;
/// let expires_at = minutes_later(24 * 60);
/// # let (key, digest) = (IdempotencyKey([7; 32]), RequestDigest([1; 32]));
/// # let record = IdempotencyRecord { key, digest, answer: String::new(), expires_at };
/// let mut change_set = a_change_set(an_opened(1), Vec::new());
/// change_set.idempotency = Some(record);
/// store.commit(change_set).await?;
///
/// let batch = NonZeroU32::MIN.saturating_add(199);
/// assert_eq!(store.prune_responses(monday(), batch).await?, 0);
/// assert_eq!(store.prune_responses(expires_at, batch).await?, 1);
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RetentionRepository: Send + Sync {
    /// Deletes notifications that were finished before a time, with their attempts, oldest first
    /// and at most `limit`. Returns their number.
    ///
    /// MUST retain notifications that are not finished, and those that were given up, regardless of
    /// their age.
    async fn prune_messages(
        &self,
        before: Timestamp,
        limit: NonZeroU32,
    ) -> Result<u64, RepositoryError>;

    /// Deletes stored responses whose idempotency keys have expired at `now`, at most `limit`.
    /// Returns their number. MUST retain those that have not expired.
    async fn prune_responses(
        &self,
        now: Timestamp,
        limit: NonZeroU32,
    ) -> Result<u64, RepositoryError>;

    /// Deletes the per-minute counts of budgets for minutes that ended before a time, at most
    /// `limit` counts. Returns their number.
    async fn prune_budget_uses(
        &self,
        before: Timestamp,
        limit: NonZeroU32,
    ) -> Result<u64, RepositoryError>;
}
