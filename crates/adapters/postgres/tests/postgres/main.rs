//! The adapter on a real PostgreSQL.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod certificates;
mod contract;
mod delivery;
mod failover;
mod outbox_signal;
mod plans;
mod schema;
mod tls;
mod words;

use engage_postgres::PostgresStore;
use engage_testkit::postgres::cluster;

/// The URL of a database of the test's own, with all tables.
async fn migrated() -> String {
    let migrate = async |url: String| PostgresStore::migrate(&url).await.unwrap();
    cluster().database(migrate).await
}
