//! Signals of new notifications, from one store to the listeners on the same database.

use std::num::NonZeroU32;
use std::time::Duration;

use engage_postgres::{DnsResolver, OutboxListener, PostgresStore};
use engage_repository::{CaseRepository, Claim, OutboxRepository};
use engage_testkit::builders::{a_change_set, a_claim, a_message, an_opened};
use engage_testkit::postgres::cluster;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::migrated;

/// Longer than a signal takes on any machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A listener, and the signals that it received.
struct Listener {
    notified: mpsc::UnboundedReceiver<()>,
    task: JoinHandle<()>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Listener {
    fn start(url: &str) -> Self {
        let (signals, notified) = mpsc::unbounded_channel();
        let listener = OutboxListener::new(url, &DnsResolver::system()).unwrap();
        // The receiver is dropped when the test ends.
        let notify = move || signals.send(()).unwrap_or_default();
        Self { notified, task: tokio::spawn(async move { listener.run(notify).await }) }
    }

    async fn is_notified(&mut self) {
        timeout(PATIENCE, self.notified.recv()).await.expect("the listener notifies").unwrap();
    }
}

async fn announce(store: &PostgresStore, sequence: u64) {
    let message = a_message("john@example.com");
    store.commit(a_change_set(an_opened(sequence), vec![message])).await.unwrap();
}

/// Selects the server processes that listen on a database.
fn listening(url: &str) -> String {
    let (_, database) = url.rsplit_once('/').unwrap();
    format!("FROM pg_stat_activity WHERE datname = '{database}' AND query LIKE 'LISTEN %'")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_notifies_when_it_starts_and_on_every_commit_of_any_store() {
    let url = migrated().await;
    let stores = [
        PostgresStore::open(&url, 2, &DnsResolver::system()).await.unwrap(),
        PostgresStore::open(&url, 2, &DnsResolver::system()).await.unwrap(),
    ];
    let mut listener = Listener::start(&url);
    listener.is_notified().await;
    for sequence in 1..=20 {
        announce(&stores[usize::from(sequence % 2 == 0)], sequence).await;
        listener.is_notified().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn polling_only_when_notified_misses_no_notification() {
    let url = migrated().await;
    let store = PostgresStore::open(&url, 4, &DnsResolver::system()).await.unwrap();
    let mut listener = Listener::start(&url);
    listener.is_notified().await;
    let commits = (1..=200).map(|sequence| {
        let store = store.clone();
        tokio::spawn(async move { announce(&store, sequence).await })
    });
    let commits: Vec<_> = commits.collect();
    let all = Claim { limit: NonZeroU32::new(200).unwrap(), ..a_claim() };
    let mut found = 0;
    while found < 200 {
        listener.is_notified().await;
        found += store.claim_due(all.clone()).await.unwrap().len();
    }
    for commit in commits {
        commit.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_without_notifications_sends_no_signal() {
    let url = migrated().await;
    let store = PostgresStore::open(&url, 2, &DnsResolver::system()).await.unwrap();
    let mut listener = Listener::start(&url);
    listener.is_notified().await;
    store.commit(a_change_set(an_opened(1), Vec::new())).await.unwrap();
    announce(&store, 2).await;
    listener.is_notified().await;
    assert!(timeout(Duration::from_millis(200), listener.notified.recv()).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_that_lost_its_connection_notifies_and_listens_again() {
    let url = migrated().await;
    let store = PostgresStore::open(&url, 2, &DnsResolver::system()).await.unwrap();
    let mut listener = Listener::start(&url);
    listener.is_notified().await;
    let killed = format!("SELECT pg_terminate_backend(pid) {}", listening(&url));
    assert_eq!(cluster().ask(&killed).await, ["t"]);
    // Signals of commits meanwhile are lost, so the listener notifies when it is back.
    listener.is_notified().await;
    announce(&store, 1).await;
    listener.is_notified().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_store_leaves_no_connection() {
    let url = migrated().await;
    let (_, database) = url.rsplit_once('/').unwrap();
    let store = PostgresStore::open(&url, 2, &DnsResolver::system()).await.unwrap();
    announce(&store, 1).await;
    drop(store);
    let count = format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}'");
    let gone = async { while cluster().ask(&count).await != ["0"] {} };
    timeout(PATIENCE, gone).await.expect("the tasks of the store end with it");
}
