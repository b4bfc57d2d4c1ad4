//! Brings the tables up to date.

use std::time::Duration;

use diesel::dsl::sql;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sql_types::{Bool, Nullable, Text};
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use tokio::time::sleep;

use crate::backfill::index_words;
use crate::connect::Connector;
use crate::open_error::OpenError;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../../migrations/postgres");

/// Begins the transaction that holds the lock, however long it takes. A lock of the session would
/// stay behind where PgBouncer is between in transaction mode.
const HOLD_ON: &str = "
    BEGIN;
    SET LOCAL statement_timeout = 0;
    SET LOCAL idle_in_transaction_session_timeout = 0;
";

/// Two who migrate at once would race; whoever holds this lock, "engage" in ASCII, goes first.
const LOCK: &str = "pg_try_advisory_xact_lock(111524855244645)";

const IS_STATED: &str = "to_regclass('schema_compatibility') IS NOT NULL";

const STATED: &str = "(SELECT max(compatible_from) FROM schema_compatibility)";

/// Takes the place of the portal of the statement before, which keeps its snapshot as long as the
/// transaction lasts: an index that is made concurrently would wait for its end.
const LET_GO_OF_SNAPSHOT: &str = "SELECT 1";

/// How often to look whether the lock is free.
const PAUSE: Duration = Duration::from_millis(100);

/// Brings the tables up to date; any number of callers may do so at once.
pub(crate) async fn run(connector: &Connector) -> Result<(), OpenError> {
    // The lock is given back when its connection closes.
    let _lock = lock(connector).await?;
    let mut connection = connect(connector).await?;
    // Filling a new column may take longer than a role's statements otherwise may.
    connection.batch_execute("SET statement_timeout = 0").await.map_err(failed)?;
    check(&mut connection).await?;
    let mut harness = AsyncMigrationHarness::new(connection);
    harness.run_pending_migrations(MIGRATIONS).map_err(OpenError::Migrate)?;
    let mut connection = harness.into_inner();
    index_words(&mut connection).await.map_err(|cause| OpenError::Migrate(cause.into()))
}

/// Refuses tables that a newer program made what this one does not know.
async fn check(connection: &mut AsyncPgConnection) -> Result<(), OpenError> {
    let is_stated = diesel::select(sql::<Bool>(IS_STATED));
    if !is_stated.get_result::<bool>(connection).await.map_err(failed)? {
        return Ok(());
    }
    let stated = diesel::select(sql::<Nullable<Text>>(STATED));
    let stated: Option<String> = stated.get_result(connection).await.map_err(failed)?;
    let own = newest().map_err(OpenError::Migrate)?;
    match stated {
        Some(needed) if own < needed => Err(OpenError::TooOld { needed, own }),
        _ => Ok(()),
    }
}

fn newest() -> diesel::migration::Result<String> {
    let all: Vec<Box<dyn Migration<Pg>>> = MIGRATIONS.migrations()?;
    Ok(all.iter().map(|one| one.name().version().to_string()).max().unwrap_or_default())
}

/// Whether the tables are up to date; if not, a program may bring them there.
pub(crate) async fn are_done(connector: &Connector) -> Result<bool, OpenError> {
    let mut connection = connect(connector).await?;
    check(&mut connection).await?;
    let mut harness = AsyncMigrationHarness::new(connection);
    let is_behind = harness.has_pending_migration(MIGRATIONS).map_err(OpenError::Migrate)?;
    Ok(!is_behind)
}

/// A connection that holds the lock. Whoever waits for it asks again and again, each time in a
/// transaction of its own: an index that is made concurrently waits for the end of every transaction
/// that had a snapshot when it began, and the holder would wait for those who wait for the holder.
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
