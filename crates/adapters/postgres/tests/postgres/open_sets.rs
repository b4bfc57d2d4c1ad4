//! Channels and event types of a later program in the tables of this one.

use std::time::Duration;

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use engage_domain::Channel;
use engage_postgres::{DnsResolver, PostgresStore};
use engage_repository::{CaseRepository, ChannelStatus, OutboxRepository};
use engage_testkit::builders::{a_change_set, a_claim, a_message, an_opened};
use tokio::time::timeout;

use crate::{migrated, statements};

const UP: &str = "20261128190000_open_sets/up.sql";
const DOWN: &str = "20261128190000_open_sets/down.sql";

/// A statement that stores a new value in each table, and the one that undoes it.
const NEW: [(&str, &str); 5] = [
    ("UPDATE events SET type = 'case.merged'", "UPDATE events SET type = 'case.created'"),
    ("UPDATE notifications SET channel = 'SLACK'", "UPDATE notifications SET channel = 'EMAIL'"),
    (
        "INSERT INTO channels (channel) VALUES ('SLACK')",
        "DELETE FROM channels WHERE channel = 'SLACK'",
    ),
    (
        "INSERT INTO suppressed_addresses (channel, address, reason, created_at)
         VALUES ('SLACK', 'C01', 'archived', now())",
        "DELETE FROM suppressed_addresses",
    ),
    (
        "INSERT INTO refusals (notification_id, channel, kind, is_ours, depends_on_recipient)
         SELECT id, 'SLACK', 'refused', false, false FROM notifications",
        "DELETE FROM refusals",
    ),
];

async fn with_a_notification() -> (String, AsyncPgConnection) {
    let url = migrated().await;
    let store = PostgresStore::open(&url, 1, &DnsResolver::system()).await.unwrap();
    let message = a_message("john@example.com");
    store.commit(a_change_set(an_opened(1), vec![message])).await.unwrap();
    let connection = AsyncPgConnection::establish(&url).await.unwrap();
    (url, connection)
}

#[tokio::test(flavor = "multi_thread")]
async fn new_channels_and_event_types_are_stored_and_prevent_only_a_downgrade() {
    let (_, mut connection) = with_a_notification().await;
    for (insert, delete) in NEW {
        connection.batch_execute(insert).await.unwrap();
        let refusal = connection.batch_execute(&statements(DOWN)).await.unwrap_err().to_string();
        assert!(refusal.contains("the earlier version cannot read this database"), "{refusal}");
        connection.batch_execute(delete).await.unwrap();
    }
    connection.batch_execute(&statements(DOWN)).await.unwrap();
    for (insert, _) in NEW {
        let refusal = connection.batch_execute(insert).await.unwrap_err().to_string();
        assert!(refusal.contains("check constraint"), "{refusal}");
    }
    connection.batch_execute(&statements(UP)).await.unwrap();
    for (insert, _) in NEW {
        connection.batch_execute(insert).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_stays_locked_fails_the_migration_which_can_be_run_again() {
    let (url, mut connection) = with_a_notification().await;
    connection.batch_execute(&statements(DOWN)).await.unwrap();
    let mut other = AsyncPgConnection::establish(&url).await.unwrap();
    other.batch_execute("BEGIN; LOCK TABLE channels IN ACCESS SHARE MODE").await.unwrap();
    let migration =
        timeout(Duration::from_mins(1), connection.batch_execute(&statements(UP))).await.unwrap();
    let refusal = migration.unwrap_err().to_string();
    assert!(refusal.contains("lock timeout"), "{refusal}");
    other.batch_execute("ROLLBACK").await.unwrap();
    connection.batch_execute("ROLLBACK").await.unwrap();
    connection.batch_execute(&statements(UP)).await.unwrap();
    for (insert, _) in NEW {
        connection.batch_execute(insert).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_without_a_row_runs_until_it_is_stopped() {
    let (url, mut connection) = with_a_notification().await;
    connection.batch_execute("DELETE FROM channels").await.unwrap();
    let store = PostgresStore::open(&url, 1, &DnsResolver::system()).await.unwrap();
    let running = |&channel: &Channel| ChannelStatus { channel, stopped: None };
    let expected: Vec<_> = Channel::ALL.iter().map(running).collect();
    assert_eq!(store.list_channels().await.unwrap(), expected);
    assert_eq!(store.claim_due(a_claim()).await.unwrap().len(), 1);
    store.stop_channel(Channel::Email, "535").await.unwrap();
    let stopped = store.list_channels().await.unwrap().remove(0);
    assert_eq!(stopped.stopped.unwrap().1, "535");
}
