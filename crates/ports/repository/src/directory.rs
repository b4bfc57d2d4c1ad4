use async_trait::async_trait;

use crate::RepositoryError;

/// Counts the changes of everything that decides who is told of a change of a case and who may make
/// it: members of staff, the removal of their tokens, endpoints of other systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DirectoryVersion(pub i64);

/// Who is told of changes and who may make them, as one directory with a version.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait DirectoryRepository: Send + Sync {
    /// Returns the version of the directory.
    ///
    /// MUST return another version once a member was changed, a token removed, or an endpoint
    /// added, removed, enabled, disabled or given other events. MUST return the same version after
    /// a member or a token was added, the use of a token noted, or the delivery to an endpoint
    /// noted: nothing that was read before is wrong then.
    async fn directory_version(&self) -> Result<DirectoryVersion, RepositoryError>;
}
