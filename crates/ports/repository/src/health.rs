use async_trait::async_trait;

use crate::RepositoryError;

/// Usage of the storage connections of one process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConnectionUse {
    /// Maximum number of open connections.
    pub limit: u32,
    /// Connections in use.
    pub in_use: u32,
    /// Open connections that are idle.
    pub idle: u32,
    /// Callers waiting for a connection.
    pub waiting: u32,
}

/// Health check of the storage.
///
/// ```
/// use engage_repository::{ConnectionUse, StoreHealth};
/// use engage_sqlite::SqliteStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory()?;
/// store.check().await?;
/// let ConnectionUse { in_use, waiting, .. } = store.connection_use();
/// assert_eq!((in_use, waiting), (0, 0));
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait StoreHealth: Send + Sync {
    /// Executes a trivial query.
    ///
    /// MUST return an error if a request would fail now.
    async fn check(&self) -> Result<(), RepositoryError>;

    /// Returns the usage of the connections for reads and requests.
    ///
    /// MUST NOT wait for storage, nor for a connection. When idle, no connection is in use and no
    /// caller waits. The number of open connections never exceeds the limit.
    fn connection_use(&self) -> ConnectionUse;
}
