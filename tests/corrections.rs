//! Corrections of the customer's details and the subject.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Mail, Response, Server, Store, a_case, eventually, on_both_stores};

on_both_stores! {
    corrected_details_are_shown_listed_found_and_recorded
    a_new_address_ends_the_access_of_the_old_one_and_is_mailed
    a_case_without_an_address_gets_one_and_loses_it_again
    an_invalid_correction_names_its_field
    corrected_details_are_erased_with_the_case
    a_correction_honours_preconditions_and_keys
}

fn correcting(server: &Server, number: &str) -> reqwest::RequestBuilder {
    server.staff_request(Method::PATCH, &format!("/api/internal/support/case/{number}"))
}

async fn correct(server: &Server, number: &str, body: &Value) -> Response {
    Response::to(correcting(server, number).json(body)).await
}

async fn total(server: &Server, query: &str) -> Value {
    let list = server.staff_get(&format!("/api/internal/support/cases?{query}")).await.ok();
    list["pagination"]["total"].clone()
}

async fn corrected_details_are_shown_listed_found_and_recorded(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let body = json!({
        "name": "Jonathan Dough",
        "email": "jd@person.example",
        "phone": "+15550100912",
        "organization": "Initech",
        "clientOrProjectName": null,
        "subject": "Cannot open spreadsheet",
    });
    let corrected = correct(&server, &number, &body).await.ok();
    for field in ["name", "email", "phone", "organization", "clientOrProjectName", "subject"] {
        assert_eq!(corrected[field], body[field], "{field}");
    }
    let case = server.details(&number).await["case"].clone();
    assert_eq!(case["customerInfo"]["name"], "Jonathan Dough");
    assert_eq!(case["customerInfo"]["email"], "jd@person.example");
    assert_eq!(case["caseDetails"]["subject"], "Cannot open spreadsheet");
    assert_eq!(case["caseDetails"]["clientOrProjectName"], Value::Null);
    for (query, found) in [
        ("customerEmail=jd@person.example", 1),
        ("customerEmail=john@example.com", 0),
        ("q=spreadsheet", 1),
        ("q=dough", 1),
        ("q=dashboard", 0),
        ("q=john@example.com", 0),
    ] {
        assert_eq!(total(&server, query).await, found, "{query}");
    }
    let export = server.staff_request(Method::GET, "/api/internal/support/cases/export");
    let export = export.send().await.unwrap().text().await.unwrap();
    assert!(export.contains("jd@person.example") && !export.contains("john@example.com"));

    let path = format!("/api/internal/support/case/{number}/history");
    let history = server.staff_get(&path).await.ok();
    let event = &history["events"][1];
    assert_eq!(event["type"], "case.updated");
    let change = json!({"field": "email", "from": "john@example.com", "to": "jd@person.example"});
    assert!(event["changes"].as_array().unwrap().contains(&change), "{event}");
    let again = correct(&server, &number, &body).await.ok();
    assert_eq!(again["message"], "Nothing to change");
}

async fn a_new_address_ends_the_access_of_the_old_one_and_is_mailed(store: Store) {
    let server = Server::with_staff_and(store, &[("ENGAGE_CUSTOMERS__ACCESS", "email")]).await;
    let opened = server.post("/api/support/case", &a_case()).await.ok();
    let number = opened["caseNumber"].as_str().unwrap();
    let to_old = |mail: &Mail| mail.header("To").contains("john@example.com");
    let before = server.mails_once(2).await.iter().filter(|mail| to_old(mail)).count();
    correct(&server, number, &json!({"email": "jd@person.example"})).await.ok();

    let status = "/api/support/case/status";
    let token = json!({"caseNumber": number, "accessToken": opened["accessToken"]});
    server.post(status, &token).await.refused(404, "CASE_NOT_FOUND");
    let old = json!({"caseNumber": number, "email": "john@example.com"});
    server.post(status, &old).await.refused(404, "CASE_NOT_FOUND");
    let new = json!({"caseNumber": number, "email": "jd@person.example"});
    let shown = server.post(status, &new).await.ok();
    let text = shown.to_string();
    assert!(text.contains("The e-mail address for this case was changed"), "{text}");

    let to_new = |mail: &Mail| mail.header("To").contains("jd@person.example");
    eventually("a mail to the new address", || server.mails().iter().any(to_new).then_some(()))
        .await;
    let mails = server.mails();
    assert_eq!(mails.iter().filter(|mail| to_old(mail)).count(), before);
}

async fn a_case_without_an_address_gets_one_and_loses_it_again(store: Store) {
    let server = Server::with_staff(store).await;
    let mut body = a_case();
    body["email"] = Value::Null;
    let opened = server.staff_post("/api/internal/support/cases", &body).await.ok();
    let number = opened["caseNumber"].as_str().unwrap();
    let refused = correct(&server, number, &json!({"phone": null})).await;
    assert_eq!(refused.invalid_fields(), ["email"]);
    let added = correct(&server, number, &json!({"email": "jd@person.example"})).await.ok();
    assert_eq!(added["email"], "jd@person.example");
    let removed = correct(&server, number, &json!({"email": null})).await.ok();
    assert_eq!(removed["email"], Value::Null);
    assert_eq!(total(&server, "customerEmail=jd@person.example").await, 0);
}

async fn an_invalid_correction_names_its_field(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    for (field, value) in [
        ("email", json!("john@localhost")),
        ("email", json!("")),
        ("name", json!(" ")),
        ("phone", json!("12")),
        ("subject", json!("x".repeat(201))),
        ("organization", json!("")),
    ] {
        let refused = correct(&server, &number, &json!({ field: value })).await;
        assert_eq!(refused.invalid_fields(), [field], "{value}");
    }
    let refused = correct(&server, &number, &json!({"email": null, "phone": null})).await;
    assert_eq!(refused.invalid_fields(), ["email"]);
    server.update(&number, &json!({"statusChange": "CANCELLED"})).await.ok();
    let late = correct(&server, &number, &json!({"name": "Jon"})).await;
    late.refused(409, "INVALID_TRANSITION");
}

async fn corrected_details_are_erased_with_the_case(store: Store) {
    const WORDS: [&str; 3] = ["Zelda", "xyzzy", "plugh"];
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    for (name, email) in [("Zelda Quux", "zelda@xyzzy.example"), ("Zelda Q", "quux@plugh.example")]
    {
        correct(&server, &number, &json!({"name": name, "email": email})).await.ok();
    }
    let dump = store.dump(server.workspace()).await;
    assert!(WORDS.iter().all(|word| dump.contains(word)));
    let erase = format!("/api/internal/support/case/{number}/erase");
    Response::to(server.staff_request(Method::POST, &erase)).await.ok();
    let dump = store.dump(server.workspace()).await;
    let left: Vec<_> = WORDS.iter().filter(|word| dump.contains(*word)).collect();
    assert!(left.is_empty(), "{left:?} are left: {dump}");
}

async fn a_correction_honours_preconditions_and_keys(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let body = json!({"email": "jd@person.example"});
    let stale = correcting(&server, &number).header("if-match", "\"7\"").json(&body);
    Response::to(stale).await.refused(412, "PRECONDITION_FAILED");
    let keyed = || correcting(&server, &number).header("idempotency-key", "correct").json(&body);
    let first = Response::to(keyed()).await;
    let again = Response::to(keyed()).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.ok(), first.ok());
}
