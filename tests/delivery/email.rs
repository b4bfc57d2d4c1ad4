//! E-mails that a mail server refuses or defers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use reqwest::Method;
use serde_json::{Value, json};

use super::{World, eventually_error, eventually_status, notifications, once, text};
use crate::support::{SmtpReceiver, Store, case_with, eventually_seen, on_both_stores, send};

on_both_stores! {
    a_busy_mail_server_is_retried
    a_refused_address_is_dead_and_can_be_retried
    all_notifications_dead_since_a_time_are_resent
    a_refused_login_stops_the_channel_visibly
    notifications_caused_by_customers_wait_beyond_a_limit
    the_team_gets_one_email_for_everything_over_its_limit
}

async fn a_busy_mail_server_is_retried(store: Store) {
    let tries = Arc::new(AtomicUsize::new(0));
    let count = tries.clone();
    let mail = SmtpReceiver::responding(move |command| {
        let is_customer = command.contains("RCPT") && command.contains("john@example.com");
        (is_customer && count.fetch_add(1, Ordering::SeqCst) == 0)
            .then(|| "451 greylisted, come back".to_owned())
    })
    .await;
    let world = World { mail, ..World::new().await };
    let server = world.start_server(store, &[]).await;
    let number = server.open(&case_with("urgency", "LOW")).await;
    let query = format!("caseNumber={number}&channel=EMAIL&status=PENDING");
    let waiting = once(&server, &query, "PENDING").await;
    let error = eventually_error(&server, &waiting).await;
    assert!(error.contains("451"), "{error}");
    assert_eq!(tries.load(Ordering::SeqCst), 1, "it waits half a minute");
    let team = world.mail.mails_once(1).await;
    assert_eq!(team[0].to(), "team@desk.example");
}

async fn a_refused_address_is_dead_and_can_be_retried(store: Store) {
    let is_known = Arc::new(AtomicBool::new(false));
    let known = is_known.clone();
    let mail = SmtpReceiver::responding(move |command| {
        let is_customer = command.contains("RCPT") && command.contains("john@example.com");
        (is_customer && !known.load(Ordering::SeqCst)).then(|| "550 no such user here".to_owned())
    })
    .await;
    let world = World { mail, ..World::new().await };
    let mut server = world.start_server(store, &[]).await;
    server.open(&case_with("urgency", "LOW")).await;
    let dead = once(&server, "status=DEAD", "DEAD").await;
    assert_eq!(dead["recipient"], "john@example.com");
    assert!(text(&dead["lastError"]).contains("550"), "{dead}");
    let health = server.get("/health").await.body;
    assert_eq!(health["components"]["notifications"], "healthy", "one bad address is no outage");

    let retry = format!("/api/internal/notifications/{}/retry", text(&dead["id"]));
    is_known.store(true, Ordering::SeqCst);
    let jane = server.token().to_owned();
    server.use_token(server.workspace().token("staff-456"));
    assert_eq!(server.staff_post(&retry, &json!({})).await.status, 403, "agents may not retry");
    server.use_token(jane);
    server.staff_post(&retry, &json!({})).await.ok();
    world.mail.mails_once(2).await;
    let path = format!("/api/internal/notifications/{}", text(&dead["id"]));
    eventually_status(&server, &path, "SENT").await;
    assert_eq!(server.staff_post(&retry, &json!({})).await.status, 409);
}

async fn all_notifications_dead_since_a_time_are_resent(store: Store) {
    let is_known = Arc::new(AtomicBool::new(false));
    let known = is_known.clone();
    let mail = SmtpReceiver::responding(move |command| {
        let is_stranger = command.contains("RCPT") && !command.contains("desk.example");
        (is_stranger && !known.load(Ordering::SeqCst)).then(|| "550 5.1.1 Unknown".to_owned())
    })
    .await;
    let world = World { mail, ..World::new().await };
    let server = world.start_server(store, &[]).await;
    for number in 0..3 {
        server.open(&case_with("email", &*format!("lost{number}@example.com"))).await;
    }
    let dead = eventually_seen("three dead notifications", async || {
        let dead = notifications(&server, "status=DEAD").await;
        (dead["notifications"].as_array().unwrap().len() == 3).then_some(dead)
    })
    .await;
    is_known.store(true, Ordering::SeqCst);
    let since = dead["notifications"][2]["createdAt"].clone();
    let path = "/api/internal/notifications/retry";
    let endpoint = "whk_01jjg00000e008000000000001";
    for (body, retried) in [
        (json!({"since": "2100-01-01T00:00:00Z"}), 0),
        (json!({"since": since, "channel": "SMS"}), 0),
        (json!({"since": since, "endpointId": endpoint}), 0),
        (json!({"since": since, "reason": "quota"}), 0),
        (json!({"since": since, "channel": "email", "reason": "5.1.1 unknown"}), 3),
        (json!({"since": since}), 0),
    ] {
        let response = server.staff_post(path, &body).await.ok();
        assert_eq!(response, json!({"success": true, "retried": retried}), "{body}");
    }
    world.mail.mails_once(6).await;
    let wrong = json!({"channel": "FAX", "endpointId": "x", "reason": "r".repeat(201)});
    let mut fields = server.staff_post(path, &wrong).await.invalid_fields();
    fields.sort();
    assert_eq!(fields, ["channel", "endpointId", "reason", "since"]);
    let none = notifications(&server, &format!("endpointId={endpoint}")).await;
    assert_eq!(none["pagination"]["total"], 0);
}

async fn a_refused_login_stops_the_channel_visibly(store: Store) {
    let mail = SmtpReceiver::responding(|command| {
        command.starts_with("MAIL").then(|| "530 authentication required".to_owned())
    })
    .await;
    let world = World { mail, ..World::new().await };
    let server = world.start_server(store, &[]).await;
    server.open(&case_with("urgency", "LOW")).await;
    let health = eventually_seen("a degraded service", async || {
        let health = server.get("/health").await.body;
        (health["status"] == "degraded").then_some(health)
    });
    assert_eq!(health.await["components"]["notifications"], "degraded");
    let seen = notifications(&server, "channel=EMAIL").await;
    let email = seen["channels"].as_array().unwrap().iter().find(|c| c["channel"] == "EMAIL");
    let email = email.unwrap();
    assert_eq!(email["state"], "STOPPED");
    assert!(text(&email["lastError"]).contains("530"), "{email}");
    eventually_seen("notifications waiting without a counted attempt", async || {
        let seen = notifications(&server, "channel=EMAIL").await;
        let waiting = seen["notifications"].as_array().unwrap();
        waiting.iter().all(|message| message["attempts"] == 0).then_some(())
    })
    .await;
    let metrics = send(server.request(Method::GET, "/metrics")).await.text();
    assert!(metrics.contains(r#"engage_channel_stopped{channel="EMAIL"} 1"#), "{metrics}");
}

async fn the_team_gets_one_email_for_everything_over_its_limit(store: Store) {
    let world = World::new().await;
    let server =
        world.start_server(store, &[("ENGAGE_LIMITS__EMAILS_PER_STAFF_ADDRESS", "2")]).await;
    for n in 0..3 {
        server.open(&case_with("email", format!("john@{n}.example"))).await;
    }
    // Two within the limit, and one that stands for all that wait.
    world.mail.mails_once(6).await;
    let number = server.open(&case_with("email", "john@4.example")).await;
    eventually_seen("a held-back e-mail to the team", async || {
        let query = format!("status=PENDING&caseNumber={number}");
        let seen = notifications(&server, &query).await;
        let waiting = seen["notifications"].as_array().unwrap();
        let is_held_back = |message: &Value| {
            message["template"] == "case-assigned-staff"
                && message["lastError"].to_string().starts_with("\"held back")
        };
        (waiting.len() == 1 && waiting.iter().all(is_held_back)).then_some(())
    })
    .await;
    world.mail.mails_once(7).await;
    // E-mails caused by staff are not limited.
    server.update(&number, &json!({"message": "On it."})).await.ok();
    world.mail.mails_once(9).await;
}

async fn notifications_caused_by_customers_wait_beyond_a_limit(store: Store) {
    let world = World::new().await;
    let server = world.start_server(store, &[]).await;
    for variant in 0..7 {
        let address = format!("john+{variant}@example.com");
        server.open(&case_with("email", address)).await;
    }
    eventually_seen("two held-back confirmations", async || {
        let seen = notifications(&server, "status=PENDING").await;
        let waiting = seen["notifications"].as_array().unwrap();
        let is_held_back =
            |message: &Value| message["lastError"].to_string().starts_with("\"held back");
        (waiting.len() == 2 && waiting.iter().all(is_held_back)).then_some(())
    })
    .await;
    let mails = world.mail.mails_once(12).await;
    let to_customer = mails.iter().filter(|mail| mail.to().starts_with("john+")).count();
    assert_eq!(to_customer, 5, "and seven to the team");
    let metrics = send(server.request(Method::GET, "/metrics")).await.text();
    let held_back = r#"engage_notifications_held_back{channel="EMAIL"} 2"#;
    assert!(metrics.contains(held_back), "{metrics}");
}
