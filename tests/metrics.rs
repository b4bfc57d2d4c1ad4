//! The metrics exported for Prometheus.

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::ACCEPT;
use serde_json::json;

use crate::support::exposition::{Exposition, Family};
use crate::support::{
    Dispatcher, Response, Server, Store, a_case, a_case_of_somebody, case_with, eventually_seen,
    on_both_stores, send,
};

on_both_stores! {
    connections_are_counted_up_to_the_size_of_the_pool
    the_age_of_the_oldest_due_action_grows_while_no_worker_runs
}

const MONITORING: &str = include_str!("../docs/monitoring.md");
const REQUESTS: &str = "engage_http_request_duration_seconds";
const LIMITED: &[(&str, &str)] =
    &[("ENGAGE_RATE_LIMIT__ENABLED", "true"), ("ENGAGE_RATE_LIMIT__CREATIONS", "2")];

pub(crate) async fn scrape(server: &Server) -> Exposition {
    Exposition::read(&send(server.request(Method::GET, "/metrics")).await.text())
}

/// A row of the table: the name, the type, the labels, and whether the dispatcher has it too.
type Row = (String, String, BTreeSet<String>, bool);

fn documented() -> Vec<Row> {
    let rows = MONITORING
        .lines()
        .filter(|line| line.starts_with("| `engage_") || line.starts_with("| `process_"));
    let names = |cell: &str| -> Vec<String> {
        cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [name, kind, labels, meaning] = cells[..] else { panic!("{row}") };
        let is_everywhere = !meaning.contains("`engage serve` only");
        let labels = names(labels).into_iter().collect();
        (names(name).remove(0), kind.to_owned(), labels, is_everywhere)
    })
    .collect()
}

/// Returns the rows that a scrape must have. Those that only appear after a measurement are
/// optional.
fn expected(exposition: &Exposition) -> BTreeSet<Row> {
    let is_measured = |name: &str| {
        let row = format!("| `{name}` |");
        let is_later = |line: &str| line.starts_with(&row) && line.contains("once measured");
        !MONITORING.lines().any(is_later) || exposition.families.contains_key(name)
    };
    documented().into_iter().filter(|row| is_measured(&row.0)).collect()
}

fn as_rows(exposition: &Exposition, is_everywhere: impl Fn(&str) -> bool) -> BTreeSet<Row> {
    let row = |(name, family): (&String, &Family)| {
        (name.clone(), family.kind.clone(), family.label_names(), is_everywhere(name))
    };
    exposition.families.iter().map(row).collect()
}

#[tokio::test]
async fn exported_metrics_match_the_documentation() {
    let server = Server::with_staff_and(Store::Sqlite, LIMITED).await;
    let exported = scrape(&server).await;
    let expected = expected(&exported);
    let everywhere = |name: &str| expected.iter().any(|row| row.0 == name && row.3);
    assert_eq!(as_rows(&exported, everywhere), expected);
}

#[tokio::test]
async fn a_dispatcher_exports_everything_except_server_metrics() {
    let settings = [LIMITED, &[("ENGAGE_DISPATCH__BIND", "127.0.0.1:0")]].concat();
    let workspace = Store::Sqlite.workspace().await;
    workspace.set_all(&settings);
    let dispatcher = Dispatcher::start(&workspace);
    let exported = Exposition::read(&dispatcher.text("/metrics").await);
    let expected: BTreeSet<Row> = expected(&exported).into_iter().filter(|row| row.3).collect();
    assert_eq!(as_rows(&exported, |_| true), expected);
    let misfits = exported.families.iter().flat_map(|(name, family)| family.misfits(name));
    assert_eq!(misfits.collect::<Vec<_>>(), Vec::<String>::new());
}

#[tokio::test]
async fn names_and_units_are_as_prometheus_recommends() {
    let server = Server::with_staff_and(Store::Sqlite, LIMITED).await;
    server.open(&case_with("urgency", "LOW")).await;
    let exported = scrape(&server).await;
    let misfits = exported.families.iter().flat_map(|(name, family)| family.misfits(name));
    assert_eq!(misfits.collect::<Vec<_>>(), Vec::<String>::new());
}

#[tokio::test]
async fn every_series_starts_at_zero() {
    let server = Server::with_staff_and(Store::Sqlite, LIMITED).await;
    let exported = scrape(&server).await;
    // All possible values of priorities, kinds of case and customer, channels and outcomes.
    for (name, series) in [
        ("engage_cases_created_total", 4 * 3 * 3),
        ("engage_cases_escalated_total", 4 * 3 * 3),
        ("engage_cases_cancelled_total", 4 * 3 * 3),
        ("engage_cases_overdue_total", 2 * 2 * 4 * 3),
        ("engage_deliveries_total", 3 * 6),
        ("engage_http_refusals_total", 10),
    ] {
        let samples = &exported.families[name].samples;
        assert_eq!(samples.len(), series, "{name}");
        assert!(samples.iter().all(|(_, _, value)| *value == 0.0), "{samples:?}");
    }
    let limited = &exported.families["engage_http_rate_limited_total"].samples;
    assert!(limited.len() >= 7 && limited.iter().all(|(_, _, value)| *value == 0.0), "{limited:?}");
    let deliveries = &exported.families["engage_delivery_seconds"].samples;
    assert!(deliveries.iter().all(|(_, _, value)| *value == 0.0), "{deliveries:?}");
    let count = |method: &str, route: &str, status: &str| {
        let labels = [("method", method), ("route", route), ("status", status)];
        exported.value(&format!("{REQUESTS}_count"), &labels)
    };
    let description = server.get("/openapi.json").await.body;
    for (route, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(_, of)| of.is_object())
        {
            let statuses = operation["responses"].as_object().unwrap().keys();
            for status in statuses.map(|status| format!("{}xx", &status[..1])) {
                let counted = count(&method.to_uppercase(), route, &status);
                assert_eq!(counted, Some(0.0), "{method} {route} {status}");
            }
        }
    }
}

#[tokio::test]
async fn requests_are_counted_by_route_method_and_class_of_status() {
    let server = Server::with_staff(Store::Sqlite).await;
    let number = server.open(&case_with("urgency", "LOW")).await;
    server.details(&number).await;
    server.details(&number).await;
    server.staff_get("/api/internal/support/case/CW-1999-001").await.refused(404, "CASE_NOT_FOUND");
    send(server.request(Method::HEAD, "/health")).await;
    server.get("/nowhere").await.refused(404, "NOT_FOUND");
    server.get("/api/support/case").await.refused(405, "METHOD_NOT_ALLOWED");
    let brew = Method::from_bytes(b"BREW").unwrap();
    Response::to(server.request(brew, "/health")).await.refused(405, "METHOD_NOT_ALLOWED");
    let exported = scrape(&server).await;
    for (method, route, status, expected) in [
        ("GET", "/api/internal/support/case/{caseNumber}", "2xx", 2.0),
        ("GET", "/api/internal/support/case/{caseNumber}", "4xx", 1.0),
        ("POST", "/api/support/case", "2xx", 1.0),
        ("GET", "/health", "2xx", 1.0),
        ("GET", "unmatched", "4xx", 2.0),
        ("OTHER", "unmatched", "4xx", 1.0),
    ] {
        let labels = [("method", method), ("route", route), ("status", status)];
        let counted = exported.value(&format!("{REQUESTS}_count"), &labels);
        assert_eq!(counted, Some(expected), "{method} {route} {status}");
        let seconds = exported.value(&format!("{REQUESTS}_sum"), &labels);
        assert!(seconds.is_some_and(|seconds| seconds > 0.0), "{method} {route}: {seconds:?}");
    }
}

#[tokio::test]
async fn no_client_can_add_a_series() {
    let server = Server::with_staff(Store::Sqlite).await;
    let ask = async |round: usize| {
        for path in [
            format!("/{round}"),
            format!("/api/support/case/{round}"),
            format!("/api/internal/support/case/CW-2020-{round:03}"),
            format!("/health?x={round}"),
            format!("/%68ealth/{round}"),
            format!("/docs/{}", "a".repeat(round + 100)),
        ] {
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"] {
                let method = format!("{method}{}", if method == "BREW" { round } else { 0 });
                let method = Method::from_bytes(method.trim_end_matches('0').as_bytes()).unwrap();
                let request = server.staff_request(method, &path).header("X-Request-Id", round);
                request.send().await.unwrap();
            }
        }
    };
    ask(1).await;
    let before = scrape(&server).await.series();
    for round in 2..6 {
        ask(round).await;
    }
    let after = scrape(&server).await.series();
    let added: Vec<_> = after.difference(&before).collect();
    assert!(added.is_empty(), "{added:?}");
}

#[tokio::test]
async fn refusals_are_counted_by_kind() {
    let settings = [LIMITED, &[("ENGAGE_LIMITS__STREAMS", "1")]].concat();
    let server = Server::with_staff_and(Store::Sqlite, &settings).await;
    let number = server.open(&case_with("urgency", "LOW")).await;
    let by_number = json!({"caseNumber": number, "reason": "It is urgent."});
    server.get("/api/internal/me").await.refused(401, "UNAUTHORIZED");
    let sam = server.workspace().token("staff-456");
    let webhooks = server.request(Method::GET, "/api/internal/webhooks").bearer_auth(sam);
    Response::to(webhooks).await.refused(403, "FORBIDDEN");
    let page = server.request(Method::POST, "/api/support/case/cancel");
    let page = page.header("Origin", "https://evil.example").json(&by_number);
    Response::to(page).await.refused(403, "ORIGIN_NOT_ALLOWED");
    server.post("/api/support/case/escalate", &by_number).await.ok();
    server.post("/api/support/case/escalate", &by_number).await.refused(429, "RATE_LIMITED");
    let large = json!({"caseNumber": number, "reason": "x".repeat(600_000)});
    server.post("/api/support/case/cancel", &large).await.refused(413, "PAYLOAD_TOO_LARGE");
    server.open(&a_case_of_somebody()).await;
    for _ in 0..3 {
        let refused = server.post("/api/support/case", &a_case_of_somebody()).await;
        refused.refused(429, "RATE_LIMITED");
    }
    let exported = scrape(&server).await;
    for (kind, expected) in [
        ("authentication", 1.0),
        ("authorization", 1.0),
        ("origin", 1.0),
        ("case_limit", 1.0),
        ("size", 1.0),
        ("rate_limit", 3.0),
        ("timeout", 0.0),
        ("unavailable", 0.0),
    ] {
        let counted = exported.value("engage_http_refusals_total", &[("kind", kind)]);
        assert_eq!(counted, Some(expected), "{kind}");
    }
    for (limit, expected) in [("creations", 3.0), ("customer-calls", 0.0)] {
        let counted = exported.value("engage_http_rate_limited_total", &[("limit", limit)]);
        assert_eq!(counted, Some(expected), "{limit}");
    }
}

#[tokio::test]
async fn streams_count_while_they_are_open() {
    let server = Server::with_staff(Store::Sqlite).await;
    let open = async || {
        let request = server.staff_request(Method::GET, "/api/internal/support/events");
        request.header(ACCEPT, "text/event-stream").send().await.unwrap()
    };
    let count = async || scrape(&server).await.value("engage_event_streams", &[]);
    assert_eq!(count().await, Some(0.0));
    let first = open().await;
    let second = open().await;
    assert_eq!(count().await, Some(2.0));
    // The server notices that a client is gone when it sends the next event.
    let number = server.open(&case_with("urgency", "LOW")).await;
    let falls_to = async |expected| {
        server.update(&number, &json!({"message": "m", "isInternal": true})).await.ok();
        (count().await == Some(expected)).then_some(())
    };
    drop(first);
    eventually_seen("the end of a stream", async || falls_to(1.0).await).await;
    drop(second);
    eventually_seen("the end of the other", async || falls_to(0.0).await).await;
}

#[tokio::test]
async fn process_metrics_are_exported() {
    let server = Server::start(Store::Sqlite).await;
    let exported = scrape(&server).await;
    let value = |name: &str| exported.value(name, &[]).unwrap_or_else(|| panic!("no {name}"));
    let age = Duration::from_secs_f64(
        std::time::UNIX_EPOCH.elapsed().unwrap().as_secs_f64()
            - value("process_start_time_seconds"),
    );
    assert!(age < Duration::from_mins(2), "{age:?}");
    let cpu = value("process_cpu_seconds_total");
    assert!(cpu > 0.0 && cpu < 120.0, "{cpu}");
    let (resident, peak) = (value("process_resident_memory_bytes"), server.peak_memory());
    assert!(resident > 1e6 && resident <= 1.1 * f64::from(u32::try_from(peak).unwrap()));
    let (open, most) = (value("process_open_fds"), value("process_max_fds"));
    let seen = f64::from(u32::try_from(server.open_files()).unwrap());
    // Connections come and go between the two readings.
    assert!((open - seen).abs() < 5.0 && open < most, "{open} {seen} {most}");
    let version = [("version", env!("CARGO_PKG_VERSION"))];
    assert_eq!(exported.value("engage_build_info", &version), Some(1.0));
}

/// Waits until a gauge without labels has an acceptable value.
async fn gauge_becomes(server: &Server, name: &str, is_meant: impl Fn(f64) -> bool) {
    eventually_seen(name, async || {
        let value = scrape(server).await.value(name, &[]).expect("a number");
        is_meant(value).then_some(())
    })
    .await;
}

async fn the_age_of_the_oldest_due_action_grows_while_no_worker_runs(store: Store) {
    let name = "engage_case_actions_oldest_due_seconds";
    let workspace = store.workspace().await;
    let server = Server::start_in(&workspace, &["--no-dispatch"]).await;
    server.open(&a_case()).await;
    assert_eq!(scrape(&server).await.value(name, &[]), Some(0.0));
    // The warning was due after 3 of the 4 hours until the first response.
    store.let_pass(&workspace, Duration::from_hours(5)).await;
    let two_hours = 2.0 * 60.0 * 60.0;
    gauge_becomes(&server, name, |age| age >= two_hours && age < two_hours + 600.0).await;
    // A database file has one server at a time.
    server.kill();
    let server = Server::start_in(&workspace, &[]).await;
    gauge_becomes(&server, name, |age| age == 0.0).await;
}

/// On PostgreSQL only, since a commit on SQLite adds its own entries to the chain.
#[tokio::test]
async fn the_age_of_the_oldest_unsealed_audit_entry_grows_while_none_can_be_sealed() {
    let name = "engage_audit_entries_oldest_unsealed_seconds";
    let (store, server) = (Store::Postgres, Server::with_staff(Store::Postgres).await);
    let workspace = server.workspace();
    gauge_becomes(&server, name, |age| age == 0.0).await;
    let refuse = "ALTER TABLE audit_entries ADD CONSTRAINT none_is_sealed \
        CHECK (position IS NULL) NOT VALID";
    store.execute(workspace, refuse).await;
    workspace.token("staff-456");
    let older = "UPDATE audit_entries SET committed_at = committed_at - interval '1 hour' \
        WHERE position IS NULL";
    store.execute(workspace, older).await;
    gauge_becomes(&server, name, |age| (3600.0..4200.0).contains(&age)).await;
    let permit = "ALTER TABLE audit_entries DROP CONSTRAINT none_is_sealed";
    store.execute(workspace, permit).await;
    gauge_becomes(&server, name, |age| age == 0.0).await;
}

async fn connections_are_counted_up_to_the_size_of_the_pool(store: Store) {
    let server = Server::with_staff_and(store, &[("ENGAGE_DATABASE__POOL_SIZE", "3")]).await;
    server.open(&case_with("urgency", "LOW")).await;
    let exported = scrape(&server).await;
    let connections = |state| {
        exported.value("engage_database_connections", &[("state", state)]).expect("a number")
    };
    let (in_use, idle) = (connections("in_use"), connections("idle"));
    assert!(in_use + idle > 0.0 && in_use + idle <= 3.0, "{in_use} {idle}");
    assert_eq!(exported.value("engage_database_connections_limit", &[]), Some(3.0));
    eventually_seen("a moment without waiting", async || {
        let waiting = scrape(&server).await.value("engage_database_connections_waiting", &[]);
        (waiting == Some(0.0)).then_some(())
    })
    .await;
}
