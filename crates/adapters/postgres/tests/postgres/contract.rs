//! The contract of the repository ports.

use std::sync::Arc;

use engage_postgres::{DnsResolver, PostgresStore};
use engage_repository::RequestCounts;
use engage_testkit::contract::Store;

use crate::migrated;

async fn store() -> Store {
    open(&migrated().await).await
}

async fn open(url: &str) -> Store {
    Store::of(Arc::new(PostgresStore::open(url, 4, &DnsResolver::system()).await.unwrap()))
}

pub(crate) mod on_postgres {
    async fn make() -> (engage_testkit::contract::Store, ()) {
        (super::store().await, ())
    }

    engage_testkit::repository_contract!(make);
}

mod on_postgres_for_servers {
    use std::sync::Arc;

    async fn make() -> (Arc<dyn super::RequestCounts>, ()) {
        let store =
            super::PostgresStore::open(&super::migrated().await, 4, &super::DnsResolver::system())
                .await
                .unwrap();
        (Arc::new(store), ())
    }

    engage_testkit::request_counts_contract!(make);
}

mod by_two_handles {
    async fn make() -> ([engage_testkit::contract::Store; 2], ()) {
        let url = super::migrated().await;
        ([super::open(&url).await, super::open(&url).await], ())
    }

    engage_testkit::shared_store_contract!(make);
}
