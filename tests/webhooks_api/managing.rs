//! Registering, reading, changing and removing endpoints.

use serde_json::{Value, json};

use super::{WEBHOOKS, messages, open, patch, read, register, remove, start_server};
use crate::support::{HttpReceiver, Server, Store, keys, on_both_stores};

on_both_stores! {
    a_registered_endpoint_is_listed_and_read_without_its_secret
    a_removed_endpoint_is_gone
    everything_about_an_endpoint_can_be_changed
    all_errors_of_a_change_are_reported_and_nothing_changes
    a_url_can_only_be_registered_once
    headers_are_changed_individually_or_all_removed
}

const ABSENT: &str = "whk_01jjg00000e008000000000001";

async fn a_registered_endpoint_is_listed_and_read_without_its_secret(store: Store) {
    let server = start_server(store).await;
    let endpoint = json!({
        "url": "https://hooks.example/a", "eventTypes": ["case.created"], "description": "One",
    });
    let response = server.staff_post(WEBHOOKS, &endpoint).await.ok();
    assert_eq!(keys(&response), ["secret", "success", "webhook"]);
    assert!(response["secret"].as_str().unwrap().starts_with("whsec_"), "{response}");
    let webhook = &response["webhook"];
    for (field, value) in endpoint.as_object().unwrap() {
        assert_eq!(&webhook[field], value);
    }
    assert_eq!((&webhook["state"], &webhook["disabledReason"]), (&json!("ENABLED"), &Value::Null));
    let path = format!("{WEBHOOKS}/{}", webhook["id"].as_str().unwrap());
    assert_eq!(server.staff_get(&path).await.ok(), json!({"success": true, "webhook": webhook}));
    let list = server.staff_get(WEBHOOKS).await.ok();
    assert_eq!(list, json!({"success": true, "webhooks": [webhook]}));
}

async fn a_removed_endpoint_is_gone(store: Store) {
    let server = start_server(store).await;
    let path = register(&server, &json!({"url": "https://hooks.example/a"})).await;
    let other = register(&server, &json!({"url": "https://hooks.example/b"})).await;
    let response = remove(&server, &path).await.ok();
    assert_eq!(keys(&response), ["message", "success"]);
    let list = server.staff_get(WEBHOOKS).await.ok();
    assert_eq!(list["webhooks"], json!([read(&server, &other).await]));
    for path in [path, format!("{WEBHOOKS}/{ABSENT}"), format!("{WEBHOOKS}/x")] {
        for response in [
            remove(&server, &path).await,
            server.staff_get(&path).await,
            patch(&server, &path, &json!({"enabled": false})).await,
            server.staff_post(&format!("{path}/test"), &json!({})).await,
            server.staff_post(&format!("{path}/rotate-secret"), &json!({})).await,
            server
                .staff_post(&format!("{path}/replay"), &json!({"since": "2026-01-01T00:00:00Z"}))
                .await,
        ] {
            response.refused(404, "WEBHOOK_NOT_FOUND");
        }
    }
}

async fn everything_about_an_endpoint_can_be_changed(store: Store) {
    let server = start_server(store).await;
    let (old, new) = (HttpReceiver::start().await, HttpReceiver::start().await);
    let path = register(&server, &json!({"url": old.url("/a"), "description": "One"})).await;
    let created = json!(["case.created"]);
    for (change, field, value) in [
        (json!({"url": new.url("/b")}), "url", json!(new.url("/b"))),
        (json!({"eventTypes": ["CASE.created", "case.created"]}), "eventTypes", created.clone()),
        (json!({"description": " Two "}), "description", json!("Two")),
    ] {
        let mut expected = read(&server, &path).await;
        assert_ne!(expected[field], value);
        let response = patch(&server, &path, &change).await.ok();
        expected[field] = value;
        assert_eq!(response["webhook"], expected, "{change}");
        assert_eq!(read(&server, &path).await, expected, "{change}");
    }
    let unchanged = read(&server, &path).await;
    assert_eq!(patch(&server, &path, &json!({})).await.invalid_fields(), ["body"]);
    assert_eq!(read(&server, &path).await, unchanged);

    let number = open(&server).await;
    let [call] = &new.received_once(1).await[..] else { unreachable!() };
    assert_eq!(call.path, "/b");
    server.update(&number, &json!({"message": "Not wanted."})).await.ok();
    assert_eq!(messages(&server, "").await.len(), 1, "other events are not wanted");

    let all = json!({"eventTypes": null, "description": null});
    let response = patch(&server, &path, &all).await.ok();
    assert_eq!(
        (&response["webhook"]["eventTypes"], &response["webhook"]["description"]),
        (&json!([]), &Value::Null)
    );
    server.update(&number, &json!({"message": "Wanted."})).await.ok();
    new.received_once(2).await;
    assert_eq!(old.received().len(), 0);
}

async fn headers_are_changed_individually_or_all_removed(store: Store) {
    let server = start_server(store).await;
    let hooks = HttpReceiver::start().await;
    let headers = json!({"X-A": "1", "X-B": "2", "X-C": "3"});
    let path = register(&server, &json!({"url": hooks.url("/a"), "headers": headers})).await;
    let change = json!({"headers": {"x-b": "new", "X-C": null, "X-Unknown": null}});
    let changed = patch(&server, &path, &change).await.ok();
    assert_eq!(changed["webhook"]["headerNames"], json!(["X-A", "x-b"]));
    server.staff_post(&format!("{path}/test"), &json!({})).await.ok();
    let [call] = &hooks.received_once(1).await[..] else { unreachable!() };
    assert_eq!((call.header("x-a"), call.header("x-b")), ("1", "new"));

    let many: serde_json::Map<_, _> = (0..21).map(|n| (format!("X-{n}"), json!("1"))).collect();
    for wrong in [
        json!({"Host": "example.com"}),
        json!({"webhook-id": "1"}),
        json!({"X Y": "1"}),
        json!({"X-A": "a\r\nX-B: b"}),
        json!({"X-A": ""}),
        json!({"X-A": "Größe"}),
        json!({"X-A": "1", "x-a": "2"}),
        Value::Object(many),
    ] {
        let response = patch(&server, &path, &json!({"headers": wrong})).await;
        assert_eq!(response.invalid_fields(), ["headers"], "{wrong}");
        let new = json!({"url": hooks.url("/b"), "headers": wrong});
        assert_eq!(
            server.staff_post(WEBHOOKS, &new).await.invalid_fields(),
            ["headers"],
            "{wrong}"
        );
    }
    let unset = json!({"url": hooks.url("/b"), "headers": {"X-A": null}});
    assert_eq!(server.staff_post(WEBHOOKS, &unset).await.invalid_fields(), ["headers"]);
    assert_eq!(read(&server, &path).await["headerNames"], json!(["X-A", "x-b"]));
    let removed = patch(&server, &path, &json!({"headers": null})).await.ok();
    assert_eq!(removed["webhook"]["headerNames"], json!([]));
}

async fn all_errors_of_a_change_are_reported_and_nothing_changes(store: Store) {
    // Private networks are not allowed here.
    let server = Server::with_staff(store).await;
    let path = register(&server, &json!({"url": "https://93.184.215.14/a"})).await;
    let before = read(&server, &path).await;
    let wrong = json!({
        "url": "ftp://hooks.example", "eventTypes": ["case.lost"], "description": "x".repeat(201),
    });
    let fields = patch(&server, &path, &wrong).await.invalid_fields();
    assert_eq!(fields, ["url", "eventTypes", "description"]);
    let blank = patch(&server, &path, &json!({"eventTypes": [" "]})).await;
    assert_eq!(blank.invalid_fields(), ["eventTypes"], "an empty list would mean all");
    let none = patch(&server, &path, &json!({"eventTypes": []})).await;
    assert_eq!(none.invalid_fields(), ["eventTypes"], "an empty list would mean all");
    assert_eq!(patch(&server, &path, &json!({})).await.invalid_fields(), ["body"]);
    for url in [
        "http://example.com/hooks",
        "https://127.0.0.1/hooks",
        "https://localhost/hooks",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:10.0.0.1]/",
        "https://user:password@example.com/",
    ] {
        let response = patch(&server, &path, &json!({"url": url, "description": "Mine"})).await;
        assert_eq!(response.invalid_fields(), ["url"], "{url}");
    }
    assert_eq!(read(&server, &path).await, before);
}

async fn a_url_can_only_be_registered_once(store: Store) {
    let server = start_server(store).await;
    let first = server.staff_post(WEBHOOKS, &json!({"url": "https://Hooks.example/a"})).await.ok();
    let id = &first["webhook"]["id"];
    for same in
        ["https://Hooks.example/a", "HTTPS://hooks.EXAMPLE/a", "https://hooks.example:443/a"]
    {
        let response = server.staff_post(WEBHOOKS, &json!({"url": same})).await;
        let details = response.refused(409, "CONFLICT");
        assert_eq!((&details["url"], &details["webhookId"]), (&json!(same), id));
    }
    let other = register(&server, &json!({"url": "https://hooks.example/a?team=2"})).await;
    let taken = json!({"url": "https://hooks.example/a", "description": "Mine"});
    patch(&server, &other, &taken).await.refused(409, "CONFLICT");
    assert_eq!(read(&server, &other).await["description"], Value::Null);
    // An endpoint may keep its own URL.
    let own = json!({"url": "https://hooks.example/a?team=2", "description": "Mine"});
    patch(&server, &other, &own).await.ok();
}

/// On SQLite only, since the request is refused before anything is stored.
#[tokio::test]
async fn an_unknown_host_is_reported_in_a_sentence() {
    let server = Server::with_staff(Store::Sqlite).await;
    let url = json!({"url": "https://no-such-host.invalid/hooks"});
    let response = server.staff_post(WEBHOOKS, &url).await;
    let error = response.body["error"].as_str().unwrap_or_default().to_owned();
    assert_eq!(response.invalid_fields(), ["url"]);
    assert!(error.contains("url names a host that cannot be found"), "{error}");
}
