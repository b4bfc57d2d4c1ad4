//! A URL with several hosts.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use engage_postgres::PostgresStore;
use engage_repository::{CaseRepository, RepositoryError, StoreHealth};
use engage_testkit::builders::{a_change_set, an_opened};
use engage_testkit::postgres::Cluster;

/// How soon the service is back after its database is.
const SOON: Duration = Duration::from_secs(5);

/// Two servers with all tables, each ready to be written to, and the URL that names both.
async fn two_servers() -> (Cluster, Cluster, String) {
    let servers = [Cluster::private_on_tcp(), Cluster::private_on_tcp()];
    for server in &servers {
        PostgresStore::migrate(&server.url("postgres")).await.unwrap();
    }
    let [one, other] = servers;
    let url = several(&[&place(&one), &place(&other)]);
    (one, other, url)
}

/// The host and port of a server.
fn place(server: &Cluster) -> String {
    let url = server.url("");
    url.trim_end_matches('/').rsplit('@').next().unwrap().to_owned()
}

fn several(places: &[&str]) -> String {
    format!("postgres://engage@{}/postgres?target_session_attrs=read-write", places.join(","))
}

/// The places of the cases that are kept in a server.
async fn kept(server: &Cluster) -> Vec<String> {
    server.ask("SELECT number_sequence FROM cases ORDER BY 1").await
}

async fn open_case(store: &PostgresStore, sequence: u64) -> Result<(), RepositoryError> {
    store.commit(a_change_set(an_opened(sequence), Vec::new())).await
}

/// Opens a case, which has to be possible soon; until then the store is unavailable.
async fn open_case_soon(store: &PostgresStore, sequence: u64) {
    let since = Instant::now();
    while let Err(error) = open_case(store, sequence).await {
        assert!(matches!(error, RepositoryError::Unavailable(_)), "{error:?}");
        assert!(since.elapsed() < SOON, "not back within {SOON:?}: {error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_no_writes_any_more_is_left_for_the_next_one() {
    let (one, other, url) = two_servers().await;
    let store = PostgresStore::open(&url, 4).await.unwrap();
    open_case(&store, 1).await.unwrap();
    one.ask("ALTER SYSTEM SET default_transaction_read_only = on").await;
    one.reload().await;
    open_case_soon(&store, 2).await;
    assert_eq!(kept(&one).await, ["1"]);
    assert_eq!(kept(&other).await, ["2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_gone_is_left_for_the_next_one() {
    let (mut one, other, url) = two_servers().await;
    let store = PostgresStore::open(&url, 4).await.unwrap();
    open_case(&store, 1).await.unwrap();
    one.crash_and_restart(open_case_soon(&store, 2)).await;
    assert_eq!(kept(&other).await, ["2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_for_ever_keeps_no_connection_of_those_that_are_shared() {
    let (one, _other, url) = two_servers().await;
    // Where writes are asked for, the hung server would be noticed by that question.
    let url = url.replace("read-write", "any");
    let store = PostgresStore::open(&url, 1).await.unwrap();
    store.check().await.unwrap();
    one.freeze();
    assert!(matches!(store.check().await, Err(RepositoryError::Unavailable(_))));
    store.check().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_does_not_answer_does_not_keep_the_next_one_from_its_turn() {
    let server = Cluster::private_on_tcp();
    PostgresStore::migrate(&server.url("postgres")).await.unwrap();
    // Connections are taken by the system, and nobody says a word on them.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent.local_addr().unwrap().to_string();
    let closed = "127.0.0.1:1";
    let url = several(&[closed, &silent, &place(&server)]);
    PostgresStore::open(&url, 1).await.unwrap().check().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn when_no_host_takes_writes_each_is_named_with_the_reason() {
    let server = Cluster::private_on_tcp();
    server.ask("ALTER SYSTEM SET default_transaction_read_only = on").await;
    server.reload().await;
    let place = place(&server);
    let opened = PostgresStore::open(&several(&["127.0.0.1:1", &place]), 1).await;
    let refusal = opened.map(drop).unwrap_err().to_string();
    for part in ["127.0.0.1:1: ", &format!("{place}: "), "does not allow writes"] {
        assert!(refusal.contains(part), "{refusal}");
    }
}
