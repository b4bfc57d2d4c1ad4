use std::num::NonZeroU32;

use async_trait::async_trait;
use engage_domain::Timestamp;

use crate::RepositoryError;

/// What nobody needs any more, to be deleted a little at a time.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RetentionRepository: Send + Sync {
    /// Deletes messages that were finished before a time, with their attempts, the oldest first and
    /// so many at most. Returns how many.
    ///
    /// MUST keep those that are not finished, and those that were given up, however old they are.
    async fn prune_messages(
        &self,
        before: Timestamp,
        limit: NonZeroU32,
    ) -> Result<u64, RepositoryError>;

    /// Deletes answers to requests under idempotency keys that have expired by now, so many at most.
    /// Returns how many. MUST keep those that have not expired.
    async fn prune_responses(
        &self,
        now: Timestamp,
        limit: NonZeroU32,
    ) -> Result<u64, RepositoryError>;

    /// Deletes what budgets counted in minutes that were over before a time, so many minutes of a
    /// budget at most. Returns how many.
    async fn prune_budget_uses(
        &self,
        before: Timestamp,
        limit: NonZeroU32,
    ) -> Result<u64, RepositoryError>;
}
