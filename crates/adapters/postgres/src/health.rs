use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use engage_repository::{ConnectionUse, RepositoryError, StoreHealth};
use engage_sql::schema::staff;

use crate::store::PostgresStore;

#[async_trait]
impl StoreHealth for PostgresStore {
    async fn check(&self) -> Result<(), RepositoryError> {
        let one = staff::table.select(staff::id);
        let found = async |c: &mut _| one.first::<String>(c).await.optional();
        self.connections().run(found).await.map(drop)
    }

    fn connection_use(&self) -> ConnectionUse {
        self.connections().connection_use()
    }
}
