//! Webhooks, and the endpoints that get them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use reqwest::Method;
use serde_json::{Value, json};

use super::{World, once, register, text};
use crate::support::http_receiver::status;
use crate::support::{
    HttpReceiver, Response, Server, Store, case_with, eventually, on_both_stores,
};

on_both_stores! {
    a_gone_endpoint_is_disabled_and_can_be_replayed_to
    events_of_a_case_arrive_in_order_although_the_first_fails
    a_replaced_secret_and_the_new_one_are_both_valid_for_a_time
}

async fn a_gone_endpoint_is_disabled_and_can_be_replayed_to(store: Store) {
    let is_back = Arc::new(AtomicBool::new(false));
    let back = is_back.clone();
    let hooks = HttpReceiver::responding(move |_, _| {
        Some(status(if back.load(Ordering::SeqCst) { "204 No Content" } else { "410 Gone" }))
    })
    .await;
    let world = World { hooks, ..World::new().await };
    let server = world.start_server(store, &[]).await;
    let (id, _) = register(&server, &world.hooks).await;
    server.open(&case_with("urgency", "LOW")).await;
    let dead = once(&server, "channel=WEBHOOK", "DEAD").await;
    let path = format!("/api/internal/webhooks/{id}");
    let endpoint = server.staff_get(&path).await.ok();
    assert_eq!(endpoint["webhook"]["state"], "DISABLED");
    assert!(text(&endpoint["webhook"]["disabledReason"]).contains("410"), "{endpoint}");
    let mails = world.mail.mails_once(3).await;
    let notices: Vec<_> =
        mails.iter().filter(|mail| mail.subject().contains("Webhook endpoint disabled")).collect();
    let [notice] = &notices[..] else { panic!("{mails:#?}") };
    assert_eq!(notice.to(), "jane@staff.example", "the administrator");
    let url = world.hooks.url("/hooks");
    for part in [&notice.text, &notice.html] {
        assert!(part.contains(&url) && part.contains("410"), "{notice:#?}");
    }

    is_back.store(true, Ordering::SeqCst);
    let enable = server.staff_request(Method::PATCH, &path);
    let enabled = Response::to(enable.json(&json!({"enabled": true}))).await.ok();
    assert_eq!(enabled["webhook"]["state"], "ENABLED");
    let replay = json!({"since": text(&dead["createdAt"])});
    let replayed = server.staff_post(&format!("{path}/replay"), &replay).await.ok();
    assert_eq!(replayed["replayed"], 1);
    let calls = world.hooks.received_once(2).await;
    assert_eq!(calls[0].body, calls[1].body, "the same bytes");
    assert_eq!(calls[0].header("webhook-id"), calls[1].header("webhook-id"));
    once(&server, "channel=WEBHOOK", "SENT").await;
}

async fn events_of_a_case_arrive_in_order_although_the_first_fails(store: Store) {
    let order = Arc::new(Mutex::new(Vec::new()));
    let log = order.clone();
    let hooks = HttpReceiver::responding(move |received, _| {
        let body: Value = serde_json::from_str(&received.body).unwrap();
        let mut log = log.lock().unwrap();
        log.push(body["data"]["event"]["sequence"].as_u64().unwrap());
        Some(status(if log.len() == 1 { "500 Oops" } else { "200 OK" }))
    })
    .await;
    let world = World { hooks, ..World::new().await };
    let server = world.start_server(store, &[]).await;
    register(&server, &world.hooks).await;
    let number = server.open(&case_with("urgency", "LOW")).await;
    world.hooks.received_once(1).await;
    server.update(&number, &json!({"message": "One."})).await.ok();
    server.update(&number, &json!({"message": "Two."})).await.ok();
    let four = eventually("four requests", || {
        let order = order.lock().unwrap().clone();
        (order.len() == 4).then_some(order)
    });
    assert_eq!(four.await, [1, 1, 2, 3]);
}

/// On SQLite only, since the output of a command does not depend on the store.
#[tokio::test]
async fn endpoints_are_managed_by_commands_while_the_server_runs() {
    let world = World::new().await;
    let server = world.start_server(Store::Sqlite, &[]).await;
    let workspace = server.workspace();
    let printed =
        workspace.run(&["webhook", "add", &world.hooks.url("/a"), "--events", "case.created"]);
    let printed = printed.ok();
    let (id, secret) = printed.trim_end().split_once('\t').unwrap();
    assert!(id.starts_with("whk_") && secret.starts_with("whsec_"), "{printed}");
    let listed = workspace.run(&["webhook", "list"]).ok();
    assert!(listed.contains(id) && listed.contains("case.created"), "{listed}");
    assert!(!listed.contains("whsec_"), "{listed}");
    let test = server.staff_post(&format!("/api/internal/webhooks/{id}/test"), &json!({})).await;
    test.ok();
    assert!(world.hooks.received_once(1).await[0].body.contains("webhook.test"));
    workspace.run(&["webhook", "remove", id]).ok();
    assert!(workspace.run(&["webhook", "remove", id]).refusal().contains(id));
}

/// On SQLite only, since the request is refused before anything is stored.
#[tokio::test]
async fn endpoints_in_private_networks_are_refused() {
    let server = Server::with_staff(Store::Sqlite).await;
    for url in [
        "http://example.com/hooks",
        "https://127.0.0.1/hooks",
        "https://localhost/hooks",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:10.0.0.1]/",
        "https://0x7f.1/",
        "https://user:password@example.com/",
    ] {
        let response = server.staff_post("/api/internal/webhooks", &json!({"url": url})).await;
        assert_eq!(response.status, 400, "{url}: {response:?}");
        assert_eq!(response.body["details"]["fields"][0]["field"], "url");
    }
    let none = server.staff_get("/api/internal/webhooks").await.ok();
    assert_eq!(none["webhooks"], json!([]));
}

async fn a_replaced_secret_and_the_new_one_are_both_valid_for_a_time(store: Store) {
    let world = World::new().await;
    let server = world.start_server(store, &[]).await;
    let (id, old) = register(&server, &world.hooks).await;
    let path = format!("/api/internal/webhooks/{id}/rotate-secret");
    let rotated = server.staff_post(&path, &json!({})).await.ok();
    let new = text(&rotated["secret"]);
    server.open(&case_with("urgency", "LOW")).await;
    let [call] = &world.hooks.received_once(1).await[..] else { unreachable!() };
    assert!(call.is_signed_with(&old) && call.is_signed_with(new), "{call:#?}");
    let other = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    assert!(!call.is_signed_with(other), "{call:#?}");
}
