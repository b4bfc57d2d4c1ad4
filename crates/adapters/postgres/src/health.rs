use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use engage_repository::{RepositoryError, StoreHealth};

use crate::error::repository_error;
use crate::schema::staff;
use crate::store::PostgresStore;

#[async_trait]
impl StoreHealth for PostgresStore {
    async fn check(&self) -> Result<(), RepositoryError> {
        let _: Option<String> = staff::table
            .select(staff::id)
            .first(&mut self.connection().await?)
            .await
            .optional()
            .map_err(repository_error)?;
        Ok(())
    }
}
