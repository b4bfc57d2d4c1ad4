//! URLs with several hosts.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use engage_postgres::{DnsResolver, PostgresStore};
use engage_repository::{CaseRepository, RepositoryError, StoreHealth};
use engage_testkit::builders::{a_change_set, an_opened};
use engage_testkit::postgres::Cluster;

/// Maximum time until the service is back after its database.
const SOON: Duration = Duration::from_secs(5);

/// Returns two migrated servers that accept writes, and a URL with both.
async fn two_servers() -> (Cluster, Cluster, String) {
    let servers = [Cluster::private_on_tcp(), Cluster::private_on_tcp()];
    for server in &servers {
        PostgresStore::migrate(&server.url("postgres"), &DnsResolver::system()).await.unwrap();
    }
    let [one, other] = servers;
    let url = several(&[&place(&one), &place(&other)]);
    (one, other, url)
}

/// Returns the host and port of a server.
fn place(server: &Cluster) -> String {
    let url = server.url("");
    url.trim_end_matches('/').rsplit('@').next().unwrap().to_owned()
}

fn several(places: &[&str]) -> String {
    format!("postgres://engage@{}/postgres?target_session_attrs=read-write", places.join(","))
}

/// Returns the sequence numbers of the cases that a server has.
async fn stored(server: &Cluster) -> Vec<String> {
    server.ask("SELECT number_sequence FROM cases ORDER BY 1").await
}

async fn open_case(store: &PostgresStore, sequence: u64) -> Result<(), RepositoryError> {
    store.commit(a_change_set(an_opened(sequence), Vec::new())).await
}

/// Opens a case. The store may be unavailable for a while.
async fn open_case_soon(store: &PostgresStore, sequence: u64) {
    let since = Instant::now();
    while let Err(error) = open_case(store, sequence).await {
        assert!(matches!(error, RepositoryError::Unavailable(_)), "{error:?}");
        assert!(since.elapsed() < SOON, "not back within {SOON:?}: {error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_no_longer_accepts_writes_is_left_for_the_next_one() {
    let (one, other, url) = two_servers().await;
    let store = PostgresStore::open(&url, 4, &DnsResolver::system()).await.unwrap();
    open_case(&store, 1).await.unwrap();
    one.ask("ALTER SYSTEM SET default_transaction_read_only = on").await;
    one.reload().await;
    open_case_soon(&store, 2).await;
    assert_eq!(stored(&one).await, ["1"]);
    assert_eq!(stored(&other).await, ["2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_gone_is_left_for_the_next_one() {
    let (mut one, other, url) = two_servers().await;
    let store = PostgresStore::open(&url, 4, &DnsResolver::system()).await.unwrap();
    open_case(&store, 1).await.unwrap();
    one.crash_and_restart(open_case_soon(&store, 2)).await;
    assert_eq!(stored(&other).await, ["2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_to_a_server_that_hangs_is_removed_from_the_pool() {
    let (one, _other, url) = two_servers().await;
    // With `read-write`, the check for writes would detect the hung server.
    let url = url.replace("read-write", "any");
    let store = PostgresStore::open(&url, 1, &DnsResolver::system()).await.unwrap();
    store.check().await.unwrap();
    one.freeze();
    assert!(matches!(store.check().await, Err(RepositoryError::Unavailable(_))));
    store.check().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_does_not_respond_does_not_prevent_the_next_one() {
    let server = Cluster::private_on_tcp();
    PostgresStore::migrate(&server.url("postgres"), &DnsResolver::system()).await.unwrap();
    // The system accepts connections, but no data is ever sent.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent.local_addr().unwrap().to_string();
    let closed = "127.0.0.1:1";
    let url = several(&[closed, &silent, &place(&server)]);
    PostgresStore::open(&url, 1, &DnsResolver::system()).await.unwrap().check().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn if_no_host_accepts_writes_each_is_reported_with_the_reason() {
    let server = Cluster::private_on_tcp();
    server.ask("ALTER SYSTEM SET default_transaction_read_only = on").await;
    server.reload().await;
    let place = place(&server);
    let opened =
        PostgresStore::open(&several(&["127.0.0.1:1", &place]), 1, &DnsResolver::system()).await;
    let refusal = opened.map(drop).unwrap_err().to_string();
    for part in ["127.0.0.1:1: ", &format!("{place}: "), "does not allow writes"] {
        assert!(refusal.contains(part), "{refusal}");
    }
}
