use async_trait::async_trait;
use diesel::prelude::*;
use engage_repository::{ConnectionUse, RepositoryError, StoreHealth};
use engage_sql::schema::staff;

use crate::store::SqliteStore;

#[async_trait]
impl StoreHealth for SqliteStore {
    async fn check(&self) -> Result<(), RepositoryError> {
        let one = staff::table.select(staff::id);
        self.readers().read(move |c| Ok(one.first::<String>(c).optional()?)).await.map(drop)
    }

    fn connection_use(&self) -> ConnectionUse {
        self.readers().connection_use()
    }
}
