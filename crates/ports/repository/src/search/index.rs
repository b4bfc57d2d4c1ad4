use std::num::NonZeroU32;

use async_trait::async_trait;

use crate::RepositoryError;

/// The words by which a store finds its cases.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SearchIndex: Send + Sync {
    /// Makes the words of cases anew that an earlier version of the program made
    /// ([`SearchWords::VERSION`](super::SearchWords::VERSION)), the newest first and so many at most.
    /// Returns how many.
    ///
    /// MUST lose no word of a change that is committed meanwhile. MUST NOT keep commits waiting for
    /// longer than these cases take. Several processes MAY work at once; each case is then made anew
    /// by one of them.
    async fn renew_words(&self, limit: NonZeroU32) -> Result<u64, RepositoryError>;
}
