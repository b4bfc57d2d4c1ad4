//! Migrations.

use std::time::Duration;

use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::sql_types::{Bool, Nullable, Text};
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::MigrationHarness;
use engage_migrations::POSTGRES as MIGRATIONS;
use engage_sql::{check_compatibility, newest_migration};
use tokio::time::sleep;

use crate::backfill::index_words;
use crate::connect::Connector;
use crate::open_error::OpenError;

/// Begins the transaction that holds the lock, for as long as the migration takes. A session lock would
/// remain if PgBouncer is in between in transaction mode.
const HOLD_ON: &str = "
    BEGIN;
    SET LOCAL statement_timeout = 0;
    SET LOCAL idle_in_transaction_session_timeout = 0;
";

/// The lock of the process that migrates, "engage" in ASCII. Two migrations at once would race.
const LOCK: &str = "pg_try_advisory_xact_lock(111524855244645)";

const IS_STATED: &str = "to_regclass('schema_compatibility') IS NOT NULL";

const STATED: &str = "(SELECT max(compatible_from) FROM schema_compatibility)";

/// Replaces the portal of the previous statement, which would hold its snapshot until the end of the
/// transaction. An index that is created concurrently would wait for that.
const LET_GO_OF_SNAPSHOT: &str = "SELECT 1";

/// Pause between attempts to acquire the lock.
const PAUSE: Duration = Duration::from_millis(100);

/// Migrates the database. Any number of callers may do so at once.
pub(crate) async fn run(connector: &Connector) -> Result<(), OpenError> {
    // The lock is released when its connection closes.
    let _lock = lock(connector).await?;
    let mut connection = connect(connector).await?;
    // Filling a new column may take longer than the role's statements otherwise may.
    connection.batch_execute("SET statement_timeout = 0").await.map_err(failed)?;
    check(&mut connection).await?;
    let mut harness = AsyncMigrationHarness::new(connection);
    harness.run_pending_migrations(MIGRATIONS).map_err(OpenError::Migrate)?;
    let mut connection = harness.into_inner();
    index_words(&mut connection).await.map_err(|cause| OpenError::Migrate(cause.into()))
}

/// Runs those of the program's migrations that are named, without what newer versions add to old rows.
/// Used for an empty database that is to get the rows of an earlier version.
pub(crate) async fn run_only(connector: &Connector, wanted: &[String]) -> Result<(), OpenError> {
    let _lock = lock(connector).await?;
    let mut connection = connect(connector).await?;
    connection.batch_execute("SET statement_timeout = 0").await.map_err(failed)?;
    let mut harness = AsyncMigrationHarness::new(connection);
    for migration in harness.pending_migrations(MIGRATIONS).map_err(OpenError::Migrate)? {
        if wanted.contains(&migration.name().version().to_string()) {
            harness.run_migration(&migration).map_err(OpenError::Migrate)?;
        }
    }
    Ok(())
}

/// Rejects tables that a newer program has changed in ways that this one does not support.
async fn check(connection: &mut AsyncPgConnection) -> Result<(), OpenError> {
    let is_stated = diesel::select(sql::<Bool>(IS_STATED));
    if !is_stated.get_result::<bool>(connection).await.map_err(failed)? {
        return Ok(());
    }
    let stated = diesel::select(sql::<Nullable<Text>>(STATED));
    let needed: Option<String> = stated.get_result(connection).await.map_err(failed)?;
    let own = newest_migration::<Pg>(&MIGRATIONS).map_err(OpenError::Migrate)?;
    Ok(check_compatibility(needed, own)?)
}

/// Returns whether all migrations of this program have been run.
pub(crate) async fn are_done(connector: &Connector) -> Result<bool, OpenError> {
    let mut connection = connect(connector).await?;
    check(&mut connection).await?;
    let mut harness = AsyncMigrationHarness::new(connection);
    let is_behind = harness.has_pending_migration(MIGRATIONS).map_err(OpenError::Migrate)?;
    Ok(!is_behind)
}

/// Returns a connection that holds the lock. Each attempt to acquire it is a separate transaction: an
/// index that is created concurrently waits for the end of every transaction that had a snapshot when
/// it began, so the holder would wait for those that wait for the holder.
async fn lock(connector: &Connector) -> Result<AsyncPgConnection, OpenError> {
    let mut connection = connect(connector).await?;
    loop {
        connection.batch_execute(HOLD_ON).await.map_err(failed)?;
        let lock = diesel::select(sql::<Bool>(LOCK));
        let is_held: bool = lock.get_result(&mut connection).await.map_err(failed)?;
        if is_held {
            connection.batch_execute(LET_GO_OF_SNAPSHOT).await.map_err(failed)?;
            return Ok(connection);
        }
        connection.batch_execute("ROLLBACK").await.map_err(failed)?;
        sleep(PAUSE).await;
    }
}

async fn connect(connector: &Connector) -> Result<AsyncPgConnection, OpenError> {
    connector.connect().await.map_err(OpenError::Connect)
}

fn failed(cause: diesel::result::Error) -> OpenError {
    OpenError::Migrate(cause.into())
}
