use std::num::NonZeroU32;

use async_trait::async_trait;
use engage_domain::Timestamp;

use crate::RepositoryError;

/// Deletion of expired data, in batches.
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
