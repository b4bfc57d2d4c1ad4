//! The contract of the repository ports, for a database file and for one in memory.

use std::sync::Arc;

use engage_sqlite::SqliteStore;
use engage_testkit::contract::Store;

/// Beginning of the names of the folders in which the contract has its files.
pub(crate) const FOLDER: &str = "engage-contract-";

fn ports_of(store: SqliteStore) -> Store {
    Store::of(Arc::new(store))
}

/// The whole contract, on what servers use.
pub(crate) mod in_a_file {
    async fn make() -> (engage_testkit::contract::Store, tempfile::TempDir) {
        let folder = tempfile::Builder::new().prefix(super::FOLDER).tempdir().unwrap();
        let path = folder.path().join("engage.db");
        (super::ports_of(super::SqliteStore::serve(&path, 4).unwrap()), folder)
    }

    engage_testkit::repository_contract!(make);
}

/// A tenth of the contract. A database in memory is for tests only, and differs from a file in one
/// thing: its reads share the connection of the writer. Commits, which are read back and race, show
/// whether that works, and the health check counts connections.
mod in_memory {
    async fn make() -> (engage_testkit::contract::Store, ()) {
        (super::ports_of(super::SqliteStore::in_memory().unwrap()), ())
    }

    engage_testkit::cases_contract!(make);
    engage_testkit::health_contract!(make);
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
