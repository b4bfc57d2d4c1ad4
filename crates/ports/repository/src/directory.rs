use async_trait::async_trait;

use crate::RepositoryError;

/// Version of the directory. It changes with everything that determines who is notified of a change
/// of a case and who may make it: staff members, the removal of their tokens, and webhook
/// endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DirectoryVersion(pub i64);

/// The directory that determines who is notified of changes and who may make them.
///
/// ```
/// use engage_domain::StaffMember;
/// use engage_repository::{DirectoryRepository, StaffRepository};
/// use engage_sqlite::SqliteStore;
/// use engage_testkit::builders::a_staff_member;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory()?;
/// let (before, jane) = (store.directory_version().await?, a_staff_member("staff-123"));
/// store.add_staff(&jane).await?;
/// assert_eq!(store.directory_version().await?, before);
///
/// // Whoever read the member before has read something outdated.
/// let moved = StaffMember { department: Some("Billing".parse()?), ..jane.clone() };
/// store.change_staff(&jane, &moved).await?;
/// assert_ne!(store.directory_version().await?, before);
/// # Ok(())
/// # }
/// ```
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
