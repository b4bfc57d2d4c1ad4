//! Who is told of changes and who may make them, as one directory with a version. Triggers count it.

use async_trait::async_trait;
use diesel::prelude::*;
use engage_repository::{DirectoryRepository, DirectoryVersion, RepositoryError};

use crate::error::repository_error;
use crate::schema::directory;
use crate::store::SqliteStore;

/// The version that the connection sees.
pub(crate) fn version(connection: &mut SqliteConnection) -> Result<i64, RepositoryError> {
    directory::table.select(directory::version).first(connection).map_err(repository_error)
}

#[async_trait]
impl DirectoryRepository for SqliteStore {
    async fn directory_version(&self) -> Result<DirectoryVersion, RepositoryError> {
        self.readers().read(|connection| version(connection).map(DirectoryVersion)).await
    }
}
