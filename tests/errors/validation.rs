//! Errors of bodies and queries.

use std::collections::BTreeSet;

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::support::{Response, Server, Store, a_case, on_both_stores};

on_both_stores! {
    invalid_json_is_malformed
    all_errors_of_a_request_are_reported_at_once
    quoted_parts_of_a_request_are_short_and_on_one_line
    a_change_without_any_field_is_refused
    times_up_to_the_year_9999_and_a_lost_plus_sign_are_recognised
}

async fn invalid_json_is_malformed(store: Store) {
    let server = Server::start(store).await;
    let send = async |body: &'static str| {
        let request = server.request(Method::POST, "/api/support/case");
        Response::to(request.header(CONTENT_TYPE, "application/json").body(body)).await
    };
    for body in ["", " ", "{", "nonsense", "{} {}", "{\"name\": 'x'}", "{\"name\": \"x\",}"] {
        let details = send(body).await.refused(400, "MALFORMED_JSON");
        assert!(details["line"].is_u64() && details["column"].is_u64(), "{body}: {details}");
    }
    let details = send("{\n \"name\": 5}").await.refused(400, "MALFORMED_JSON");
    assert_eq!((&details["line"], &details["path"]), (&json!(2), &json!("name")));
    for body in ["[]", "5", "\"x\"", "null", "true"] {
        send(body).await.refused(400, "MALFORMED_JSON");
    }
}

async fn all_errors_of_a_request_are_reported_at_once(store: Store) {
    let server = Server::with_staff(store).await;
    let response = server.post("/api/support/case", &json!({})).await;
    assert_eq!(response.invalid_fields(), ["name", "email", "subject", "message"]);

    let bad = json!({
        "name": " ", "email": "nobody", "organization": "a\u{0}b", "phone": "112",
        "customerType": "VIP", "issueType": "?", "urgency": "MILD", "subject": "a\nb",
        "clientOrProjectName": "x".repeat(201), "message": "",
    });
    let details = server.post("/api/support/case", &bad).await.refused(400, "VALIDATION_ERROR");
    let fields = details["fields"].as_array().unwrap();
    let named: BTreeSet<&str> = fields.iter().map(|f| f["field"].as_str().unwrap()).collect();
    let sent: BTreeSet<&str> = bad.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(named, sent);
    for (field, allowed) in [
        ("customerType", json!(["FREE", "BUSINESS", "ENTERPRISE"])),
        ("issueType", json!(["TECHNICAL", "BILLING", "GENERAL"])),
        ("urgency", json!(["LOW", "MEDIUM", "HIGH", "CRITICAL"])),
    ] {
        let problem = fields.iter().find(|problem| problem["field"] == field).unwrap();
        assert_eq!(problem["allowed"], allowed);
    }

    let query = "page=0&limit=101&sortBy=x&sortOrder=up&status=x&urgency=x&customerType=x\
        &issueType=x&assignedTo=%21&createdFrom=x&createdTo=x";
    let response = server.staff_get(&format!("/api/internal/support/cases?{query}")).await;
    let named: BTreeSet<String> = response.invalid_fields().into_iter().collect();
    let sent: BTreeSet<String> =
        query.split('&').map(|pair| pair.split('=').next().unwrap().to_owned()).collect();
    assert_eq!(named, sent);
}

async fn quoted_parts_of_a_request_are_short_and_on_one_line(store: Store) {
    let server = Server::with_staff(store).await;
    let long = "x".repeat(20_000);
    let mut responses = Vec::new();
    for text in ["", "a\nb", "CW-2025-001\r\nX: y", "\u{202e}drowssap", "a\u{2028}b", &long] {
        responses.push(server.post("/api/support/case/status", &json!({"caseNumber": text})).await);
        let assign = json!({"staffId": "staff-456", text: 1});
        responses
            .push(server.staff_put("/api/internal/support/case/CW-2025-001/assign", &assign).await);
        let wrong = json!({"message": "m", "isInternal": text});
        responses.push(server.update("CW-2025-001", &wrong).await);
    }
    for path in ["case/a%0d%0aX:%20y", "case/%e2%80%a8", "attachments/a%0ab", "nothing%0ahere"] {
        responses.push(server.staff_get(&format!("/api/internal/support/{path}")).await);
    }
    for path in ["notifications/a%0ab", "webhooks/a%0db", "staff/a%0ab"] {
        responses.push(server.staff_get(&format!("/api/internal/{path}")).await);
    }
    for response in responses {
        response.assert_is_error();
        let error = response.body["error"].as_str().unwrap();
        assert!(!error.contains(['\n', '\r', '\u{202e}', '\u{2028}']), "{error:?}");
        assert!(!error.contains("  ") && !error.contains(" ,"), "{error:?}");
        assert!(response.body.to_string().len() < 1_000, "{response:?}");
    }
}

async fn a_change_without_any_field_is_refused(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let case = format!("/api/internal/support/case/{number}");
    for (path, bodies) in [
        (&*case, [json!({}), json!({"urgency": null}), json!({"issueType": " "})]),
        (
            "/api/internal/staff/staff-456",
            [json!({}), json!({"name": ""}), json!({"active": null})],
        ),
    ] {
        for body in bodies {
            let request = server.staff_request(Method::PATCH, path).json(&body);
            assert_eq!(Response::to(request).await.invalid_fields(), ["body"], "{path} {body}");
        }
    }
    for body in [json!({"issueType": "BILLING"}), json!({"customerType": "FREE"})] {
        let request = server.staff_request(Method::PATCH, &case).json(&body);
        Response::to(request).await.ok();
    }
    let no_department = json!({"department": null});
    let request = server.staff_request(Method::PATCH, "/api/internal/staff/staff-456");
    assert_eq!(
        Response::to(request.json(&no_department)).await.ok()["staff"]["department"],
        Value::Null
    );
}

async fn times_up_to_the_year_9999_and_a_lost_plus_sign_are_recognised(store: Store) {
    let server = Server::with_staff(store).await;
    server.open(&a_case()).await;
    let list = |query: &str| format!("/api/internal/support/cases?{query}");
    let all = server.staff_get(&list("createdTo=9999-12-31T23:59:59Z")).await.ok();
    assert_eq!(all["pagination"]["total"], 1);
    let response = server.staff_get(&list("createdFrom=2026-11-28T00:00:00+02:00")).await;
    assert!(response.body["error"].as_str().unwrap().contains("%2B"), "{response:?}");
    assert_eq!(response.invalid_fields(), ["createdFrom"]);
    let path = "/api/internal/staff/staff-456/tokens";
    let body = json!({"expiresAt": "9999-12-31T23:59:59Z"});
    let response = server.staff_post(path, &body).await;
    // The maximum life of a token is unrelated to the range of valid times.
    assert!(
        response.status == 200 || !response.body.to_string().contains("RFC 3339"),
        "{response:?}"
    );
}
