//! The contract of the repository ports, for a database file and for one in memory.

use std::sync::Arc;

use engage_sqlite::SqliteStore;
use engage_testkit::contract::Store;

fn ports_of(store: SqliteStore) -> Store {
    Store::of(Arc::new(store))
}

mod in_a_file {
    async fn make() -> (engage_testkit::contract::Store, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("engage.db");
        (super::ports_of(super::SqliteStore::serve(&path, 4).unwrap()), folder)
    }

    engage_testkit::repository_contract!(make);
}

pub(crate) mod in_memory {
    async fn make() -> (engage_testkit::contract::Store, ()) {
        (super::ports_of(super::SqliteStore::in_memory().unwrap()), ())
    }

    engage_testkit::repository_contract!(make);
}

mod by_two_handles {
    async fn make() -> ([engage_testkit::contract::Store; 2], tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("engage.db");
        let server = super::SqliteStore::serve(&path, 4).unwrap();
        let command = super::SqliteStore::attach(&path).unwrap();
        ([server, command].map(super::ports_of), folder)
    }

    engage_testkit::shared_store_contract!(make);
}
