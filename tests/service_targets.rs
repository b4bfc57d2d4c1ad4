//! Service targets: due actions, and the SLA timers that staff see.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use crate::support::{
    Dispatcher, HttpReceiver, Server, Store, a_case, a_case_of_somebody, eventually_seen, keys,
    on_both_stores, timestamp,
};

on_both_stores! {
    staff_get_warnings_and_alerts_and_a_resolved_case_is_closed
    the_details_of_a_case_show_its_sla_timers
    a_pause_stops_the_resolution_timer
    the_configured_business_hours_count
    a_missed_target_raises_the_escalation_level_if_configured
}

const HOUR: Duration = Duration::from_hours(1);

/// Starts a server with staff that also reports to another system.
async fn start_server(store: Store, settings: &[(&str, &str)]) -> (Server, HttpReceiver) {
    let hooks = HttpReceiver::start().await;
    let private = [("ENGAGE_WEBHOOKS__ALLOW_PRIVATE_NETWORKS", "true")];
    let server = Server::with_staff_and(store, &[&private, settings].concat()).await;
    let endpoint = json!({"url": hooks.url("/hooks")});
    server.staff_post("/api/internal/webhooks", &endpoint).await.ok();
    (server, hooks)
}

/// Waits until an SLA timer of the case is in a state, and returns the case.
async fn once(server: &Server, number: &str, clock: &str, state: &str) -> Value {
    eventually_seen(&format!("{clock} is {state}"), async || {
        let details = server.details(number).await;
        (details["sla"][clock]["state"] == state).then_some(details)
    })
    .await
}

/// Waits until the case has this version, and returns it.
async fn at_version(server: &Server, number: &str, version: u32) -> Value {
    eventually_seen(&format!("version {version}"), async || {
        let details = server.details(number).await;
        assert!(details["case"]["version"].as_u64() <= Some(version.into()), "{details:#}");
        (details["case"]["version"] == version).then_some(details)
    })
    .await
}

/// Waits for this many reported events, and returns the last one.
async fn reported(hooks: &HttpReceiver, count: usize) -> Value {
    let calls = hooks.received_once(count).await;
    serde_json::from_str(&calls.last().unwrap().body).unwrap()
}

async fn staff_get_warnings_and_alerts_and_a_resolved_case_is_closed(store: Store) {
    let (server, hooks) = start_server(store, &[]).await;
    let workspace = server.workspace().clone();
    // BUSINESS and HIGH: 4 h and 48 h.
    let number = server.open(&a_case()).await;
    server.assign(&number, &json!({"staffId": "staff-456"})).await.ok();
    reported(&hooks, 2).await;

    for (count, hours, clock, alert, subject) in [
        (3, 3, "FIRST_RESPONSE", "WARNING", "First response due soon"),
        (4, 2, "FIRST_RESPONSE", "BREACH", "First response overdue"),
        (5, 32, "RESOLUTION", "WARNING", "Resolution due soon"),
        (6, 12, "RESOLUTION", "BREACH", "Resolution overdue"),
    ] {
        store.let_pass(&workspace, HOUR * hours).await;
        let call = reported(&hooks, count).await;
        assert_eq!(call["type"], "case.overdue");
        let event = &call["data"]["event"];
        assert_eq!(
            (&event["isInternal"], &event["actor"]["kind"]),
            (&json!(true), &json!("SYSTEM"))
        );
        assert_eq!(keys(&event["overdue"]), ["alert", "clock", "dueAt"]);
        let timeline = &call["data"]["case"]["timeline"];
        let due = if clock == "RESOLUTION" { "estimatedResolution" } else { "firstResponseDue" };
        assert_eq!(
            (&event["overdue"]["clock"], &event["overdue"]["alert"], &event["overdue"]["dueAt"]),
            (&json!(clock), &json!(alert), &timeline[due])
        );
        let mails = server.mails_once(count + 1).await;
        let heading = format!("{subject}: Unable to access dashboard\n");
        let told: Vec<_> = mails.iter().filter(|mail| mail.text.starts_with(&heading)).collect();
        assert_eq!(told.len(), 1, "{mails:#?}");
        assert_eq!(told[0].to(), "sam@staff.example");
    }
    let details = at_version(&server, &number, 6).await;
    for clock in ["firstResponse", "resolution"] {
        assert_eq!(details["sla"][clock]["state"], "BREACHED");
    }

    // The customer is only notified of the opening.
    let to_customer = |mails: Vec<crate::support::Mail>| {
        mails.into_iter().filter(|mail| mail.to() == "john@example.com").count()
    };
    assert_eq!(to_customer(server.mails()), 1);
    let status = server.post("/api/support/case/status", &json!({"caseNumber": number})).await.ok();
    assert_eq!(status["updates"].as_array().unwrap().len(), 1);

    server.update(&number, &json!({"statusChange": "RESOLVED"})).await.ok();
    reported(&hooks, 7).await;
    store.let_pass(&workspace, HOUR * (7 * 24 + 1)).await;
    let closed = reported(&hooks, 8).await;
    assert_eq!(closed["type"], "case.updated");
    assert_eq!(closed["data"]["case"]["caseDetails"]["status"], "CLOSED");
    let details = at_version(&server, &number, 8).await;
    assert_eq!(details["case"]["caseDetails"]["status"], "CLOSED");
    // Both got an e-mail about the resolution, and neither about the closing.
    assert_eq!(server.mails_once(9).await.len(), 9);
    assert_eq!(to_customer(server.mails()), 2);
}

async fn the_details_of_a_case_show_its_sla_timers(store: Store) {
    let server = Server::with_staff(store).await;
    let workspace = server.workspace().clone();
    let number = server.open(&a_case()).await;
    store.let_pass(&workspace, HOUR * 2).await;
    let details = server.details(&number).await;
    let (sla, timeline) = (&details["sla"], &details["case"]["timeline"]);
    assert_eq!(keys(sla), ["firstResponse", "resolution"]);
    for (clock, target, due) in [
        ("firstResponse", 4 * 3600, "firstResponseDue"),
        ("resolution", 48 * 3600, "estimatedResolution"),
    ] {
        let clock = &sla[clock];
        let expected = [
            "dueAt",
            "elapsedSeconds",
            "pausedSeconds",
            "remainingSeconds",
            "state",
            "targetSeconds",
        ];
        assert_eq!(keys(clock), expected);
        assert_eq!(clock["state"], "PENDING");
        assert_eq!((&clock["targetSeconds"], &clock["pausedSeconds"]), (&json!(target), &json!(0)));
        assert_eq!(clock["dueAt"], timeline[due]);
        let elapsed = clock["elapsedSeconds"].as_i64().unwrap();
        assert!((7200..7260).contains(&elapsed), "{elapsed}");
        assert_eq!(clock["remainingSeconds"], target - elapsed);
    }

    server.update(&number, &json!({"message": "We look into it."})).await.ok();
    let details = server.details(&number).await;
    let first_response = &details["sla"]["firstResponse"];
    assert_eq!((&first_response["state"], &first_response["dueAt"]), (&json!("MET"), &Value::Null));
    server.update(&number, &json!({"statusChange": "CANCELLED"})).await.ok();
    let details = server.details(&number).await;
    assert_eq!(details["sla"]["firstResponse"]["state"], "MET");
    assert_eq!(details["sla"]["resolution"]["state"], "CANCELLED");
    assert_eq!(details["sla"]["resolution"]["dueAt"], Value::Null);
}

async fn a_pause_stops_the_resolution_timer(store: Store) {
    let server = Server::with_staff(store).await;
    let workspace = server.workspace().clone();
    let number = server.open(&a_case()).await;
    let wait = json!({"message": "Which page?", "statusChange": "WAITING_ON_CUSTOMER"});
    server.update(&number, &wait).await.ok();
    store.let_pass(&workspace, HOUR * 100).await;
    let resolution = &server.details(&number).await["sla"]["resolution"];
    assert_eq!((&resolution["state"], &resolution["dueAt"]), (&json!("PAUSED"), &Value::Null));
    let seconds = |key: &str| resolution[key].as_i64().unwrap();
    assert!(seconds("elapsedSeconds") < 60, "{resolution}");
    assert!((360_000..360_060).contains(&seconds("pausedSeconds")), "{resolution}");

    server.update(&number, &json!({"statusChange": "IN_PROGRESS"})).await.ok();
    let details = server.details(&number).await;
    let resolution = &details["sla"]["resolution"];
    assert_eq!(resolution["state"], "PENDING");
    assert_eq!(resolution["targetSeconds"], 48 * 3600);
    let due = timestamp(&resolution["dueAt"]);
    let opened = timestamp(&details["case"]["timeline"]["createdAt"]);
    let hours = due.duration_since(opened).as_secs_f64() / 3600.0;
    assert!((148.0..148.1).contains(&hours), "{hours}");
    // 36 h are three quarters of 48 h.
    store.let_pass(&workspace, HOUR * 36).await;
    once(&server, &number, "resolution", "WARNING").await;
}

#[allow(clippy::disallowed_methods)] // The program uses the machine's clock too.
async fn the_configured_business_hours_count(store: Store) {
    // The business hours are on one day of the week, three days from now.
    let in_three_days = Timestamp::now().checked_add(HOUR * 72).unwrap().to_zoned(TimeZone::UTC);
    let weekday = format!("{:?}", in_three_days.weekday()).to_uppercase();
    let server = Server::with_staff_and(
        store,
        &[
            (&format!("ENGAGE_SLA__BUSINESS__CALENDAR__{weekday}"), "06:00-12:00, 13:00-24:00"),
            ("ENGAGE_SLA__BUSINESS__CALENDAR__TIME_ZONE", "UTC"),
        ],
    )
    .await;
    let number = server.open(&a_case()).await;
    let details = server.details(&number).await;
    let first_response = &details["sla"]["firstResponse"];
    let due = timestamp(&first_response["dueAt"]).to_zoned(TimeZone::UTC);
    assert_eq!(due.datetime(), in_three_days.date().at(10, 0, 0, 0));
    assert_eq!(
        (&first_response["targetSeconds"], &first_response["elapsedSeconds"]),
        (&json!(4 * 3600), &json!(0))
    );
    // 17 h a week: 48 h are two weeks and 14 h, which end 8 h after 13:00.
    let resolution = timestamp(&details["sla"]["resolution"]["dueAt"]).to_zoned(TimeZone::UTC);
    let two_weeks = HOUR * (2 * 7 * 24);
    assert_eq!(
        resolution.datetime(),
        in_three_days.date().at(21, 0, 0, 0).checked_add(two_weeks).unwrap()
    );
    // Enterprise customers have round-the-clock service.
    let mut case = a_case_of_somebody();
    case["customerType"] = json!("ENTERPRISE");
    let number = server.open(&case).await;
    let timeline = &server.details(&number).await["case"]["timeline"];
    let (opened, due) =
        (timestamp(&timeline["createdAt"]), timestamp(&timeline["firstResponseDue"]));
    assert_eq!(due.duration_since(opened).as_secs(), 3600);
}

async fn a_missed_target_raises_the_escalation_level_if_configured(store: Store) {
    let (server, hooks) =
        start_server(store, &[("ENGAGE_ESCALATION__RAISE_ON_BREACH", "true")]).await;
    let number = server.open(&a_case()).await;
    let before = server.details(&number).await;
    store.let_pass(server.workspace(), HOUR * 5).await;
    let call = reported(&hooks, 2).await;
    assert_eq!(call["type"], "case.overdue");
    assert_eq!(call["data"]["event"]["escalation"]["level"], 1);
    let details = at_version(&server, &number, 2).await;
    let (was, is) = (&before["case"]["caseDetails"], &details["case"]["caseDetails"]);
    assert_eq!((&is["escalationLevel"], &is["urgency"]), (&json!(1), &was["urgency"]));
    assert_eq!(is["priorityScore"].as_i64(), was["priorityScore"].as_i64().map(|score| score + 2));
    let escalation = &details["escalations"][0];
    assert_eq!(
        (&escalation["reason"], &escalation["by"]["kind"]),
        (&json!("The first response is overdue"), &json!("SYSTEM"))
    );
    // The customer does not see it.
    let status = server.post("/api/support/case/status", &json!({"caseNumber": number})).await.ok();
    assert_eq!(status["updates"], json!([]));
}

/// On PostgreSQL only, since an embedded database allows one process at a time.
#[tokio::test]
async fn two_dispatchers_alert_once_and_a_server_without_dispatch_never() {
    const CASES: usize = 12;
    let (server, hooks) = start_server(Store::Postgres, &[]).await;
    let (workspace, token) = (server.workspace().clone(), server.token().to_owned());
    drop(server);
    let mut silent = Server::start_in(&workspace, &["--no-dispatch"]).await;
    silent.use_token(token);
    let mut numbers = BTreeSet::new();
    for _ in 0..CASES {
        numbers.insert(silent.open(&a_case_of_somebody()).await);
    }
    Store::Postgres.let_pass(&workspace, HOUR * 5).await;
    for number in &numbers {
        assert_eq!(silent.details(number).await["case"]["version"], 1);
    }
    let others = [(); 2].map(|()| Dispatcher::start(&workspace));
    for number in &numbers {
        at_version(&silent, number, 2).await;
    }
    let calls = hooks.received_once(2 * CASES).await;
    let bodies = calls.iter().map(|call| serde_json::from_str::<Value>(&call.body).unwrap());
    let overdue = bodies.filter(|body| body["type"] == "case.overdue");
    let told: BTreeSet<_> = overdue
        .map(|body| body["data"]["case"]["caseNumber"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(told, numbers);
    for other in others {
        assert_eq!(other.stop().await, Some(0));
    }
    for number in &numbers {
        assert_eq!(silent.details(number).await["case"]["version"], 2);
    }
}

/// On SQLite only, since the rules are the same on both stores.
#[tokio::test]
async fn a_case_is_closed_by_the_current_settings() {
    let server = Server::with_staff(Store::Sqlite).await;
    let (workspace, token) = (server.workspace().clone(), server.token().to_owned());
    let [later, sooner] = [server.open(&a_case()).await, server.open(&a_case()).await];
    for number in [&later, &sooner] {
        let resolve = json!({"message": "Done.", "statusChange": "RESOLVED"});
        server.update(number, &resolve).await.ok();
    }
    drop(server);
    Store::Sqlite.let_pass(&workspace, HOUR * (8 * 24)).await;
    workspace.set("ENGAGE_ESCALATION__CLOSE_AFTER", "720h");
    let mut server = Server::start_in(&workspace, &[]).await;
    server.use_token(token);
    // Due cases are processed in order. Once a third case has a warning, these two were processed.
    let seen = server.open(&a_case()).await;
    Store::Sqlite.let_pass(&workspace, HOUR * 3).await;
    at_version(&server, &seen, 2).await;
    for number in [&later, &sooner] {
        assert_eq!(server.details(number).await["case"]["caseDetails"]["status"], "RESOLVED");
    }
    Store::Sqlite.let_pass(&workspace, HOUR * (23 * 24)).await;
    for number in [&later, &sooner] {
        at_version(&server, number, 3).await;
        assert_eq!(server.details(number).await["case"]["caseDetails"]["status"], "CLOSED");
    }
}
