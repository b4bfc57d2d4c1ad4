//! Participants whom staff add, name and remove.

use reqwest::Method;
use serde_json::{Value, json};

use super::OpenCase;
use crate::support::{Response, Server, Store, on_both_stores};

on_both_stores! {
    staff_add_name_and_remove_participants
    an_address_that_cannot_take_part_is_refused
    a_case_has_at_most_twenty_participants
    an_unknown_participant_is_not_found
    a_removed_participant_loses_access_and_is_added_again
    staff_revoke_the_access_of_one_participant
    an_addition_under_a_key_is_replayed
    a_finished_case_accepts_no_participants
    erasing_a_case_erases_its_participants
}

async fn change(server: &Server, method: Method, path: &str, body: &Value) -> Response {
    Response::to(server.staff_request(method, path).json(body)).await
}

async fn remove(server: &Server, path: &str) -> Response {
    Response::to(server.staff_request(Method::DELETE, path)).await
}

async fn staff_add_name_and_remove_participants(store: Store) {
    let server = Server::with_staff(store).await;
    let case = OpenCase::open(&server).await;
    let body = json!({"email": "Ann@Customer.example", "name": "Ann Lee"});
    let added = server.staff_post(&case.path(), &body).await;
    assert_eq!(added.header("etag"), Some("\"2\""));
    let added = added.ok();
    let ann = &added["participants"][0];
    assert_eq!((&ann["email"], &ann["name"]), (&json!("Ann@Customer.example"), &json!("Ann Lee")));
    assert_eq!((&ann["state"], &ann["addedBy"]["id"]), (&json!("ACTIVE"), &json!("staff-123")));
    let again = server.staff_post(&case.path(), &body).await.ok();
    assert_eq!((&again["message"], &again["version"]), (&json!("Nothing to change"), &json!(2)));

    let path = format!("{}/{}", case.path(), ann["id"].as_str().unwrap());
    let named = change(&server, Method::PATCH, &path, &json!({"name": null})).await.ok();
    assert_eq!(named["participants"][0]["name"], Value::Null);
    assert_eq!(change(&server, Method::PATCH, &path, &json!({})).await.invalid_fields(), ["name"]);
    let stale = server.staff_request(Method::DELETE, &path).header("if-match", "\"2\"");
    Response::to(stale).await.refused(412, "PRECONDITION_FAILED");
    let removed = remove(&server, &path).await.ok();
    assert_eq!(removed["participants"][0]["state"], "REMOVED");
    assert_eq!(remove(&server, &path).await.ok()["message"], "Nothing to change");

    let listed = server.staff_get(&case.path()).await;
    assert_eq!(listed.header("etag"), Some("\"4\""));
    assert_eq!(listed.ok()["participants"], removed["participants"]);
    let history = format!("/api/internal/support/case/{}/history", case.number);
    let events = server.staff_get(&history).await.ok()["events"].clone();
    let fields: Vec<_> =
        events.as_array().unwrap().iter().map(|e| &e["changes"][0]["field"]).collect();
    assert_eq!(fields.iter().filter(|field| **field == "participant").count(), 3, "{events}");
}

async fn an_address_that_cannot_take_part_is_refused(store: Store) {
    let server = Server::with_staff(store).await;
    let case = OpenCase::open(&server).await;
    let member = json!({"id": "eve", "name": "Eve", "email": "eve@desk.example", "role": "AGENT"});
    server.staff_post("/api/internal/staff", &member).await.ok();
    for email in ["JOHN@example.com", "EVE@desk.example", "no-reply@x.example", "nonsense", ""] {
        let refused = server.staff_post(&case.path(), &json!({"email": email})).await;
        assert_eq!(refused.invalid_fields(), ["email"], "{email}");
    }
    let body = json!({"email": "a@x.example", "readsFrom": "YESTERDAY"});
    let refused = server.staff_post(&case.path(), &body).await;
    assert_eq!(refused.invalid_fields(), ["readsFrom"]);
}

async fn a_case_has_at_most_twenty_participants(store: Store) {
    let server = Server::with_staff(store).await;
    let case = OpenCase::open(&server).await;
    for turn in 0..20 {
        case.add(&server, &format!("p{turn}@x.example"), "NOW").await;
    }
    let refused = server.staff_post(&case.path(), &json!({"email": "p20@x.example"})).await;
    assert_eq!(refused.refused(409, "LIMIT_REACHED"), json!({"limit": 20}));
}

async fn an_unknown_participant_is_not_found(store: Store) {
    let server = Server::with_staff(store).await;
    let case = OpenCase::open(&server).await;
    case.add(&server, "ann@x.example", "NOW").await;
    for id in ["per_00000000000000000000000007", "nonsense", "per_"] {
        let path = format!("{}/{id}", case.path());
        remove(&server, &path).await.refused(404, "PARTICIPANT_NOT_FOUND");
        let named = change(&server, Method::PATCH, &path, &json!({"name": "Ann"})).await;
        named.refused(404, "PARTICIPANT_NOT_FOUND");
        let rotate =
            format!("/api/internal/support/case/{}/access/rotate?personId={id}", case.number);
        let rotated = Response::to(server.staff_request(Method::POST, &rotate)).await;
        rotated.refused(404, "PARTICIPANT_NOT_FOUND");
    }
    let other = "/api/internal/support/case/CW-2020-001/participants";
    server.staff_get(other).await.refused(404, "CASE_NOT_FOUND");
}

async fn a_removed_participant_loses_access_and_is_added_again(store: Store) {
    let server = Server::with_staff(store).await;
    let case = OpenCase::open(&server).await;
    let ann = case.add(&server, "ann@x.example", "START").await;
    let token = case.token_of(&server, "ann@x.example").await;
    server.update(&case.number, &json!({"message": "First."})).await.ok();
    assert_eq!(case.read(&server, &token).await, ["First."]);
    remove(&server, &format!("{}/{ann}", case.path())).await.ok();
    let look = case.with(&token, &json!({}));
    server.post("/api/support/case/status", &look).await.refused(404, "CASE_NOT_FOUND");
    server.update(&case.number, &json!({"message": "Second."})).await.ok();

    assert_eq!(case.add(&server, "ann@x.example", "NOW").await, ann);
    server.update(&case.number, &json!({"message": "Third."})).await.ok();
    assert_eq!(case.read(&server, &token).await, ["Third."]);
}

async fn staff_revoke_the_access_of_one_participant(store: Store) {
    let server = Server::with_staff(store).await;
    let case = OpenCase::open(&server).await;
    let ann = case.add(&server, "ann@x.example", "NOW").await;
    case.add(&server, "bob@x.example", "NOW").await;
    let anns = case.token_of(&server, "ann@x.example").await;
    let bobs = case.token_of(&server, "bob@x.example").await;
    let rotate = |query: String| {
        let path = format!("/api/internal/support/case/{}/access/rotate{query}", case.number);
        Response::to(server.staff_request(Method::POST, &path))
    };
    let works = async |token: &str| {
        server.post("/api/support/case/status", &case.with(token, &json!({}))).await.status == 200
    };
    rotate(format!("?personId={ann}")).await.ok();
    assert_eq!(
        (works(&anns).await, works(&bobs).await, works(&case.token).await),
        (false, true, true)
    );
    rotate(String::new()).await.ok();
    assert_eq!(
        (works(&anns).await, works(&bobs).await, works(&case.token).await),
        (false, false, false)
    );
}

async fn an_addition_under_a_key_is_replayed(store: Store) {
    let server = Server::with_staff(store).await;
    let case = OpenCase::open(&server).await;
    let add = async |email: &str| {
        let request = server.staff_request(Method::POST, &case.path());
        let request = request.header("idempotency-key", "k1").json(&json!({"email": email}));
        Response::to(request).await
    };
    let first = add("ann@x.example").await.ok();
    let second = add("ann@x.example").await;
    assert_eq!(second.header("idempotent-replayed"), Some("true"));
    assert_eq!(second.ok(), first);
    add("bob@x.example").await.refused(422, "IDEMPOTENCY_KEY_REUSED");
}

async fn a_finished_case_accepts_no_participants(store: Store) {
    let server = Server::with_staff(store).await;
    let case = OpenCase::open(&server).await;
    let ann = case.add(&server, "ann@x.example", "NOW").await;
    let cancel = case.with(&case.token, &json!({"reason": "Solved."}));
    server.post("/api/support/case/cancel", &cancel).await.ok();
    let refused = server.staff_post(&case.path(), &json!({"email": "bob@x.example"})).await;
    refused.refused(409, "INVALID_TRANSITION");
    // An access can always be ended.
    remove(&server, &format!("{}/{ann}", case.path())).await.ok();
}

async fn erasing_a_case_erases_its_participants(store: Store) {
    let server = Server::with_staff(store).await;
    let case = OpenCase::open(&server).await;
    case.add(&server, "ann.secret@x.example", "START").await;
    let token = case.token_of(&server, "ann.secret@x.example").await;
    let cancel = case.with(&case.token, &json!({"reason": "Solved."}));
    server.post("/api/support/case/cancel", &cancel).await.ok();
    let erase = format!("/api/internal/support/case/{}/erase", case.number);
    Response::to(server.staff_request(Method::POST, &erase)).await.ok();
    let look = server.post("/api/support/case/status", &case.with(&token, &json!({}))).await;
    look.refused(404, "CASE_NOT_FOUND");
    assert_eq!(server.staff_get(&case.path()).await.ok()["participants"], json!([]));
    let details = server.details(&case.number).await.to_string();
    assert!(!details.contains("ann.secret"), "{details}");
}
