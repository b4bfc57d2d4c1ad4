//! Each `sslmode` against servers of each kind.

use engage_postgres::{DnsResolver, OpenError, PostgresStore};
use engage_repository::StoreHealth;
use engage_testkit::postgres::Cluster;

use crate::certificates::Authority;

/// Outcome of connecting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Encrypted,
    Plain,
    /// An error with this text.
    Refused(&'static str),
}

use Outcome::{Encrypted, Plain, Refused};

const NO_TLS: Outcome = Refused("server does not support TLS");
const WRONG_CA: Outcome = Refused("UnknownIssuer");
const WRONG_NAME: Outcome = Refused("not valid for name");

/// A server at 127.0.0.1 with a migrated database.
struct Server {
    cluster: Cluster,
    url: String,
}

impl Server {
    async fn new(cluster: Cluster) -> Self {
        let url = cluster.empty_database().await;
        PostgresStore::migrate(&url, &DnsResolver::system()).await.unwrap();
        Self { cluster, url }
    }

    /// Connects a store, and returns the outcome as the server reports it.
    async fn outcome(&self, host: &str, parameters: &str, expected: Outcome) -> Outcome {
        let url = self.url.replace("127.0.0.1", host);
        let opened =
            PostgresStore::open(&format!("{url}?{parameters}"), 1, &DnsResolver::system()).await;
        let store = match (opened, expected) {
            (Ok(store), _) => store,
            (Err(OpenError::Connect(error)), Refused(reason)) => {
                assert!(error.to_string().contains(reason), "{parameters}: {error}");
                return expected;
            }
            (Err(error), _) => panic!("{parameters} on {host}: {error}"),
        };
        store.check().await.unwrap();
        let is_encrypted = "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
            WHERE client_addr IS NOT NULL";
        match self.cluster.ask(is_encrypted).await[..] {
            [ref ssl] if ssl == "t" => Encrypted,
            [ref ssl] if ssl == "f" => Plain,
            ref others => panic!("{others:?}"),
        }
    }

    /// Waits until all connections of earlier stores are closed.
    async fn alone(&self) {
        let count = "SELECT count(*) FROM pg_stat_activity WHERE client_addr IS NOT NULL";
        while self.cluster.ask(count).await != ["0"] {}
    }

    async fn assert(&self, host: &str, expectations: &[(&str, Outcome)]) {
        for (parameters, expected) in expectations {
            self.alone().await;
            let outcome = self.outcome(host, parameters, *expected).await;
            assert_eq!(outcome, *expected, "{parameters} on {host}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mode_protects_connections_to_a_server_with_tls_as_documented() {
    let (authority, other) = (Authority::new(), Authority::new());
    let (certificate, key) = authority.sign("127.0.0.1");
    let server = Server::new(Cluster::private_with_tls(&certificate, &key)).await;
    let root = format!("&sslrootcert={}", authority.file.display());
    let wrong = format!("&sslrootcert={}", other.file.display());
    let with = |mode: &str, root: &str| format!("sslmode={mode}{root}");
    let right_name = [
        (String::new(), Encrypted),
        (with("disable", ""), Plain),
        (with("prefer", ""), Encrypted),
        (with("require", ""), Encrypted),
        (with("prefer", &root), Encrypted),
        (with("require", &root), Encrypted),
        (with("verify-ca", &root), Encrypted),
        (with("verify-full", &root), Encrypted),
        (with("disable", &wrong), Plain),
        (with("prefer", &wrong), WRONG_CA),
        (with("require", &wrong), WRONG_CA),
        (with("verify-ca", &wrong), WRONG_CA),
        (with("verify-full", &wrong), WRONG_CA),
    ];
    let wrong_name = [
        (with("prefer", ""), Encrypted),
        (with("require", ""), Encrypted),
        (with("require", &root), Encrypted),
        (with("verify-ca", &root), Encrypted),
        (with("verify-ca", &wrong), WRONG_CA),
        (with("verify-full", &root), WRONG_NAME),
    ];
    for (host, expectations) in [("127.0.0.1", &right_name[..]), ("localhost", &wrong_name)] {
        let expectations: Vec<_> =
            expectations.iter().map(|(parameters, outcome)| (&parameters[..], *outcome)).collect();
        server.assert(host, &expectations).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_is_rejected_if_the_mode_requires_it() {
    let authority = Authority::new();
    let server = Server::new(Cluster::private_on_tcp()).await;
    let root = format!("&sslrootcert={}", authority.file.display());
    let verify_ca = format!("sslmode=verify-ca{root}");
    let verify_full = format!("sslmode=verify-full{root}");
    let expectations = [
        ("", Plain),
        ("sslmode=disable", Plain),
        ("sslmode=prefer", Plain),
        ("sslmode=require", NO_TLS),
        (&verify_ca, NO_TLS),
        (&verify_full, NO_TLS),
    ];
    server.assert("127.0.0.1", &expectations).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_bound_to_its_tls_connection() {
    let (certificate, key) = Authority::new().sign("127.0.0.1");
    let server = Server::new(Cluster::private_with_tls(&certificate, &key)).await;
    server.cluster.ask("CREATE ROLE guest LOGIN SUPERUSER PASSWORD 'geheim'").await;
    let rules = server.cluster.ask("SHOW hba_file").await.concat();
    let passwords = "VALUES ('local all all trust'), ('host all all all scram-sha-256')";
    server.cluster.ask(&format!("COPY ({passwords}) TO '{rules}'")).await;
    server.cluster.reload().await;
    let url = server.url.replace("engage@", "guest:geheim@");
    let open = async |parameters| {
        PostgresStore::open(&format!("{url}?{parameters}"), 1, &DnsResolver::system()).await
    };
    open("channel_binding=require").await.unwrap();
    let refusal = open("channel_binding=require&sslmode=disable").await.map(drop).unwrap_err();
    assert!(refusal.to_string().contains("channel binding"), "{refusal}");
    assert!(!refusal.to_string().contains("geheim"), "{refusal}");
}
