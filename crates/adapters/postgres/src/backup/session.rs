//! Sessions for copies, and what a database says about its tables.

use diesel::pg::Pg;
use engage_migrations::POSTGRES as MIGRATIONS;
use engage_repository::BackupError;
use engage_sql::check_known;
use tokio_postgres::Client;

use crate::connect::Connector;

/// Settings of a transaction that may take hours. Values are written in the same way whatever the
/// settings of the role are.
pub(super) const SETTINGS: &str = "
    SET LOCAL statement_timeout = 0;
    SET LOCAL idle_in_transaction_session_timeout = 0;
    SET LOCAL lock_timeout = '10s';
    SET LOCAL client_encoding = 'UTF8';
    SET LOCAL TimeZone = 'UTC';
    SET LOCAL DateStyle = 'ISO, YMD';
    SET LOCAL IntervalStyle = 'postgres';
    SET LOCAL bytea_output = 'hex';";

const IS_MIGRATED: &str = "SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL";

const APPLIED: &str = "SELECT version::text FROM __diesel_schema_migrations ORDER BY version";

pub(super) async fn connect(connector: &Connector) -> Result<Client, BackupError> {
    connector.client().await.map_err(BackupError::database)
}

/// Runs statements that return nothing.
pub(super) async fn run(client: &Client, statements: &str) -> Result<(), BackupError> {
    client.batch_execute(statements).await.map_err(failed)
}

/// Returns the migrations that have been run, in order. An empty database has none. Fails if this
/// program does not know one of them.
pub(super) async fn migrations(client: &Client) -> Result<Vec<String>, BackupError> {
    let is_migrated: bool =
        client.query_one(IS_MIGRATED, &[]).await.and_then(|row| row.try_get(0)).map_err(failed)?;
    if !is_migrated {
        return Ok(Vec::new());
    }
    let rows = client.query(APPLIED, &[]).await.map_err(failed)?;
    let versions: Result<Vec<String>, _> = rows.iter().map(|row| row.try_get(0)).collect();
    let versions = versions.map_err(failed)?;
    check_known::<Pg>(&MIGRATIONS, &versions)?;
    Ok(versions)
}

/// Returns the number that a query counts.
pub(super) async fn count(client: &Client, query: &str) -> Result<u64, BackupError> {
    let count: i64 =
        client.query_one(query, &[]).await.and_then(|row| row.try_get(0)).map_err(failed)?;
    u64::try_from(count).map_err(BackupError::database)
}

/// Converts an error of a statement. Its message alone would not say what the server objects to.
#[allow(clippy::needless_pass_by_value)] // As `map_err` passes it.
pub(super) fn failed(error: tokio_postgres::Error) -> BackupError {
    BackupError::database(engage_outbound::error_chain(&error))
}
