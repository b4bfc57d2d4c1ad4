//! Webhooks and test events that an endpoint gets, depending on its settings.

use serde_json::{Value, json};

use super::{WEBHOOKS, messages, open, patch, read, register, remove, start_server};
use crate::support::http_receiver::status;
use crate::support::{HttpReceiver, Server, Store, eventually_seen, keys, on_both_stores};

on_both_stores! {
    removing_an_endpoint_cancels_its_pending_webhooks
    a_disabled_endpoint_gets_nothing_until_it_is_enabled_again
    dead_webhooks_are_replayed_individually_or_since_a_time
    a_test_event_reports_whether_it_was_accepted
    an_endpoint_without_internal_events_gets_no_internal_notes
    every_replaced_secret_continues_to_sign
    webhooks_have_the_secret_headers_of_their_endpoint
}

/// Waits for this many webhook notifications, all with this status.
async fn messages_once(server: &Server, count: usize, status: &str) -> Vec<Value> {
    eventually_seen(&format!("{count} messages are {status}"), async || {
        let found = messages(server, "").await;
        let fits = found.len() == count && found.iter().all(|one| one["status"] == status);
        fits.then_some(found)
    })
    .await
}

async fn removing_an_endpoint_cancels_its_pending_webhooks(store: Store) {
    let server = start_server(store).await;
    let hooks = HttpReceiver::responding(|_, _| Some(status("500 Oops"))).await;
    let path = register(&server, &json!({"url": hooks.url("/a")})).await;
    open(&server).await;
    hooks.received_once(1).await;
    remove(&server, &path).await.ok();
    let [message] = &messages_once(&server, 1, "CANCELLED").await[..] else { unreachable!() };
    assert!(message["lastError"].is_string(), "{message}");
    // There are no endpoints any more.
    let number = open(&server).await;
    assert_eq!(messages(&server, &format!("&caseNumber={number}")).await, [Value::Null; 0]);
}

async fn webhooks_have_the_secret_headers_of_their_endpoint(store: Store) {
    let server = start_server(store).await;
    let hooks = HttpReceiver::start().await;
    let headers = json!({"Authorization": "Bearer geheim-1", "X-Tenant": " a: \"b\" "});
    let endpoint = json!({"url": hooks.url("/a"), "headers": headers});
    let path = register(&server, &endpoint).await;
    let webhook = read(&server, &path).await;
    assert_eq!(webhook["headerNames"], json!(["Authorization", "X-Tenant"]));
    server.staff_post(&format!("{path}/test"), &json!({})).await.ok();
    open(&server).await;
    for call in hooks.received_once(2).await {
        assert_eq!(call.header("authorization"), "Bearer geheim-1");
        assert_eq!(call.header("x-tenant"), "a: \"b\"");
    }
    let list = server.staff_get(WEBHOOKS).await.ok().to_string();
    let rotated = server.staff_post(&format!("{path}/rotate-secret"), &json!({})).await.ok();
    for shown in [webhook.to_string(), list, rotated.to_string(), server.log().join("\n")] {
        assert!(!shown.contains("geheim"), "{shown}");
    }
}

async fn a_disabled_endpoint_gets_nothing_until_it_is_enabled_again(store: Store) {
    let server = start_server(store).await;
    let hooks = HttpReceiver::start().await;
    let path = register(&server, &json!({"url": hooks.url("/a")})).await;
    let off = patch(&server, &path, &json!({"enabled": false})).await.ok()["webhook"].clone();
    assert_eq!(off["state"], "DISABLED");
    assert!(off["disabledReason"].is_string() && off["disabledSince"].is_string(), "{off}");
    // Disabling it again does not change the time.
    assert_eq!(patch(&server, &path, &json!({"enabled": false})).await.ok()["webhook"], off);
    open(&server).await;
    assert_eq!(messages(&server, "").await, [Value::Null; 0]);

    let on = patch(&server, &path, &json!({"enabled": true})).await.ok()["webhook"].clone();
    assert_eq!(on["state"], "ENABLED");
    assert_eq!((&on["disabledReason"], &on["disabledSince"]), (&Value::Null, &Value::Null));
    let number = open(&server).await;
    let [call] = &hooks.received_once(1).await[..] else { unreachable!() };
    assert!(call.body.contains(&number), "{call:#?}");
}

async fn dead_webhooks_are_replayed_individually_or_since_a_time(store: Store) {
    let server = start_server(store).await;
    // The first response disables the endpoint, and its waiting notifications are dead.
    let hooks = HttpReceiver::responding(|_, index| {
        Some(status(if index == 0 { "410 Gone" } else { "200 OK" }))
    })
    .await;
    let path = register(&server, &json!({"url": hooks.url("/a")})).await;
    let other = register(
        &server,
        &json!({"url": "https://hooks.invalid/b", "eventTypes": ["case.cancelled"]}),
    )
    .await;
    open(&server).await;
    let [dead] = &messages_once(&server, 1, "DEAD").await[..] else { unreachable!() };
    let (one, since) = (json!({"notificationId": dead["id"]}), json!({"since": dead["createdAt"]}));
    let replay =
        async |path: &str, what: &Value| server.staff_post(&format!("{path}/replay"), what).await;
    let absent = json!({"notificationId": "ntf_01jjg00000e008000000000001"});
    let details = replay(&path, &absent).await.refused(404, "NOTIFICATION_NOT_FOUND");
    assert!(details.is_object());
    replay(&other, &one).await.refused(404, "NOTIFICATION_NOT_FOUND");
    assert_eq!(replay(&other, &since).await.ok()["replayed"], 0);
    for wrong in [json!({}), json!({"since": null}), json!({"since": "x"}), {
        json!({"notificationId": dead["id"], "since": dead["createdAt"]})
    }] {
        assert_eq!(replay(&path, &wrong).await.invalid_fields(), ["since"], "{wrong}");
    }
    let no_id = json!({"notificationId": "x"});
    assert_eq!(replay(&path, &no_id).await.invalid_fields(), ["notificationId"]);

    patch(&server, &path, &json!({"enabled": true})).await.ok();
    let response = replay(&path, &one).await.ok();
    assert_eq!(response, json!({"success": true, "replayed": 1}));
    let calls = hooks.received_once(2).await;
    assert_eq!(calls[0].body, calls[1].body, "the same bytes");
    assert_eq!(calls[0].header("webhook-id"), calls[1].header("webhook-id"));
    messages_once(&server, 1, "SENT").await;
    // A successful delivery is not replayed.
    replay(&path, &one).await.refused(404, "NOTIFICATION_NOT_FOUND");
    assert_eq!(replay(&path, &since).await.ok()["replayed"], 0);
}

async fn a_test_event_reports_whether_it_was_accepted(store: Store) {
    let server = start_server(store).await;
    let hooks = HttpReceiver::responding(|_, index| {
        Some(status(if index == 0 { "204 No Content" } else { "500 Oops" }))
    })
    .await;
    let registered = server.staff_post(WEBHOOKS, &json!({"url": hooks.url("/a")})).await.ok();
    let path = format!("{WEBHOOKS}/{}", registered["webhook"]["id"].as_str().unwrap());
    let test = async |path: &str| server.staff_post(&format!("{path}/test"), &json!({})).await;
    assert_eq!(keys(&test(&path).await.ok()), ["message", "success"]);
    let [call] = &hooks.received_once(1).await[..] else { unreachable!() };
    assert!(call.is_signed_with(registered["secret"].as_str().unwrap()), "{call:#?}");
    let body: Value = serde_json::from_str(&call.body).unwrap();
    assert_eq!(body["type"], "webhook.test");

    let details = test(&path).await.refused(502, "WEBHOOK_TEST_FAILED");
    assert!(details["reason"].as_str().is_some_and(|why| why.contains("500")), "{details}");
    hooks.received_once(2).await;

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let nobody = register(&server, &json!({"url": dead})).await;
    let details = test(&nobody).await.refused(502, "WEBHOOK_TEST_FAILED");
    assert!(details["reason"].as_str().is_some_and(|why| !why.is_empty()), "{details}");
    assert_eq!(messages(&server, "").await, [Value::Null; 0], "not a notification of a case");
    assert_eq!(read(&server, &path).await["state"], "ENABLED", "a test disables nothing");
}

async fn an_endpoint_without_internal_events_gets_no_internal_notes(store: Store) {
    let server = start_server(store).await;
    let (all, public) = (HttpReceiver::start().await, HttpReceiver::start().await);
    register(&server, &json!({"url": all.url("/"), "eventTypes": ["case.noted", "case.answered"]}))
        .await;
    let path = register(&server, &json!({"url": public.url("/"), "includeInternal": false})).await;
    assert_eq!(read(&server, &path).await["includeInternal"], false);
    let number = open(&server).await;
    server.update(&number, &json!({"message": "SECRET", "isInternal": true})).await.ok();
    server.assign(&number, &json!({"staffId": "staff-456", "notes": "SECRET"})).await.ok();
    server.update(&number, &json!({"message": "Hello."})).await.ok();
    let heard = public.received_once(3).await;
    let events: Vec<Value> =
        heard.iter().map(|call| serde_json::from_str(&call.body).unwrap()).collect();
    let types: Vec<_> = events.iter().map(|event| &event["type"]).collect();
    assert_eq!(types, ["case.created", "case.assigned", "case.updated"]);
    assert_eq!(events[2]["data"]["event"]["subtypes"], json!(["case.answered"]));
    assert!(heard.iter().all(|call| !call.body.contains("SECRET")), "{heard:#?}");
    let noted = all.received_once(3).await;
    assert_eq!(noted.iter().filter(|call| call.body.contains("SECRET")).count(), 2);
}

async fn every_replaced_secret_continues_to_sign(store: Store) {
    let server = start_server(store).await;
    let hooks = HttpReceiver::start().await;
    let registered = server.staff_post(WEBHOOKS, &json!({"url": hooks.url("/")})).await.ok();
    let path = format!("{WEBHOOKS}/{}", registered["webhook"]["id"].as_str().unwrap());
    let rotate = format!("{path}/rotate-secret");
    let mut secrets = vec![registered["secret"].as_str().unwrap().to_owned()];
    for _ in 0..4 {
        let rotated = server.staff_post(&rotate, &json!({})).await.ok();
        secrets.push(rotated["secret"].as_str().unwrap().to_owned());
    }
    // Two concurrent rotations, as with a double click.
    let body = json!({});
    let twice = [server.staff_post(&rotate, &body), server.staff_post(&rotate, &body)];
    for response in futures_util::future::join_all(twice).await {
        secrets.push(response.ok()["secret"].as_str().unwrap().to_owned());
    }
    patch(&server, &path, &json!({"description": "Changed since"})).await.ok();
    open(&server).await;
    let [call] = &hooks.received_once(1).await[..] else { unreachable!() };
    for secret in &secrets {
        assert!(call.is_signed_with(secret), "{secret}: {call:#?}");
    }
    for _ in secrets.len()..21 {
        server.staff_post(&rotate, &json!({})).await.ok();
    }
    let refused = server.staff_post(&rotate, &json!({})).await;
    let wait = refused.refused(429, "RATE_LIMITED")["retryAfterSeconds"].as_u64().unwrap();
    assert!((86_000..=86_400).contains(&wait), "{wait}");
}

/// The receiver responds after 6 s, which is longer than any other request may take. On SQLite
/// only, since the store plays no part in it.
#[tokio::test]
async fn a_slow_receiver_can_accept_a_test_event() {
    let server = start_server(Store::Sqlite).await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        std::thread::sleep(std::time::Duration::from_secs(6));
        std::io::Write::write_all(&mut stream, b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
    });
    let path = register(&server, &json!({"url": url})).await;
    server.staff_post(&format!("{path}/test"), &json!({})).await.ok();
}
