use async_trait::async_trait;

use crate::RepositoryError;

/// Version of the directory. It changes with everything that determines who is notified of a change
/// of a case and who may make it: staff members, the removal of their tokens, and webhook
/// endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DirectoryVersion(pub i64);

/// The directory that determines who is notified of changes and who may make them.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait DirectoryRepository: Send + Sync {
    /// Returns the current version of the directory.
    ///
    /// MUST return another version after a member was changed, a token removed, or an endpoint
    /// added, removed, enabled, disabled or subscribed to other events. MUST return the same
    /// version after a member or a token was added, or the use of a token or a delivery to an
    /// endpoint recorded, because none of these invalidates data read earlier.
    async fn directory_version(&self) -> Result<DirectoryVersion, RepositoryError>;
}
