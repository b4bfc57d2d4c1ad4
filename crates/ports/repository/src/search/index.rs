use std::num::NonZeroU32;

use async_trait::async_trait;

use crate::RepositoryError;

/// Maintenance of the search index of a store.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SearchIndex: Send + Sync {
    /// Rebuilds the words of cases that were indexed by an earlier version of the program
    /// ([`SearchWords::VERSION`](super::SearchWords::VERSION)), newest first and at most `limit`.
    /// Returns the number of rebuilt cases.
    ///
    /// MUST lose no word of a change that is committed concurrently. MUST NOT block commits for
    /// longer than it takes to rebuild these cases. Several processes MAY call it concurrently, in
    /// which case each case is rebuilt by one of them.
    async fn renew_words(&self, limit: NonZeroU32) -> Result<u64, RepositoryError>;
}
