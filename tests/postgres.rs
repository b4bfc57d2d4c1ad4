//! The program on PostgreSQL, with several servers that work on the same cases.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use engage_testkit::postgres::{Cluster, cluster};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::support::{
    Response, Server, Store, Workspace, a_case, a_case_of_somebody, eventually, send,
};

/// Starts two servers on one database that write their e-mails to one folder.
async fn two_servers() -> [Server; 2] {
    let workspace = Store::Postgres.workspace().await;
    workspace.set_all(&[
        ("ENGAGE_WEBHOOKS__ALLOW_PRIVATE_NETWORKS", "true"),
        ("ENGAGE_WEBHOOKS__LOG_ONLY", "true"),
    ]);
    workspace.add_staff();
    let token = workspace.token("staff-123");
    let mut servers = [
        Server::start_in(&workspace, &["--migrate"]).await,
        Server::start_in(&workspace, &["--migrate"]).await,
    ];
    for server in &mut servers {
        server.use_token(token.clone());
    }
    servers
}

#[tokio::test]
async fn the_life_of_a_case_spans_two_servers() {
    let [one, other] = two_servers().await;
    let number = one.open(&a_case()).await;
    let assigned = other.assign(&number, &json!({"staffId": "staff-456"})).await;
    assert_eq!((assigned.status, &assigned.body["version"]), (200, &json!(2)));
    let update = json!({"message": "Found it.", "statusChange": "WAITING_ON_CUSTOMER"});
    let updated = one.update(&number, &update).await;
    assert_eq!((updated.status, &updated.body["version"]), (200, &json!(3)));
    let escalation =
        json!({"caseNumber": number, "reason": "Still down", "newUrgency": "CRITICAL"});
    let escalated = other.post("/api/support/case/escalate", &escalation).await;
    assert_eq!((escalated.status, &escalated.body["newUrgency"]), (200, &json!("CRITICAL")));
    let details = one.details(&number).await;
    assert_eq!(details["case"]["caseDetails"]["status"], "IN_PROGRESS");
    assert_eq!(details["escalations"][0]["level"], 1);
    let cancellation = json!({"caseNumber": number, "reason": "Solved"});
    assert_eq!(one.post("/api/support/case/cancel", &cancellation).await.status, 200);
    let status = other.post("/api/support/case/status", &json!({"caseNumber": number})).await;
    assert_eq!(status.body["case"]["status"], "CANCELLED");
    let messages: Vec<_> =
        status.body["updates"].as_array().unwrap().iter().map(|u| &u["message"]).collect();
    assert_eq!(
        messages,
        ["Case assigned to Technical Support", "Found it.", "Still down", "Solved"]
    );
    let list =
        other.staff_get("/api/internal/support/cases?status=CANCELLED&assignedTo=staff-456").await;
    assert_eq!(list.body["pagination"]["total"], 1);
}

#[tokio::test]
async fn two_servers_never_reuse_a_number_or_repeat_an_email() {
    let servers = two_servers().await;
    let cases: Vec<_> = (0..100).map(|_| a_case_of_somebody()).collect();
    let openings = (0..100).map(|index| servers[index % 2].open(&cases[index]));
    let numbers: BTreeSet<String> = join_all(openings).await.into_iter().collect();
    assert_eq!(numbers.len(), 100);
    // Each server claims some of the two hundred notifications, and together they deliver all of
    // them.
    eventually("every e-mail of every case", || (servers[0].mails().len() == 200).then_some(()))
        .await;
}

#[tokio::test]
async fn a_commit_signals_the_delivery_of_another_server() {
    let workspace = Store::Postgres.workspace().await;
    let one = Server::start_in(&workspace, &["--no-dispatch"]).await;
    let _other = Server::start_in(&workspace, &[]).await;
    let since = Instant::now();
    for count in 1..=10 {
        one.open(&a_case_of_somebody()).await;
        one.mails_once(2 * count).await;
    }
    // The other server polls once a second, and each case is opened after the e-mails of the
    // previous one.
    assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
}

#[tokio::test]
async fn concurrent_updates_through_two_servers_are_all_stored() {
    let servers = two_servers().await;
    let number = servers[0].open(&a_case()).await;
    let update = json!({"message": "m", "isInternal": true});
    let updates = (0..30).map(|index| servers[index % 2].update(&number, &update));
    for response in join_all(updates).await {
        assert_eq!(response.status, 200, "{response:?}");
    }
    let details = servers[1].details(&number).await;
    assert_eq!(details["case"]["version"], 31);
    assert_eq!(details["updates"].as_array().unwrap().len(), 30);
}

#[tokio::test]
async fn a_killed_server_loses_no_acknowledged_case() {
    let [one, other] = two_servers().await;
    let case = a_case();
    let numbers = join_all((0..50).map(|_| one.open(&case))).await;
    one.kill();
    for number in numbers {
        other.details(&number).await;
    }
    assert_eq!(send(other.request(Method::GET, "/health/ready")).await.status, 200);
}

#[tokio::test]
async fn a_server_does_not_start_before_the_database_is_migrated() {
    let workspace = Workspace::on_database(&cluster().empty_database().await);
    let refusal = workspace.run(&["serve"]).refusal();
    assert!(refusal.contains("engage migrate"), "{refusal}");
    let refusal = workspace.run(&["staff", "list"]).refusal();
    assert!(refusal.contains("engage migrate"), "{refusal}");
    workspace.run(&["migrate"]).ok();
    assert_eq!(workspace.run(&["staff", "list"]).ok(), "");
}

#[tokio::test]
async fn an_unreachable_database_is_named_without_its_password() {
    let url = "postgres://engage:geheim@127.0.0.1:1/engage";
    let refusal = Workspace::on_database(url).run(&["serve"]).refusal();
    assert!(refusal.contains("PostgreSQL") && !refusal.contains("geheim"), "{refusal}");
}

/// Starts a server on a separate database server.
async fn on_its_own(database: &Cluster) -> Server {
    let workspace = Workspace::on_database(&database.empty_database().await);
    workspace.run(&["migrate"]).ok();
    workspace.add_staff();
    let mut server = Server::start_in(&workspace, &[]).await;
    server.use_token(workspace.token("staff-123"));
    server
}

/// Waits until cases can be opened again, which must be soon.
async fn assert_back_soon(server: &Server) {
    let since = Instant::now();
    while server.post("/api/support/case", &a_case()).await.status != 200 {
        assert!(since.elapsed() < Duration::from_secs(5), "not back after {:?}", since.elapsed());
    }
}

fn assert_unavailable(response: Response, took: Duration) {
    assert!(took < Duration::from_secs(6), "{took:?}");
    assert!(response.header("retry-after").is_some(), "{response:?}");
    response.refused(503, "UNAVAILABLE");
}

async fn timed(request: impl Future<Output = Response>) -> (Response, Duration) {
    let since = Instant::now();
    (request.await, since.elapsed())
}

#[tokio::test]
async fn requests_fail_in_time_while_the_database_hangs_and_work_afterwards() {
    let database = Cluster::private();
    let server = on_its_own(&database).await;
    let number = server.open(&a_case()).await;
    database.freeze();
    let (look_up, case) = (json!({"caseNumber": number}), a_case());
    let [opening, looking_up, listing] = [
        timed(server.post("/api/support/case", &case)).await,
        timed(server.post("/api/support/case/status", &look_up)).await,
        timed(server.staff_get("/api/internal/support/cases")).await,
    ];
    let (health, took) = timed(server.get("/health")).await;
    database.thaw();
    for (response, took) in [opening, looking_up, listing] {
        assert_unavailable(response, took);
    }
    assert_eq!((health.status, &health.body["status"]), (503, &json!("unhealthy")));
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert_back_soon(&server).await;
    server.details(&number).await;
}

#[tokio::test]
async fn requests_fail_in_time_while_the_database_is_down_and_work_afterwards() {
    let mut database = Cluster::private();
    // The test database acknowledges commits before they are written, so a crash would lose them.
    database.ask("ALTER ROLE engage SET synchronous_commit = on").await;
    let server = on_its_own(&database).await;
    let case = a_case();
    let mut numbers = join_all((0..20).map(|_| server.open(&case))).await;
    let meanwhile = async {
        let (response, took) = timed(server.post("/api/support/case", &case)).await;
        assert_unavailable(response, took);
    };
    database.crash_and_restart(meanwhile).await;
    assert_back_soon(&server).await;
    numbers.push(server.open(&case).await);
    for number in numbers {
        server.details(&number).await;
    }
}

/// Returns the endpoint and the case of each webhook notification.
async fn endpoint_messages(server: &Server) -> Vec<(String, String)> {
    let path = "/api/internal/notifications/status?channel=WEBHOOK&limit=100";
    let response = server.staff_get(path).await.ok();
    let messages = response["notifications"].as_array().unwrap().iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    messages.map(|one| (text(&one["recipient"]), text(&one["caseNumber"]))).collect()
}

#[tokio::test]
async fn an_endpoint_gets_the_events_of_all_servers_while_it_is_registered() {
    let [one, other] = two_servers().await;
    for _ in 0..4 {
        // Both servers load the current endpoints.
        let case = a_case();
        join_all([&one, &other].map(|server| server.open(&case))).await;
        let endpoint =
            json!({"url": "https://hooks.example/engage", "eventTypes": ["case.created"]});
        let registered = one.staff_post("/api/internal/webhooks", &endpoint).await.ok();
        let id = registered["webhook"]["id"].as_str().unwrap().to_owned();
        let numbers = join_all((0..8).map(|n| [&other, &one][n % 2].open(&case))).await;
        let path = format!("/api/internal/webhooks/{id}");
        let disabled = one.staff_request(Method::PATCH, &path).json(&json!({"enabled": false}));
        Response::to(disabled).await.ok();
        let unheard = other.open(&a_case()).await;
        let enabled = other.staff_request(Method::PATCH, &path).json(&json!({"enabled": true}));
        Response::to(enabled).await.ok();
        let heard = one.open(&a_case()).await;
        Response::to(one.staff_request(Method::DELETE, &path)).await.ok();
        let late = join_all((0..4).map(|n| [&other, &one][n % 2].open(&case))).await;

        let told: BTreeSet<_> = endpoint_messages(&one)
            .await
            .into_iter()
            .filter_map(|(to, number)| (to == id).then_some(number))
            .collect();
        let expected: BTreeSet<_> = numbers.into_iter().chain([heard]).collect();
        assert_eq!(told, expected, "not {unheard}, not {late:?}");
    }
}

#[tokio::test]
async fn the_program_can_read_the_cases_of_the_benchmark() {
    let workspace = Store::Postgres.workspace().await;
    workspace.run(&["migrate"]).ok();
    let script = include_str!("../crates/bench/src/postgres/cases.sql").replace("{cases}", "60");
    // In one connection, since the script creates temporary tables. VACUUM cannot run in a
    // transaction.
    let (script, _) = script.split_once("VACUUM").unwrap();
    cluster().ask_in(&workspace.database_url(), script).await;
    workspace.add_staff();
    let token = workspace.token("staff-123");
    let mut server = Server::start_in(&workspace, &["--no-dispatch"]).await;
    server.use_token(token);
    let list = server.staff_get("/api/internal/support/cases?limit=100").await.ok();
    let cases = list["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 60);
    let mut events = 0;
    for case in cases {
        let number = case["caseNumber"].as_str().unwrap();
        let details = server.details(number).await;
        assert!(details["notifications"].as_array().unwrap().len() >= 2, "{number}");
        let path = format!("/api/internal/support/case/{number}/history");
        let history = server.staff_get(&path).await.ok();
        let version = details["case"]["version"].as_u64().unwrap();
        assert_eq!(history["events"].as_array().unwrap().len() as u64, version, "{number}");
        events += version;
    }
    assert!(events > 120);
    let feed = server.staff_get("/api/internal/support/events?limit=100").await.ok();
    assert_eq!(feed["events"].as_array().unwrap().len(), 100);
}
