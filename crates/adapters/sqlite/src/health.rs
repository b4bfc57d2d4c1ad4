use async_trait::async_trait;
use diesel::prelude::*;
use engage_repository::{ConnectionUse, RepositoryError, StoreHealth};
use engage_sql::repository_error;
use engage_sql::schema::staff;

use crate::store::SqliteStore;

#[async_trait]
impl StoreHealth for SqliteStore {
    async fn check(&self) -> Result<(), RepositoryError> {
        self.readers()
            .read(|connection| {
                let _: Option<String> = staff::table
                    .select(staff::id)
                    .first(connection)
                    .optional()
                    .map_err(repository_error)?;
                Ok(())
            })
            .await
    }

    fn connection_use(&self) -> ConnectionUse {
        self.readers().connection_use()
    }
}
