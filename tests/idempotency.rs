//! Requests with an idempotency key, and requests with a version as a precondition.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Response, Server, Store, a_case, a_case_of_somebody, case_with, on_both_stores,
};

on_both_stores! {
    a_creation_under_a_key_is_replayed_and_happens_once
    a_change_by_staff_under_a_key_is_replayed_with_its_version
    a_key_survives_a_restart
    a_key_with_another_body_or_case_is_refused
    a_key_belongs_to_its_operation_and_its_caller
    a_change_by_a_customer_under_a_key_is_replayed_and_happens_once
    a_key_does_not_depend_on_the_spelling_of_the_case_number
    refused_and_ineffective_requests_do_not_use_their_key
    one_of_many_concurrent_requests_under_one_key_takes_effect
    a_change_of_another_version_is_refused
    a_change_of_the_current_version_is_accepted
    all_invalid_tags_and_keys_are_reported
    staff_can_escalate_without_a_limit
    staff_can_correct_the_data_of_the_customer
    an_empty_correction_or_one_of_a_finished_case_is_refused
}

async fn post_under(server: &Server, key: &str, path: &str, body: &Value) -> Response {
    Response::to(server.request(Method::POST, path).header("Idempotency-Key", key).json(body)).await
}

async fn staff_under(server: &Server, key: &str, path: &str, body: &Value) -> Response {
    let request = server.staff_request(Method::POST, path).header("Idempotency-Key", key);
    Response::to(request.json(body)).await
}

fn case_path(number: &str, rest: &str) -> String {
    format!("/api/internal/support/case/{number}{rest}")
}

async fn count(server: &Server) -> Value {
    server.staff_get("/api/internal/support/cases").await.ok()["pagination"]["total"].clone()
}

async fn a_creation_under_a_key_is_replayed_and_happens_once(store: Store) {
    let server = Server::with_staff(store).await;
    let first = post_under(&server, "order-66", "/api/support/case", &a_case()).await;
    assert_eq!(first.header("idempotent-replayed"), None);
    let again = post_under(&server, "order-66", "/api/support/case", &a_case()).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let (first, again) = (first.ok(), again.ok());
    assert!(first["accessToken"].as_str().unwrap().starts_with("cat_"));
    assert_eq!(first, again);
    assert_eq!(count(&server).await, 1);
    // One to the customer, one to the team.
    server.mails_once(2).await;

    let other = post_under(&server, "order-67", "/api/support/case", &a_case()).await.ok();
    assert_ne!(other["caseNumber"], first["caseNumber"]);
}

async fn a_change_by_staff_under_a_key_is_replayed_with_its_version(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let (path, body) = (case_path(&number, "/update"), json!({"message": "We are on it."}));
    let first = staff_under(&server, "k1", &path, &body).await;
    server.update(&number, &json!({"message": "Something else."})).await.ok();
    let again = staff_under(&server, "k1", &path, &body).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!((first.header("etag"), again.header("etag")), (Some("\"2\""), Some("\"2\"")));
    assert_eq!(first.ok(), again.ok());
    let details = server.details(&number).await;
    assert_eq!(details["case"]["version"], 3);
    assert_eq!(details["updates"].as_array().unwrap().len(), 2);
}

async fn a_key_survives_a_restart(store: Store) {
    let server = Server::with_staff(store).await;
    let first = post_under(&server, "k", "/api/support/case", &a_case()).await.ok();
    let workspace = server.workspace().clone();
    server.kill();
    let server = Server::start_in(&workspace, &[]).await;
    let again = post_under(&server, "k", "/api/support/case", &a_case()).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.ok(), first);
}

async fn a_key_with_another_body_or_case_is_refused(store: Store) {
    let server = Server::with_staff(store).await;
    post_under(&server, "k", "/api/support/case", &a_case()).await.ok();
    let other = case_with("subject", "Something else");
    post_under(&server, "k", "/api/support/case", &other)
        .await
        .refused(422, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(count(&server).await, 1);

    let (one, two) = (server.open(&a_case()).await, server.open(&a_case()).await);
    let body = json!({"message": "We are on it."});
    staff_under(&server, "k", &case_path(&one, "/update"), &body).await.ok();
    staff_under(&server, "k", &case_path(&two, "/update"), &body)
        .await
        .refused(422, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(server.details(&two).await["case"]["version"], 1);
}

async fn a_key_belongs_to_its_operation_and_its_caller(store: Store) {
    let mut server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let body = json!({"reason": "It burns."});
    staff_under(&server, "k", &case_path(&number, "/escalate"), &body).await.ok();
    let update = json!({"message": "It burns."});
    staff_under(&server, "k", &case_path(&number, "/update"), &update).await.ok();
    server.use_token(server.workspace().token("staff-456"));
    staff_under(&server, "k", &case_path(&number, "/escalate"), &body).await.ok();
    assert_eq!(server.details(&number).await["case"]["version"], 4);

    let ann = post_under(&server, "k", "/api/support/case", &a_case_of_somebody()).await.ok();
    let ben = post_under(&server, "k", "/api/support/case", &a_case_of_somebody()).await.ok();
    assert_ne!(ann["caseNumber"], ben["caseNumber"]);
}

async fn a_change_by_a_customer_under_a_key_is_replayed_and_happens_once(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&case_with("urgency", "LOW")).await;
    for (name, version) in [("escalate", 2), ("cancel", 3)] {
        let path = format!("/api/support/case/{name}");
        let body = json!({"caseNumber": number, "reason": "It burns."});
        let first = post_under(&server, "k", &path, &body).await;
        assert_eq!(first.header("idempotent-replayed"), None);
        let first = first.ok();
        let before = server.details(&number).await;
        assert_eq!(before["case"]["version"], version);
        // Neither the cool-down nor the current status prevents the replay.
        let again = post_under(&server, "k", &path, &body).await;
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(again.ok(), first);
        for part in ["case", "updates", "escalations"] {
            assert_eq!(server.details(&number).await[part], before[part], "{name} {part}");
        }
        let other = json!({"caseNumber": number, "reason": "Something else."});
        let reused = post_under(&server, "k", &path, &other).await;
        reused.refused(422, "IDEMPOTENCY_KEY_REUSED");
        let unnamed = server.post(&path, &body).await;
        assert!([409, 429].contains(&unnamed.status), "{unnamed:?}");
    }
}

async fn a_key_does_not_depend_on_the_spelling_of_the_case_number(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let body = json!({"message": "We are on it."});
    let first = staff_under(&server, "k", &case_path(&number, "/update"), &body).await.ok();
    for spelling in
        [number.to_lowercase(), number.replace("CW", "%63w"), number.replace('-', "%2D")]
    {
        let again = staff_under(&server, "k", &case_path(&spelling, "/update"), &body).await;
        assert_eq!(again.header("idempotent-replayed"), Some("true"), "{spelling}: {again:?}");
        assert_eq!(again.ok(), first);
    }
    assert_eq!(server.details(&number).await["case"]["version"], 2);
}

async fn refused_and_ineffective_requests_do_not_use_their_key(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let path = case_path(&number, "/update");
    let close = json!({"statusChange": "CLOSED"});
    staff_under(&server, "k", &path, &close).await.refused(409, "INVALID_TRANSITION");
    server.update(&number, &json!({"statusChange": "RESOLVED"})).await.ok();
    let closed = staff_under(&server, "k", &path, &close).await;
    assert_eq!(closed.header("idempotent-replayed"), None);
    assert_eq!(closed.ok()["status"], "CLOSED");

    let nothing = staff_under(&server, "l", &path, &json!({"statusChange": "CLOSED"})).await;
    assert_eq!(nothing.ok()["message"], "Nothing to change");
    let nothing = staff_under(&server, "l", &path, &json!({"statusChange": "CLOSED"})).await;
    assert_eq!(nothing.header("idempotent-replayed"), None);
}

async fn one_of_many_concurrent_requests_under_one_key_takes_effect(store: Store) {
    let server = Server::with_staff(store).await;
    let case = a_case();
    let responses = join_all((0..20).map(|_| post_under(&server, "k", "/api/support/case", &case)));
    let mut numbers = Vec::new();
    for response in responses.await {
        match response.status {
            200 => numbers.push(response.ok()["caseNumber"].clone()),
            _ => {
                response.refused(409, "IDEMPOTENCY_IN_PROGRESS");
            }
        }
    }
    assert!(!numbers.is_empty());
    assert!(numbers.iter().all(|number| *number == numbers[0]), "{numbers:?}");
    assert_eq!(count(&server).await, 1);
}

/// On PostgreSQL only, since an embedded database has one server.
#[tokio::test]
async fn two_servers_make_only_one_change_under_one_key() {
    let one = Server::with_staff(Store::Postgres).await;
    let two = Server::start_in(one.workspace(), &[]).await;
    for round in 0..10 {
        let (case, key) = (a_case_of_somebody(), format!("round-{round}"));
        let both = [&one, &two].map(|server| post_under(server, &key, "/api/support/case", &case));
        let responses: Vec<Value> = join_all(both).await.into_iter().map(Response::ok).collect();
        assert_eq!(responses[0], responses[1]);
    }
    assert_eq!(count(&one).await, 10);
}

async fn change_at(server: &Server, number: &str, tag: &str, body: &Value) -> Response {
    let request = server.staff_request(Method::POST, &case_path(number, "/update"));
    Response::to(request.header("If-Match", tag).json(body)).await
}

async fn a_change_of_another_version_is_refused(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let body = json!({"message": "We are on it."});
    for tag in ["\"2\"", "\"abc\"", "W/\"2\"", "\"7\", \"8\""] {
        let response = change_at(&server, &number, tag, &body).await;
        let details = response.refused(412, "PRECONDITION_FAILED");
        assert_eq!(details, json!({"currentVersion": 1}), "{tag}");
    }
    for (method, rest, body) in [
        (Method::PUT, "/assign", json!({"staffId": "staff-456"})),
        (Method::POST, "/escalate", json!({"reason": "It burns."})),
        (Method::PATCH, "", json!({"urgency": "LOW"})),
    ] {
        let request = server.staff_request(method, &case_path(&number, rest));
        let response = Response::to(request.header("If-Match", "\"2\"").json(&body)).await;
        response.refused(412, "PRECONDITION_FAILED");
    }
    assert_eq!(server.details(&number).await["case"]["version"], 1);
}

async fn a_change_of_the_current_version_is_accepted(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let body = json!({"message": "We are on it."});
    let read = server.staff_get(&case_path(&number, "")).await;
    let mut tag = read.header("etag").unwrap().to_owned();
    for _ in 0..3 {
        let response = change_at(&server, &number, &tag, &body).await;
        response.header("etag").unwrap().clone_into(&mut tag);
        response.ok();
    }
    assert_eq!(tag, "\"4\"");
    // A proxy that compresses responses weakens the tag like this.
    change_at(&server, &number, "W/\"4\"", &body).await.ok();
    change_at(&server, &number, "*", &body).await.ok();
    change_at(&server, &number, "\"1\", \"6\"", &body).await.ok();
}

async fn all_invalid_tags_and_keys_are_reported(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let request = server.staff_request(Method::POST, &case_path(&number, "/update"));
    let request = request.header("If-Match", "1").header("Idempotency-Key", "two words");
    let response = Response::to(request.json(&json!({"message": "x"}))).await;
    assert_eq!(response.invalid_fields(), ["If-Match", "Idempotency-Key"]);
}

async fn staff_can_escalate_without_a_limit(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&case_with("urgency", "LOW")).await;
    for (level, urgency) in [(1, "MEDIUM"), (2, "HIGH"), (3, "CRITICAL"), (3, "CRITICAL")] {
        let body = json!({"reason": "Outage at the customer's site"});
        let response = server.staff_post(&case_path(&number, "/escalate"), &body).await.ok();
        assert_eq!(
            (&response["escalationLevel"], &response["newUrgency"]),
            (&json!(level), &json!(urgency))
        );
    }
    let details = server.details(&number).await;
    let escalations = details["escalations"].as_array().unwrap();
    assert_eq!(escalations.len(), 4);
    assert_eq!(escalations[0]["by"]["id"], "staff-123");
    let lower = json!({"reason": "x", "newUrgency": "LOW"});
    let refused = server.staff_post(&case_path(&number, "/escalate"), &lower).await;
    refused.refused(400, "VALIDATION_ERROR");
}

async fn staff_can_correct_the_data_of_the_customer(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&case_with("urgency", "CRITICAL")).await;
    let correction = json!({"urgency": "low", "issueType": "BILLING", "customerType": "FREE"});
    let request = server.staff_request(Method::PATCH, &case_path(&number, ""));
    let response = Response::to(request.json(&correction)).await.ok();
    assert_eq!(response["message"], "Case corrected successfully");
    assert_eq!((&response["urgency"], &response["issueType"]), (&json!("LOW"), &json!("BILLING")));
    // LOW 10, FREE 0, BILLING 4.
    assert_eq!(
        (&response["customerType"], &response["priorityScore"]),
        (&json!("FREE"), &json!(14))
    );
    let details = server.details(&number).await;
    assert_eq!(details["case"]["caseDetails"]["urgency"], "LOW");
    assert_eq!(details["case"]["version"], 2);

    let request = server.staff_request(Method::PATCH, &case_path(&number, ""));
    let again = Response::to(request.json(&json!({"urgency": "LOW"}))).await.ok();
    assert_eq!((&again["message"], &again["version"]), (&json!("Nothing to change"), &json!(2)));
}

async fn an_empty_correction_or_one_of_a_finished_case_is_refused(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let patch = async |body: Value| {
        let request = server.staff_request(Method::PATCH, &case_path(&number, ""));
        Response::to(request.json(&body)).await
    };
    patch(json!({})).await.refused(400, "VALIDATION_ERROR");
    patch(json!({"urgency": null, "issueType": " "})).await.refused(400, "VALIDATION_ERROR");
    patch(json!({"urgency": "MILD"})).await.refused(400, "VALIDATION_ERROR");
    server
        .post("/api/support/case/cancel", &json!({"caseNumber": number, "reason": "x"}))
        .await
        .ok();
    patch(json!({"urgency": "LOW"})).await.refused(409, "INVALID_TRANSITION");
}
