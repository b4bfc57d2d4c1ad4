use async_trait::async_trait;

use crate::RepositoryError;

/// Whether storage can serve requests.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait StoreHealth: Send + Sync {
    /// Asks storage for a trivial answer.
    ///
    /// MUST return an error where a request would fail now.
    async fn check(&self) -> Result<(), RepositoryError>;
}
