//! Restoration of the whole database.

use std::io::Read;
use std::pin::pin;

use bytes::Bytes;
use diesel::pg::Pg;
use engage_migrations::POSTGRES as MIGRATIONS;
use engage_repository::{
    BackupError, CopyFacts, CopyPart, CopyReader, Restored, WaitingNotifications,
};
use engage_sql::{HELD_REASON, check_known};
use futures_util::SinkExt;
use tokio_postgres::{Client, CopyInSink};

use super::copy::SUFFIX;
use super::session::{SETTINGS, connect, count, failed, migrations, run};
use super::tables::{self, Table, quoted};
use crate::connect::Connector;
use crate::migrations as migrating;

/// Number of bytes that are sent at once.
const BLOCK: usize = 256 * 1024;

const CASES: &str = "SELECT count(*) FROM cases";

const STAFF: &str = "SELECT count(*) FROM staff";

const WAITING: &str = "
    SELECT count(*) FROM notifications WHERE status IN ('PENDING', 'IN_FLIGHT')";

/// Makes dead letters of what waits.
const HOLD: &str = "
    UPDATE notifications
    SET status = 'DEAD', finished_at = now(), last_error = $1, held_back_at = NULL
    WHERE status IN ('PENDING', 'IN_FLIGHT')";

/// Checks that a database is empty, and has no tables that the copy does not have.
pub(super) async fn check_target(
    connector: &Connector,
    facts: &CopyFacts,
) -> Result<(), BackupError> {
    check_known::<Pg>(&MIGRATIONS, &facts.migrations)?;
    let client = connect(connector).await?;
    let applied = migrations(&client).await?;
    if applied.is_empty() {
        return Ok(());
    }
    check_empty(&client).await?;
    let are_of_copy = applied.iter().all(|version| facts.migrations.contains(version));
    if are_of_copy { Ok(()) } else { Err(BackupError::OtherTables) }
}

/// Makes the tables those of the copy, replaces their rows in one transaction, and migrates.
pub(super) async fn restore(
    connector: &Connector,
    from: &dyn CopyReader,
    waiting: WaitingNotifications,
) -> Result<Restored, BackupError> {
    check_target(connector, from.facts()).await?;
    let wanted = &from.facts().migrations;
    migrating::run_only(connector, wanted).await.map_err(BackupError::database)?;
    let client = connect(connector).await?;
    run(&client, &format!("BEGIN;{SETTINGS}")).await?;
    let restored = replace(&client, from, waiting).await?;
    run(&client, "COMMIT").await?;
    // Without statistics the first queries would have the plans of empty tables.
    run(&client, "SET statement_timeout = 0").await?;
    for table in tables::of(&client).await? {
        run(&client, &format!("ANALYZE {}", quoted(&table.name))).await?;
    }
    migrating::run(connector).await.map_err(BackupError::database)?;
    Ok(restored)
}

async fn check_empty(client: &Client) -> Result<(), BackupError> {
    let (cases, staff) = (count(client, CASES).await?, count(client, STAFF).await?);
    if cases == 0 && staff == 0 { Ok(()) } else { Err(BackupError::NotEmpty { cases, staff }) }
}

/// Replaces the rows of all tables, in the transaction of the client.
async fn replace(
    client: &Client,
    from: &dyn CopyReader,
    waiting: WaitingNotifications,
) -> Result<Restored, BackupError> {
    let found = tables::of(client).await?;
    let names: Vec<String> = found.iter().map(|table| table.name.clone()).collect();
    let all = tables::list(&names);
    run(client, &format!("LOCK TABLE {all} IN ACCESS EXCLUSIVE MODE")).await?;
    // Again, since somebody may have added a case before the lock.
    check_empty(client).await?;
    // Rows are to be what they were: the triggers would count changes of the directory, and keep the
    // audit entries that a server added when it started on the empty database. References are still
    // checked.
    set_triggers(client, &found, "DISABLE").await?;
    run(client, &format!("TRUNCATE {all}")).await?;
    let parts = from.parts();
    if parts.len() != found.len() {
        return Err(BackupError::Damaged("it has other tables than its migrations".to_owned()));
    }
    for table in &found {
        fill(client, table, &parts, from).await?;
    }
    set_triggers(client, &found, "ENABLE").await?;
    let waiting_notifications = count(client, WAITING).await?;
    if waiting == WaitingNotifications::Hold {
        client.execute(HOLD, &[&HELD_REASON]).await.map_err(failed)?;
    }
    Ok(Restored { waiting_notifications })
}

async fn set_triggers(client: &Client, found: &[Table], state: &str) -> Result<(), BackupError> {
    for table in found {
        run(client, &format!("ALTER TABLE {} {state} TRIGGER USER", quoted(&table.name))).await?;
    }
    Ok(())
}

async fn fill(
    client: &Client,
    table: &Table,
    parts: &[CopyPart],
    from: &dyn CopyReader,
) -> Result<(), BackupError> {
    let damaged = |what: &str| BackupError::Damaged(format!("{what} of the table {}", table.name));
    let name = format!("{}{SUFFIX}", table.name);
    let part = parts.iter().find(|part| part.name == name);
    let part = part.ok_or_else(|| damaged("there are no rows"))?;
    if sorted(&part.columns) != sorted(&table.columns) {
        return Err(damaged("there are other columns"));
    }
    let statement = table.copy_in(&part.columns);
    let sink = client.copy_in(&statement).await.map_err(failed)?;
    let rows = send(sink, from.open(&name)?).await?;
    let expected = from.facts().tables.iter().find(|counted| counted.table == table.name);
    if expected.is_some_and(|expected| expected.rows == rows) {
        Ok(())
    } else {
        Err(damaged("there is another number of rows"))
    }
}

fn sorted(names: &[String]) -> Vec<&String> {
    let mut names: Vec<&String> = names.iter().collect();
    names.sort_unstable();
    names
}

/// Sends rows, and returns their number.
async fn send(sink: CopyInSink<Bytes>, mut rows: Box<dyn Read + Send>) -> Result<u64, BackupError> {
    let mut sink = pin!(sink);
    let mut block = vec![0; BLOCK];
    loop {
        match rows.read(&mut block)? {
            0 => return sink.finish().await.map_err(failed),
            length => {
                let bytes = Bytes::copy_from_slice(&block[..length]);
                sink.send(bytes).await.map_err(failed)?;
            }
        }
    }
}
