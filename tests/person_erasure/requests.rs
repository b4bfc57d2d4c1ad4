//! Requests for erasures of persons: validation, keys, audit, and resumption.

use reqwest::Method;
use serde_json::{Value, json};

use super::{ERASE, begin, erase, finish, once, read};
use crate::support::{Response, Server, Store, a_case, on_both_stores};

on_both_stores! {
    a_preview_changes_nothing
    a_request_names_exactly_one_person
    an_unknown_contact_or_erasure_is_not_found
    a_request_is_repeated_under_its_key
    erasures_are_in_the_audit_log_without_addresses
    an_interrupted_erasure_is_resumed
    the_contact_of_an_address_is_erased_with_its_other_addresses
}

const JOHN: &str = "john@example.com";

async fn add_contact(server: &Server, emails: &[&str]) -> Value {
    let body = json!({"name": "John Doe", "emails": emails});
    server.staff_post("/api/internal/contacts", &body).await.ok()["contact"]["id"].clone()
}

async fn a_preview_changes_nothing(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    add_contact(&server, &[JOHN]).await;
    server.mails_once(2).await;
    let before = server.details(&number).await;
    let preview = json!({"email": JOHN, "preview": true});
    for _ in 0..2 {
        let counted = erase(&server, &preview).await.ok();
        let counts = json!({"id": null, "state": null, "cases": 1, "entries": 0, "quotes": 0});
        assert_eq!(counted, json!({"success": true, "erasure": counts}));
    }
    assert_eq!(server.details(&number).await, before);
    assert_eq!(
        server.staff_get("/api/internal/contacts").await.ok()["contacts"][0]["name"],
        "John Doe"
    );
    let nobody = json!({"email": "nobody@example.com", "preview": true});
    assert_eq!(erase(&server, &nobody).await.ok()["erasure"]["cases"], 0);
}

async fn a_request_names_exactly_one_person(store: Store) {
    let server = Server::with_staff(store).await;
    let id = "con_01jjg00000e008000000000001";
    for (body, field) in [
        (json!({}), "body"),
        (json!({"email": JOHN, "contactId": id}), "body"),
        (json!({"email": "john"}), "email"),
        (json!({"email": "absent@absent.invalid"}), "email"),
        (json!({"email": "erased@Erased.invalid"}), "email"),
        (json!({"contactId": "7"}), "contactId"),
        (json!({"email": JOHN, "preview": "yes"}), "preview"),
    ] {
        let fields = erase(&server, &body).await;
        if field == "preview" {
            fields.refused(400, "MALFORMED_JSON");
        } else {
            assert_eq!(fields.invalid_fields(), [field], "{body}");
        }
    }
}

async fn an_unknown_contact_or_erasure_is_not_found(store: Store) {
    let server = Server::with_staff(store).await;
    for preview in [true, false] {
        let body = json!({"contactId": "con_01jjg00000e008000000000001", "preview": preview});
        let details = erase(&server, &body).await.refused(404, "CONTACT_NOT_FOUND");
        assert_eq!(details["contactId"], body["contactId"]);
    }
    for id in ["era_01jjg00000e008000000000001", "nothing"] {
        let path = format!("/api/internal/customers/erasures/{id}");
        let details = server.staff_get(&path).await.refused(404, "ERASURE_NOT_FOUND");
        assert_eq!(details["erasureId"], id);
    }
}

async fn a_request_is_repeated_under_its_key(store: Store) {
    let server = Server::with_staff(store).await;
    server.open(&a_case()).await;
    let contact = add_contact(&server, &[JOHN]).await;
    let send = async |body: &Value| {
        let request = server.staff_request(Method::POST, ERASE);
        Response::to(request.header("idempotency-key", "erase").json(body)).await
    };
    let body = json!({"contactId": contact});
    let first = send(&body).await;
    assert_eq!(first.header("idempotent-replayed"), None);
    let first = first.ok();
    once(&server, &first["erasure"]["id"], "SECOND_PASS").await;
    // The contact is gone by now.
    let again = send(&body).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.ok(), first);
    send(&json!({"email": JOHN})).await.refused(422, "IDEMPOTENCY_KEY_REUSED");
    finish(&server, store, &first["erasure"]["id"]).await;
    assert_eq!(send(&body).await.ok(), first);
    // Without the key, another erasure finds nothing left.
    let other = begin(&server, &json!({"email": JOHN})).await;
    assert_eq!(other["cases"], 0);
}

async fn erasures_are_in_the_audit_log_without_addresses(store: Store) {
    let server = Server::with_staff(store).await;
    server.open(&a_case()).await;
    let contact = add_contact(&server, &[JOHN]).await;
    let erased = begin(&server, &json!({"email": JOHN})).await;
    finish(&server, store, &erased["id"]).await;
    let log = server.staff_get("/api/internal/audit").await.ok();
    let entries = log["entries"].as_array().unwrap();
    let of = |action: &str| {
        let mut found = entries.iter().filter(|entry| entry["action"] == action);
        found.next().unwrap_or_else(|| panic!("{action}: {log}")).clone()
    };
    let requested = of("person.erasure_requested");
    assert_eq!(
        (&requested["subject"], &requested["actor"]["id"]),
        (&erased["id"], &json!("staff-123"))
    );
    assert_eq!(requested["values"]["contactId"], contact);
    let done = of("person.erased");
    assert_eq!((&done["subject"], &done["actor"]["id"]), (&erased["id"], &json!("staff-123")));
    for (field, value) in [
        ("contactId", contact.clone()),
        ("state", json!("DONE")),
        ("cases", json!(1)),
        ("entries", json!(0)),
        ("quotes", json!(0)),
    ] {
        assert_eq!(done["values"][field], value, "{field}");
    }
    assert_eq!(of("contact.removed")["subject"], contact);
    assert_eq!(of("case.erased")["actor"]["id"], "staff-123");
    assert!(!log.to_string().contains("john"), "{log}");
}

async fn an_interrupted_erasure_is_resumed(store: Store) {
    let server = Server::with_staff(store).await;
    let numbers = [server.open(&a_case()).await, server.open(&a_case()).await];
    let erased = begin(&server, &json!({"email": JOHN})).await;
    let (workspace, token) = (server.workspace().clone(), server.token().to_owned());
    server.kill();
    // As if the server had been killed during the first pass, with a case half erased.
    let interrupted = format!(
        "UPDATE person_erasures SET state = 'RUNNING', cases = 1, begun = '{}', due_at = {}",
        numbers[1],
        store.hours_ago(1)
    );
    store.execute(&workspace, &interrupted).await;
    let mut server = Server::start_in(&workspace, &[]).await;
    server.use_token(token);
    let resumed = once(&server, &erased["id"], "SECOND_PASS").await;
    assert_eq!(resumed["cases"], 2);
    let version = |details: Value| details["case"]["version"].as_u64().unwrap();
    let first = version(server.details(&numbers[0]).await);
    assert_eq!(version(server.details(&numbers[1]).await), first + 1, "it was erased again");
    let done = finish(&server, store, &erased["id"]).await;
    assert_eq!(read(&server, &erased["id"]).await, done);
}

async fn the_contact_of_an_address_is_erased_with_its_other_addresses(store: Store) {
    let server = Server::with_staff(store).await;
    server.open(&a_case()).await;
    add_contact(&server, &[JOHN, "jd@x.example"]).await;
    let erased = begin(&server, &json!({"email": "jd@x.example"})).await;
    assert_eq!(erased["cases"], 1);
    assert_eq!(server.staff_get("/api/internal/contacts").await.ok()["contacts"], json!([]));
}
