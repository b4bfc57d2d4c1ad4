//! Channels and event types of a later program in the tables of this one.

use std::fs;
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use engage_domain::Channel;
use engage_repository::{CaseRepository, ChannelStatus, OutboxRepository};
use engage_sqlite::SqliteStore;
use engage_testkit::builders::{a_change_set, a_claim, a_message, an_opened};

const UP: &str = "up.sql";
const DOWN: &str = "down.sql";

/// A row with a new value for each table, and the statement that removes it.
const NEW: [(&str, &str); 5] = [
    (
        "INSERT INTO events (id, case_id, sequence, type, timestamp, actor_kind, visibility,
            changes, snapshot)
         VALUES (zeroblob(16), zeroblob(16), 1, 'case.merged', 0, 'SYSTEM', 'PUBLIC', '[]', '{}')",
        "DELETE FROM events",
    ),
    (
        "INSERT INTO notifications (id, event_id, channel, template, address, status, attempts,
            due_at, claim, created_at)
         VALUES (zeroblob(16), zeroblob(16), 'SLACK', 'case-event', 'C01', 'PENDING', 0, 0, 0, 0)",
        "DELETE FROM notifications",
    ),
    (
        "INSERT INTO channels (channel) VALUES ('SLACK')",
        "DELETE FROM channels WHERE channel = 'SLACK'",
    ),
    (
        "INSERT INTO suppressed_addresses (channel, address, reason, created_at)
         VALUES ('SLACK', 'C01', 'archived', 0)",
        "DELETE FROM suppressed_addresses",
    ),
    (
        "INSERT INTO refusals (notification_id, channel, kind, is_ours, depends_on_recipient)
         VALUES (zeroblob(16), 'SLACK', 'refused', 0, 0)",
        "DELETE FROM refusals",
    ),
];

/// Connects without foreign keys, as for migrations.
fn connect(path: &Path) -> SqliteConnection {
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection.batch_execute("PRAGMA foreign_keys = OFF").unwrap();
    connection
}

/// Returns the statements of a file of the migration.
fn migration(file: &str) -> String {
    let folder = Path::new(engage_migrations::FOLDER).join("sqlite/20261128190000_open_sets");
    fs::read_to_string(folder.join(file)).unwrap()
}

fn in_transaction(connection: &mut SqliteConnection, statements: &str) -> QueryResult<()> {
    connection.immediate_transaction(|connection| connection.batch_execute(statements))
}

#[test]
fn new_channels_and_event_types_are_stored_and_prevent_only_a_downgrade() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("engage.db");
    drop(SqliteStore::attach(&path).unwrap());
    let mut connection = connect(&path);
    for (insert, delete) in NEW {
        in_transaction(&mut connection, insert).unwrap();
        let refusal = in_transaction(&mut connection, &migration(DOWN)).unwrap_err().to_string();
        assert!(refusal.contains("the earlier version cannot read this database"), "{refusal}");
        in_transaction(&mut connection, delete).unwrap();
    }
    in_transaction(&mut connection, &migration(DOWN)).unwrap();
    for (insert, _) in NEW {
        let refusal = in_transaction(&mut connection, insert).unwrap_err().to_string();
        assert!(refusal.contains("CHECK constraint failed"), "{refusal}");
    }
    in_transaction(&mut connection, &migration(UP)).unwrap();
    for (insert, _) in NEW {
        in_transaction(&mut connection, insert).unwrap();
    }
}

#[test]
fn a_migration_that_finds_other_tables_than_it_expects_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("engage.db");
    drop(SqliteStore::attach(&path).unwrap());
    let mut connection = connect(&path);
    in_transaction(&mut connection, &migration(DOWN)).unwrap();
    let edited = "
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = replace(sql, 'IN (''EMAIL'', ', 'IN (''EMAIL'',  ')
        WHERE name = 'refusals';
        PRAGMA writable_schema = RESET;";
    in_transaction(&mut connection, edited).unwrap();
    let refusal = in_transaction(&mut connection, &migration(UP)).unwrap_err().to_string();
    assert_eq!(refusal, "the table refusals still lists channels or event types");
    for (insert, _) in NEW {
        let refusal = in_transaction(&mut connection, insert).unwrap_err().to_string();
        assert!(refusal.contains("CHECK constraint failed"), "{refusal}");
    }
}

#[tokio::test]
async fn a_channel_without_a_row_runs_until_it_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("engage.db");
    let store = SqliteStore::attach(&path).unwrap();
    let message = a_message("john@example.com");
    store.commit(a_change_set(an_opened(1), vec![message])).await.unwrap();
    let mut connection = connect(&path);
    in_transaction(&mut connection, "DELETE FROM channels").unwrap();
    let running = |&channel: &Channel| ChannelStatus { channel, stopped: None };
    let expected: Vec<_> = Channel::ALL.iter().map(running).collect();
    assert_eq!(store.list_channels().await.unwrap(), expected);
    assert_eq!(store.claim_due(a_claim()).await.unwrap().len(), 1);
    store.stop_channel(Channel::Email, "535").await.unwrap();
    let stopped = store.list_channels().await.unwrap().remove(0);
    assert_eq!(stopped.stopped.unwrap().1, "535");
}
