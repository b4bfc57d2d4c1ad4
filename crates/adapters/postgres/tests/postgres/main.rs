//! The adapter with a real PostgreSQL.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod certificates;
mod contract;
mod delivery;
mod failover;
mod open_sets;
mod outbox_signal;
mod participant_addresses;
mod plans;
mod schema;
mod tls;
mod words;

use std::fs;
use std::path::Path;

use engage_postgres::{DnsResolver, PostgresStore};
use engage_testkit::postgres::cluster;

/// Returns the URL of a migrated database for one test.
async fn migrated() -> String {
    let migrate =
        async |url: String| PostgresStore::migrate(&url, &DnsResolver::system()).await.unwrap();
    cluster().database(migrate).await
}

/// Returns the statements of a file of a migration.
fn statements(file: &str) -> String {
    let folder = Path::new(engage_migrations::FOLDER).join("postgres");
    fs::read_to_string(folder.join(file)).unwrap()
}
