use async_trait::async_trait;

use crate::RepositoryError;

/// Connections to storage, of one process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConnectionUse {
    /// Most connections that are open at once.
    pub limit: u32,
    /// Connections that somebody works on.
    pub in_use: u32,
    /// Connections that are open and free.
    pub idle: u32,
    /// Callers that wait for a connection.
    pub waiting: u32,
}

/// Whether storage can serve requests.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait StoreHealth: Send + Sync {
    /// Asks storage for a trivial answer.
    ///
    /// MUST return an error where a request would fail now.
    async fn check(&self) -> Result<(), RepositoryError>;

    /// Returns how the connections for reads and requests are used.
    ///
    /// MUST NOT wait for storage, nor for a connection. At rest none is in use and nobody waits; no
    /// more are open than the limit.
    fn connection_use(&self) -> ConnectionUse;
}
