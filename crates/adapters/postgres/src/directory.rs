//! The version of the directory of recipients and permissions, which triggers increment.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use engage_repository::{DirectoryRepository, DirectoryVersion, RepositoryError};
use engage_sql::schema::directory;

use crate::store::PostgresStore;

#[async_trait]
impl DirectoryRepository for PostgresStore {
    async fn directory_version(&self) -> Result<DirectoryVersion, RepositoryError> {
        let select = directory::table.select(directory::version);
        let version = self.connections().run(async |c| select.first(c).await).await?;
        Ok(DirectoryVersion(version))
    }
}
