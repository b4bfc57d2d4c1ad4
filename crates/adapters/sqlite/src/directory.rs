//! The version of the directory of recipients and permissions, which triggers increment.

use async_trait::async_trait;
use engage_repository::{DirectoryRepository, DirectoryVersion, RepositoryError};

use crate::directory_version::directory_version;
use crate::store::SqliteStore;

#[async_trait]
impl DirectoryRepository for SqliteStore {
    async fn directory_version(&self) -> Result<DirectoryVersion, RepositoryError> {
        self.readers().read(|c| Ok(DirectoryVersion(directory_version(c)?))).await
    }
}
