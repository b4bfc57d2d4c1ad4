//! Channels that stop working: a mail server that refuses this sender at any command, a server that
//! is down, and an account that is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{World, notifications, once, text};
use crate::support::{
    HttpReceiver, MailServer, Server, SmtpReceiver, Store, a_case_of_somebody, case_with,
    eventually_seen, on_both_stores, send,
};

on_both_stores! {
    a_sender_refused_at_rcpt_stops_the_channel_and_all_is_sent_afterwards
    refused_customer_addresses_stop_nothing
    an_unreachable_mail_server_stops_the_channel
    settings_refused_by_the_sms_service_stop_the_channel
    an_unknown_error_code_for_two_staff_numbers_stops_the_channel
    retries_do_not_reset_the_age_of_notifications
}

/// Starts a mail server that sends this reply at one stage of the conversation until it is fixed.
async fn refusing(stage: &'static str, reply: &'static str) -> (SmtpReceiver, Arc<AtomicBool>) {
    let is_mended = Arc::new(AtomicBool::new(false));
    let mended = is_mended.clone();
    let mail = SmtpReceiver::responding(move |command| {
        (command.starts_with(stage) && !mended.load(Ordering::SeqCst)).then(|| {
            // Servers name the refused recipient.
            let named = command.split(['<', '>']).nth(1).unwrap_or_default();
            reply.replace("RECIPIENT", named)
        })
    });
    (mail.await, is_mended)
}

/// Waits until a channel is stopped, and returns its state.
async fn stopped(server: &Server, channel: &str) -> Value {
    eventually_seen("a stopped channel", async || {
        let seen = notifications(server, "limit=1").await;
        let channels = seen["channels"].as_array().unwrap().clone();
        channels.into_iter().find(|c| c["channel"] == channel && c["state"] == "STOPPED")
    })
    .await
}

/// Waits until all notifications of a channel are pending without a counted attempt.
async fn all_wait(server: &Server, channel: &str, count: u64) {
    eventually_seen("notifications waiting without a counted attempt", async || {
        let seen = notifications(server, &format!("channel={channel}")).await;
        let list = seen["notifications"].as_array().unwrap();
        assert_eq!(seen["pagination"]["total"], count);
        let waits = |one: &Value| one["status"] == "PENDING" && one["attempts"] == 0;
        list.iter().all(waits).then_some(())
    })
    .await;
}

/// Skips the minute until the next trial delivery of a stopped channel, and the time until the deferred
/// notifications are due.
async fn skip_to_the_next_trial(store: Store, server: &Server) {
    let past = store.hours_ago(1);
    for statement in [
        format!("UPDATE channels SET probe_due_at = {past} WHERE stopped_at IS NOT NULL"),
        format!("UPDATE notifications SET due_at = {past} WHERE status = 'PENDING'"),
    ] {
        store.execute(server.workspace(), &statement).await;
    }
}

async fn a_sender_refused_at_rcpt_stops_the_channel_and_all_is_sent_afterwards(store: Store) {
    let reply = "553 5.7.1 <help@desk.example>: Sender address rejected: not owned by user svc";
    let (mail, is_mended) = refusing("RCPT", reply).await;
    let world = World { mail, ..World::new().await };
    let server = world.start_server(store, &[]).await;
    for _ in 0..3 {
        server.open(&a_case_of_somebody()).await;
    }
    let email = stopped(&server, "EMAIL").await;
    assert!(text(&email["lastError"]).contains("not owned by user svc"), "{email}");
    assert_eq!(server.get("/health").await.body["components"]["notifications"], "degraded");
    all_wait(&server, "EMAIL", 6).await;

    is_mended.store(true, Ordering::SeqCst);
    skip_to_the_next_trial(store, &server).await;
    world.mail.mails_once(6).await;
    eventually_seen("a running channel", async || {
        let health = server.get("/health").await.body;
        (health["components"]["notifications"] == "healthy").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_refusal_of_this_sender_stops_the_channel_at_any_command() {
    for (stage, reply) in [
        ("RCPT", "504 5.5.2 <desk>: Helo command rejected: need fully-qualified hostname"),
        ("RCPT", "554 5.7.1 <RECIPIENT>: Relay access denied"),
        ("RCPT", "554 Client host [192.0.2.1] blocked using a list"),
        ("RCPT", "550 Authentication required"),
        ("RCPT", "550 5.0.0 <RECIPIENT> not taken from you"),
        ("DATA", "554 5.3.0 Not today"),
        (".", "550 5.4.5 Daily user sending limit exceeded"),
        (".", "554 5.7.0 Your quota is used up. Try again later"),
        (".", "554 5.2.252 SendAsDenied"),
        ("EHLO", "421 4.7.0 Too many of you"),
        ("EHLO", "550 You are not welcome"),
    ] {
        let (mail, _) = refusing(stage, reply).await;
        let world = World { mail, ..World::new().await };
        let server = world.start_server(Store::Sqlite, &[]).await;
        server.open(&a_case_of_somebody()).await;
        let email = stopped(&server, "EMAIL").await;
        assert!(text(&email["lastError"]).contains(&reply[..3]), "{email}");
        all_wait(&server, "EMAIL", 2).await;
    }
}

async fn refused_customer_addresses_stop_nothing(store: Store) {
    let mail = SmtpReceiver::responding(|command| {
        let is_stranger = command.starts_with("RCPT") && !command.contains("desk.example");
        is_stranger.then(|| "550 5.7.1 We do not like your mail".to_owned())
    })
    .await;
    let world = World { mail, ..World::new().await };
    let server = world.start_server(store, &[]).await;
    for number in 0..4 {
        let email = format!("invented{number}@strangers.example");
        let mut case = case_with("urgency", "LOW");
        case["email"] = json!(email);
        server.open(&case).await;
    }
    world.mail.mails_once(4).await;
    eventually_seen("four notifications waiting for a retry", async || {
        let seen = notifications(&server, "channel=EMAIL&status=PENDING").await;
        let list = seen["notifications"].as_array().unwrap();
        let held = list.iter().filter(|one| one["attempts"] == 1).count();
        (held == 4).then_some(())
    })
    .await;
    let seen = notifications(&server, "limit=1").await;
    assert!(seen["channels"].as_array().unwrap().iter().all(|c| c["state"] == "RUNNING"), "{seen}");
}

async fn an_unreachable_mail_server_stops_the_channel(store: Store) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let world = World::new().await;
    let url = format!("smtp://{address}");
    let server = world.start_server(store, &[("ENGAGE_EMAIL__URL", &url)]).await;
    for _ in 0..2 {
        server.open(&a_case_of_somebody()).await;
    }
    let email = stopped(&server, "EMAIL").await;
    assert!(text(&email["lastError"]).contains("cannot be reached"), "{email}");
    all_wait(&server, "EMAIL", 4).await;
}

/// Starts an SMS service that refuses every text message.
async fn refusing_texts(code: u32) -> HttpReceiver {
    HttpReceiver::responding(move |_, _| {
        let body = format!(r#"{{"code":{code},"message":"no","status":400}}"#);
        Some(format!("400 Bad Request\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
    })
    .await
}

async fn settings_refused_by_the_sms_service_stop_the_channel(store: Store) {
    for code in [21212, 21603, 20001, 30001] {
        let world = World { twilio: refusing_texts(code).await, ..World::new().await };
        let server = world.start_server(store, &[]).await;
        server.open(&case_with("urgency", "HIGH")).await;
        let sms = stopped(&server, "SMS").await;
        assert!(text(&sms["lastError"]).contains(&code.to_string()), "{sms}");
        all_wait(&server, "SMS", 1).await;
    }
}

async fn an_unknown_error_code_for_two_staff_numbers_stops_the_channel(store: Store) {
    let world = World { twilio: refusing_texts(29_999).await, ..World::new().await };
    let both = "+15550100777,+15550100778";
    let server = world.start_server(store, &[("ENGAGE_SMS__ON_CALL", both)]).await;
    server.open(&case_with("urgency", "HIGH")).await;
    stopped(&server, "SMS").await;
    all_wait(&server, "SMS", 2).await;

    let world = World { twilio: refusing_texts(29_999).await, ..World::new().await };
    let server = world.start_server(store, &[]).await;
    server.open(&case_with("urgency", "HIGH")).await;
    let waiting = once(&server, "channel=SMS&status=PENDING", "PENDING").await;
    assert_eq!(waiting["recipient"], "+15550100777", "one number is not enough");
}

#[tokio::test]
async fn a_client_refused_by_a_real_mail_server_stops_the_channel() {
    let postfix = MailServer::start_with("smtpd_client_restrictions = reject").await;
    let world = World::new().await;
    let certificate = postfix.certificate();
    let url = postfix.url();
    let settings =
        [("ENGAGE_EMAIL__URL", &*url), ("ENGAGE_EMAIL__ROOT_CERTIFICATES", &certificate)];
    let server = world.start_server(Store::Sqlite, &settings).await;
    server.open(&a_case_of_somebody()).await;
    let email = stopped(&server, "EMAIL").await;
    assert!(text(&email["lastError"]).contains("replied to RCPT with 554 5.7.1"), "{email}");
    all_wait(&server, "EMAIL", 2).await;
}

async fn retries_do_not_reset_the_age_of_notifications(store: Store) {
    let (mail, is_mended) = refusing("RCPT", "451 4.3.0 Not now").await;
    let world = World { mail, ..World::new().await };
    let server = world.start_server(store, &[]).await;
    server.open(&case_with("urgency", "LOW")).await;
    eventually_seen("two notifications waiting for a retry", async || {
        let seen = notifications(&server, "channel=EMAIL&status=PENDING").await;
        let list = seen["notifications"].as_array().unwrap();
        list.iter().all(|one| one["attempts"] == 1).then_some(())
    })
    .await;
    let health = server.get("/health").await.body;
    assert_eq!((&health["status"], &health["reasons"]), (&json!("healthy"), &Value::Null));

    let before = format!("UPDATE notifications SET created_at = {}", store.hours_ago(1));
    store.execute(server.workspace(), &before).await;
    let health = server.get("/health").await.body;
    assert_eq!(health["components"]["notifications"], "degraded");
    let reason = text(&health["reasons"][0]);
    assert!(
        reason.starts_with("The oldest notification of the channel EMAIL has been waiting for 36")
    );
    let seen = notifications(&server, "limit=1").await;
    let seconds = |value: &Value| (3600..3700).contains(&value.as_u64().unwrap());
    assert!(seconds(&seen["summary"]["oldestPendingSeconds"]), "{seen}");
    let email = seen["channels"].as_array().unwrap().iter().find(|c| c["channel"] == "EMAIL");
    assert!(seconds(&email.unwrap()["oldestUnsentSeconds"]), "{seen}");
    let metrics = send(server.request(Method::GET, "/metrics")).await.text();
    let gauge = r#"engage_notifications_oldest_unsent_seconds{channel="EMAIL"} 36"#;
    assert!(metrics.contains(gauge), "{metrics}");

    is_mended.store(true, Ordering::SeqCst);
    skip_to_the_next_trial(store, &server).await;
    world.mail.mails_once(2).await;
    eventually_seen("a healthy service", async || {
        (server.get("/health").await.body["status"] == "healthy").then_some(())
    })
    .await;
}
