//! [`StoreHealth`](engage_repository::StoreHealth).

use super::Store;

pub async fn a_store_that_works_is_healthy(store: &Store) {
    store.health.check().await.expect("the store is healthy");
}
