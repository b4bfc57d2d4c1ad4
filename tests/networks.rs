//! Connections, proxies, and information that is visible on the network.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::support::raw;
use crate::support::{
    Response, Server, Store, Workspace, a_case, a_case_of_somebody, eventually, eventually_seen,
    holds_within,
};

const PROXY: (&str, &str) = ("ENGAGE_SERVER__TRUSTED_PROXIES", "127.0.0.0/8");

fn has_warned(server: &Server, words: &[&str]) -> bool {
    let log = server.log();
    log.iter().any(|line| line.contains("WARN") && words.iter().all(|word| line.contains(word)))
}

#[tokio::test]
async fn a_server_behind_a_local_proxy_is_not_private() {
    let server = Server::with_staff_and(Store::Sqlite, &[PROXY]).await;
    let request = server.request(Method::GET, "/metrics").header("X-Forwarded-For", "203.0.113.9");
    Response::to(request).await.refused(404, "NOT_FOUND");
    assert!(has_warned(&server, &["customers.access is case-number"]), "{:#?}", server.log());
    assert!(has_warned(&server, &["server.public_url is not set"]), "{:#?}", server.log());
    let private = Server::start(Store::Sqlite).await;
    assert_eq!(private.get("/metrics").await.status, 200);
    assert!(!has_warned(&private, &[""]), "{:#?}", private.log());
}

#[tokio::test]
async fn settings_that_expose_the_server_cause_warnings() {
    let settings = [
        ("ENGAGE_SERVER__PUBLIC_URL", "http://support.example.com"),
        ("ENGAGE_SERVER__ALLOWED_ORIGINS", "*"),
        ("ENGAGE_WEBHOOKS__ALLOW_PRIVATE_NETWORKS", "true"),
    ];
    let server = Server::with_staff_and(Store::Sqlite, &settings).await;
    for name in ["server.public_url", "server.allowed_origins", "webhooks.allow_private_networks"] {
        assert!(has_warned(&server, &[name]), "{name}: {:#?}", server.log());
    }
}

#[tokio::test]
async fn settings_that_let_everyone_in_are_refused() {
    for (name, setting, value) in [
        ("ENGAGE_SERVER__TRUSTED_PROXIES", "server.trusted_proxies", "0.0.0.0/0"),
        ("ENGAGE_SERVER__TRUSTED_PROXIES", "server.trusted_proxies", "::/0"),
        ("ENGAGE_SERVER__TRUSTED_PROXIES", "server.trusted_proxies", "10.0.0.0/8,128.0.0.0/1"),
        ("ENGAGE_SERVER__TRUSTED_PROXIES", "server.trusted_proxies", "2000::/3"),
        ("ENGAGE_SERVER__TRUSTED_PROXIES", "server.trusted_proxies", "the proxy"),
        ("ENGAGE_SERVER__SECRET", "server.secret", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("ENGAGE_SERVER__SECRET", "server.secret", "changemechangemechangemechangeme"),
        ("ENGAGE_METRICS__TOKEN", "metrics.token", "abc123"),
        ("ENGAGE_METRICS__TOKEN", "metrics.token", "xxxxxxxxxxxxxxxxxxxx"),
    ] {
        let refusal = Workspace::with(&[(name, value)]).run(&["check-config"]).refusal();
        assert!(refusal.contains(setting), "{value}: {refusal}");
    }
    for value in ["10.0.0.0/8", "fd00::/8", "192.0.2.1", "2001:db8::/32,127.0.0.1/32"] {
        Workspace::with(&[(PROXY.0, value)]).run(&["check-config"]).ok();
    }
}

#[tokio::test]
async fn an_untrusted_forwarded_header_is_logged_once() {
    let server = Server::start(Store::Sqlite).await;
    for _ in 0..3 {
        let request = server.request(Method::GET, "/health").header("X-Forwarded-For", "1.2.3.4");
        assert_eq!(Response::to(request).await.status, 200);
    }
    let log = server.log();
    let said = log.iter().filter(|line| line.contains("server.trusted_proxies")).count();
    assert_eq!(said, 1, "{log:#?}");
}

#[tokio::test]
async fn guesses_of_the_metrics_token_are_limited() {
    let token = "0123456789abcdef";
    let settings = [
        ("ENGAGE_METRICS__TOKEN", token),
        ("ENGAGE_RATE_LIMIT__ENABLED", "true"),
        ("ENGAGE_RATE_LIMIT__FAILED_TOKENS", "3"),
    ];
    let server = Server::with_staff_and(Store::Sqlite, &settings).await;
    let asks = async |token: &str| {
        Response::to(server.request(Method::GET, "/metrics").bearer_auth(token)).await
    };
    for _ in 0..3 {
        asks("0123456789abcdeg").await.refused(401, "UNAUTHORIZED");
    }
    asks("0123456789abcdeh").await.refused(429, "RATE_LIMITED");
    assert_eq!(asks(token).await.status, 200);
}

/// On PostgreSQL only, since an embedded database has one server.
#[tokio::test]
async fn servers_share_their_request_counts() {
    const QUOTA: usize = 1000;
    let workspace = Store::Postgres.workspace().await;
    workspace.set_all(&[PROXY, ("ENGAGE_RATE_LIMIT__CUSTOMER_CALLS", "1000")]);
    let one = Server::start_in(&workspace, &[]).await;
    let other = Server::start_in(&workspace, &["--no-dispatch"]).await;
    // Makes a call and returns the number of calls that the client has left at this server.
    let left_after_a_call = async |server: &Server, client: &str| -> usize {
        let request = server.request(Method::POST, "/api/support/case/status");
        let request = request.header("X-Forwarded-For", client);
        let response = Response::to(request.json(&json!({"caseNumber": "CW-2026-999"}))).await;
        let limit = response.header("ratelimit").unwrap().to_owned();
        let left = limit.split("r=").nth(1).and_then(|rest| rest.split(';').next()).unwrap();
        left.parse().unwrap()
    };
    for _ in 0..300 {
        left_after_a_call(&one, "203.0.113.1").await;
    }
    // Less than a tenth of the quota is restored in the meantime.
    let calls = std::cell::Cell::new(0);
    eventually_seen("the other server counts those calls too", async || {
        calls.set(calls.get() + 1);
        let left = left_after_a_call(&other, "203.0.113.1").await;
        (left + calls.get() < QUOTA - 150).then_some(())
    })
    .await;
    assert_eq!(left_after_a_call(&other, "203.0.113.2").await, QUOTA - 1);
}

fn ask_and_stay(server: &Server) -> TcpStream {
    let mut stream = raw::connect(server.address());
    stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    stream
}

fn has_response(stream: &mut TcpStream) -> bool {
    raw::read_to_end(stream, Duration::from_millis(500)).status() == Some(200)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_connections_of_an_address_is_limited() {
    let settings = [("ENGAGE_RATE_LIMIT__ENABLED", "true"), ("ENGAGE_LIMITS__CONNECTIONS", "3")];
    let server = Server::with_staff_and(Store::Sqlite, &settings).await;
    let mut streams: Vec<_> = (0..3).map(|_| ask_and_stay(&server)).collect();
    assert!(streams.iter_mut().all(has_response));
    let mut refused = ask_and_stay(&server);
    let reply = raw::read_to_end(&mut refused, Duration::from_secs(10));
    assert!(reply.is_closed && reply.status() != Some(200), "{reply:?}");
    eventually("a warning", || has_warned(&server, &["connections"]).then_some(())).await;
    streams.pop();
    eventually("room for another", || has_response(&mut ask_and_stay(&server)).then_some(())).await;

    let through_a_proxy = [settings[0], settings[1], PROXY];
    let server = Server::with_staff_and(Store::Sqlite, &through_a_proxy).await;
    let mut streams: Vec<_> = (0..10).map(|_| ask_and_stay(&server)).collect();
    assert!(streams.iter_mut().all(has_response));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_reads_is_disconnected() {
    let server = Server::start(Store::Sqlite).await;
    server.open(&a_case()).await;
    let before = server.open_files();
    let asked = "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n".repeat(20);
    let streams: Vec<_> = (0..20)
        .map(|_| {
            let mut stream = raw::connect(server.address());
            stream.write_all(asked.as_bytes()).unwrap();
            stream
        })
        .collect();
    eventually("all are connected", || (server.open_files() >= before + 20).then_some(())).await;
    let closed = holds_within(Duration::from_secs(50), || server.open_files() < before + 5).await;
    assert!(closed, "{} files are open, {before} were", server.open_files());
    drop(streams);
    server.open(&a_case_of_somebody()).await;
}

#[tokio::test]
async fn the_server_accepts_as_many_connections_as_the_system_allows() {
    let workspace = Workspace::new();
    workspace.first("ulimit -S -n 256; ulimit -H -n 4096");
    let server = Server::start_in(&workspace, &[]).await;
    let limits = server.limits();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap().to_owned();
    let numbers: Vec<_> = line.split_whitespace().skip(3).take(2).collect();
    assert_eq!(numbers, ["4096", "4096"]);
}
