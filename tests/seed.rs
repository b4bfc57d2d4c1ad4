//! The requests of the original specification, sent as they are written there without their
//! comments, and the specified responses.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::support::{Response, Server, Store, keys, on_both_stores, timestamp};

on_both_stores! {
    a_case_is_created
    a_cases_status_is_checked
    a_case_is_escalated
    a_case_is_cancelled
    cases_are_listed_with_all_the_parameters
    the_list_has_its_defaults_and_pages
    a_cases_details_are_complete
    absent_values_are_null_and_not_omitted
    a_case_is_updated
    a_case_is_assigned
    the_service_reports_its_health
    errors_have_the_promised_format
}

const CREATE: &str = r#"{
  "name": "John Doe",
  "email": "john@example.com", 
  "organization": "Acme Corp",
  "phone": "+1234567890",
  "customerType": "BUSINESS", // FREE, BUSINESS, ENTERPRISE
  "issueType": "TECHNICAL",   // TECHNICAL, BILLING, GENERAL
  "urgency": "HIGH",          // LOW, MEDIUM, HIGH, CRITICAL
  "clientOrProjectName": "My Project",
  "subject": "Unable to access dashboard",
  "message": "Detailed description of the issue..."
}"#;

const STATUS: &str = r#"{
  "caseNumber": "CW-2025-001"
}"#;

const ESCALATE: &str = r#"{
  "caseNumber": "CW-2025-001",
  "reason": "No response for 24 hours",
  "newUrgency": "CRITICAL" // Optional
}"#;

const CANCEL: &str = r#"{
  "caseNumber": "CW-2025-001",
  "reason": "Issue resolved independently"
}"#;

const LIST: &str = r#"{
  "status": "OPEN",           // Optional filter
  "urgency": "HIGH",          // Optional filter  
  "customerType": "BUSINESS", // Optional filter
  "assignedTo": "staff-id",   // Optional filter
  "page": 1,                  // Default: 1
  "limit": 20,               // Default: 20
  "sortBy": "createdAt",     // Default: createdAt
  "sortOrder": "desc"        // Default: desc
}"#;

const UPDATE: &str = r#"{
  "message": "Investigated the issue, found root cause in authentication module",
  "isInternal": false,        // Whether visible to customer
  "statusChange": "IN_PROGRESS", // Optional status update
  "attachments": []           // Optional file attachments
}"#;

const ASSIGN: &str = r#"{
  "staffId": "staff-456",
  "department": "Technical Support",
  "notes": "Reassigning to senior engineer"
}"#;

fn without_comments(example: &str) -> String {
    let lines: Vec<&str> =
        example.lines().map(|line| line.split_once("//").map_or(line, |(text, _)| text)).collect();
    lines.join("\n")
}

/// Sends an example about the case with this number.
async fn send(
    server: &Server,
    method: Method,
    path: &str,
    example: &str,
    number: &str,
) -> Response {
    let body = without_comments(example).replace("CW-2025-001", number);
    let request = server.staff_request(method, &path.replace(":caseNumber", number));
    Response::to(request.header(CONTENT_TYPE, "application/json").body(body)).await
}

async fn post(server: &Server, path: &str, example: &str, number: &str) -> Value {
    send(server, Method::POST, path, example, number).await.ok()
}

async fn opened(server: &Server) -> String {
    let response = post(server, "/api/support/case", CREATE, "").await;
    response["caseNumber"].as_str().unwrap().to_owned()
}

#[track_caller]
fn assert_has_keys(object: &Value, expected: &str) {
    let present: BTreeSet<&str> = keys(object).into_iter().collect();
    for key in expected.split(' ') {
        assert!(present.contains(key), "no {key} in {object}");
    }
}

async fn a_case_is_created(store: Store) {
    let server = Server::with_staff(store).await;
    let response = post(&server, "/api/support/case", CREATE, "").await;
    assert_has_keys(&response, "success caseNumber message estimatedResolution accessToken");
    assert_eq!(response["message"], "Support case created successfully");
    assert_eq!(response["status"], "OPEN");
    let number = response["caseNumber"].as_str().unwrap();

    let details = server.details(number).await;
    let created_at = timestamp(&details["case"]["timeline"]["createdAt"]);
    let year = created_at.to_zoned(jiff::tz::TimeZone::UTC).year();
    assert_eq!(number, format!("CW-{year}-001"));
    let due = timestamp(&response["estimatedResolution"]);
    assert_eq!(due.duration_since(created_at), SignedDuration::from_hours(48));
}

async fn a_cases_status_is_checked(store: Store) {
    let server = Server::with_staff(store).await;
    let number = opened(&server).await;
    post(&server, "/api/internal/support/case/:caseNumber/update", UPDATE, &number).await;

    let response = post(&server, "/api/support/case/status", STATUS, &number).await;
    assert_eq!(keys(&response), ["case", "pagination", "success", "updates"]);
    let case = &response["case"];
    let expected = [
        "caseNumber",
        "createdAt",
        "estimatedResolution",
        "lastUpdated",
        "message",
        "status",
        "subject",
        "urgency",
    ];
    assert_eq!(keys(case), expected);
    assert_eq!(case["caseNumber"], number.as_str());
    assert_eq!(case["status"], "IN_PROGRESS");
    assert_eq!(case["urgency"], "HIGH");
    let created_at = timestamp(&case["createdAt"]);
    assert!(timestamp(&case["lastUpdated"]) >= created_at);
    let due = timestamp(&case["estimatedResolution"]);
    assert_eq!(due.duration_since(created_at), SignedDuration::from_hours(48));

    let updates = response["updates"].as_array().unwrap();
    assert_eq!(updates.len(), 1);
    let expected = ["author", "isInternal", "isMine", "message", "timestamp"];
    assert_eq!(keys(&updates[0]), expected);
    let written = "Investigated the issue, found root cause in authentication module";
    assert_eq!(updates[0]["message"], written);
    assert_eq!(updates[0]["isInternal"], false);
    assert_eq!(timestamp(&updates[0]["timestamp"]), timestamp(&case["lastUpdated"]));
}

async fn a_case_is_escalated(store: Store) {
    let server = Server::with_staff(store).await;
    let number = opened(&server).await;
    let response = post(&server, "/api/support/case/escalate", ESCALATE, &number).await;
    assert_eq!(
        response,
        json!({
            "success": true,
            "message": "Case escalated successfully",
            "caseNumber": number,
            "newUrgency": "CRITICAL",
        })
    );
    let details = server.details(&number).await;
    assert_eq!(details["case"]["caseDetails"]["urgency"], "CRITICAL");
    let escalation = &details["escalations"][0];
    let expected = ["by", "level", "newUrgency", "previousUrgency", "reason", "timestamp"];
    assert_eq!(keys(escalation), expected);
    assert_eq!(escalation["reason"], "No response for 24 hours");
    assert_eq!(escalation["previousUrgency"], "HIGH");
}

async fn a_case_is_cancelled(store: Store) {
    let server = Server::with_staff(store).await;
    let number = opened(&server).await;
    let response = post(&server, "/api/support/case/cancel", CANCEL, &number).await;
    assert_eq!(
        response,
        json!({
            "success": true,
            "message": "Case cancelled successfully",
            "caseNumber": number,
        })
    );
    let status = post(&server, "/api/support/case/status", STATUS, &number).await;
    assert_eq!(status["case"]["status"], "CANCELLED");
}

/// Returns the pagination of the last page of a list.
fn pagination(page: u32, limit: u32, total: u64, pages: u64) -> Value {
    json!({"page": page, "limit": limit, "total": total, "pages": pages, "nextCursor": null})
}

async fn cases_are_listed_with_all_the_parameters(store: Store) {
    let server = Server::with_staff(store).await;
    let number = opened(&server).await;
    let parameters: Value = serde_json::from_str(&without_comments(LIST)).unwrap();
    let query = async |assigned_to: &str, status: &str| {
        let mut parameters = parameters.clone();
        parameters["assignedTo"] = json!(assigned_to);
        parameters["status"] = json!(status);
        let pairs = parameters.as_object().unwrap().iter();
        let pairs = pairs.map(|(key, value)| format!("{key}={value}").replace('"', ""));
        let query = pairs.collect::<Vec<_>>().join("&");
        server.staff_get(&format!("/api/internal/support/cases?{query}")).await
    };

    let nobodys = query("staff-id", "OPEN").await.ok();
    assert_eq!(keys(&nobodys), ["cases", "pagination", "success"]);
    assert_eq!(nobodys["cases"], json!([]));
    assert_eq!(nobodys["pagination"], pagination(1, 20, 0, 0));

    let assign = "/api/internal/support/case/:caseNumber/assign";
    send(&server, Method::PUT, assign, ASSIGN, &number).await.ok();
    let response = query("staff-456", "IN_PROGRESS").await.ok();
    assert_eq!(response["pagination"], pagination(1, 20, 1, 1));
    let case = &response["cases"][0];
    assert_has_keys(case, "caseNumber customerName customerEmail status urgency issueType");
    assert_has_keys(case, "assignedTo createdAt lastActivity");
    assert_eq!(case["caseNumber"], number.as_str());
    assert_eq!(case["customerName"], "John Doe");
    assert_eq!(case["customerEmail"], "john@example.com");
    assert_eq!(case["status"], "IN_PROGRESS");
    assert_eq!(case["urgency"], "HIGH");
    assert_eq!(case["issueType"], "TECHNICAL");
    assert_eq!(case["assignedTo"], json!({"id": "staff-456", "name": "Sam Jones"}));
    assert!(timestamp(&case["lastActivity"]) >= timestamp(&case["createdAt"]));
}

async fn the_list_has_its_defaults_and_pages(store: Store) {
    let server = Server::with_staff(store).await;
    for _ in 0..3 {
        opened(&server).await;
    }
    let plain = server.staff_get("/api/internal/support/cases").await.ok();
    let defaults = "/api/internal/support/cases?page=1&limit=20&sortBy=createdAt&sortOrder=desc";
    assert_eq!(server.staff_get(defaults).await.ok(), plain);
    let numbers = |response: &Value| -> Vec<String> {
        let cases = response["cases"].as_array().unwrap().iter();
        cases.map(|case| case["caseNumber"].as_str().unwrap().to_owned()).collect()
    };
    let all = numbers(&plain);
    assert_eq!(all.len(), 3);
    let page = async |number: u32| {
        let path = format!("/api/internal/support/cases?limit=2&page={number}");
        server.staff_get(&path).await.ok()
    };
    let (first, second, third) = (page(1).await, page(2).await, page(3).await);
    assert_eq!([numbers(&first), numbers(&second)].concat(), all);
    assert_eq!(numbers(&third), [""; 0]);
    assert_eq!(third["pagination"], pagination(3, 2, 3, 2));
}

async fn a_cases_details_are_complete(store: Store) {
    let server = Server::with_staff(store).await;
    let number = opened(&server).await;
    let assign = "/api/internal/support/case/:caseNumber/assign";
    send(&server, Method::PUT, assign, ASSIGN, &number).await.ok();
    post(&server, "/api/internal/support/case/:caseNumber/update", UPDATE, &number).await;

    let response = server.details(&number).await;
    assert_has_keys(&response, "success case updates escalations attachments");
    let case = &response["case"];
    assert_eq!(case["caseNumber"], number.as_str());
    assert_eq!(
        case["customerInfo"],
        json!({
            "name": "John Doe",
            "email": "john@example.com",
            "organization": "Acme Corp",
            "phone": "+1234567890",
            "customerType": "BUSINESS",
        })
    );
    let details = &case["caseDetails"];
    assert_eq!(details["subject"], "Unable to access dashboard");
    assert_eq!(details["message"], "Detailed description of the issue...");
    assert_eq!(details["clientOrProjectName"], "My Project");
    assert_eq!(details["issueType"], "TECHNICAL");
    assert_eq!(details["urgency"], "HIGH");
    assert_eq!(details["status"], "IN_PROGRESS");
    assert_eq!(details["priorityScore"], 85);
    let assignment = &case["assignment"];
    assert_eq!(assignment["assignedTo"], "staff-456");
    assert_eq!(assignment["department"], "Technical Support");
    let timeline = &case["timeline"];
    let created_at = timestamp(&timeline["createdAt"]);
    assert!(timestamp(&assignment["assignedAt"]) >= created_at);
    assert!(timestamp(&timeline["firstResponse"]) >= timestamp(&assignment["assignedAt"]));
    assert_eq!(timeline["lastActivity"], timeline["firstResponse"]);
    let due = timestamp(&timeline["estimatedResolution"]);
    assert_eq!(due.duration_since(created_at), SignedDuration::from_hours(48));

    let messages: Vec<&str> = response["updates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|update| update["message"].as_str().unwrap())
        .collect();
    assert_eq!(
        messages,
        [
            "Case assigned to Technical Support",
            "Reassigning to senior engineer",
            "Investigated the issue, found root cause in authentication module",
        ]
    );
    assert_eq!(response["escalations"], json!([]));
    assert_eq!(response["attachments"], json!([]));
}

async fn absent_values_are_null_and_not_omitted(store: Store) {
    let server = Server::with_staff(store).await;
    let body = json!({"name": "A", "email": "a@b.c", "subject": "S", "message": "M"});
    let number = server.open(&body).await;
    let case = &server.details(&number).await["case"];
    assert_eq!(case["customerInfo"]["organization"], Value::Null);
    assert_eq!(case["customerInfo"]["phone"], Value::Null);
    assert_eq!(case["customerInfo"]["customerType"], "FREE");
    assert_eq!(case["caseDetails"]["issueType"], "GENERAL");
    assert_eq!(case["caseDetails"]["urgency"], "MEDIUM");
    for (part, key) in [
        ("customerInfo", "organization"),
        ("customerInfo", "phone"),
        ("caseDetails", "clientOrProjectName"),
        ("assignment", "assignedTo"),
        ("assignment", "assignedAt"),
        ("assignment", "department"),
        ("timeline", "firstResponse"),
    ] {
        assert_has_keys(&case[part], key);
        assert_eq!(case[part][key], Value::Null, "{part}.{key}");
    }
}

async fn a_case_is_updated(store: Store) {
    let server = Server::with_staff(store).await;
    let number = opened(&server).await;
    let path = "/api/internal/support/case/:caseNumber/update";
    let response = post(&server, path, UPDATE, &number).await;
    let expected = ["caseNumber", "message", "status", "success", "update", "version"];
    assert_eq!(keys(&response), expected);
    assert_eq!(response["caseNumber"], number.as_str());
    assert_eq!(response["status"], "IN_PROGRESS");
    assert_eq!(response["version"], 2);
    let update = &response["update"];
    assert_has_keys(update, "id timestamp message isInternal author attachments");
    assert_eq!(update["isInternal"], false);
    assert_eq!(update["author"]["id"], "staff-123");
    assert_eq!(update["author"]["name"], "Jane Smith");
    assert_eq!(update["attachments"], json!([]));
}

async fn a_case_is_assigned(store: Store) {
    let server = Server::with_staff(store).await;
    let number = opened(&server).await;
    let path = "/api/internal/support/case/:caseNumber/assign";
    let response = send(&server, Method::PUT, path, ASSIGN, &number).await;
    assert_eq!(response.header("etag"), Some("\"2\""));
    let response = response.ok();
    let expected = ["assignment", "caseNumber", "message", "status", "success", "version"];
    assert_eq!(keys(&response), expected);
    let assignment = &response["assignment"];
    assert_eq!(assignment["assignedTo"], "staff-456");
    assert_eq!(assignment["department"], "Technical Support");
    timestamp(&assignment["assignedAt"]);
    assert_eq!(response["status"], "IN_PROGRESS");
    assert_eq!(response["version"], 2);

    let status = post(&server, "/api/support/case/status", STATUS, &number).await;
    let messages: Vec<&Value> =
        status["updates"].as_array().unwrap().iter().map(|update| &update["message"]).collect();
    assert_eq!(messages, ["Case assigned to Technical Support"], "notes are only for staff");
}

async fn the_service_reports_its_health(store: Store) {
    let server = Server::start(store).await;
    let response = server.get("/health").await;
    assert_eq!(response.status, 200);
    let report = response.body;
    assert_eq!(keys(&report), ["components", "service", "status", "timestamp", "version"]);
    assert_eq!(report["status"], "healthy");
    assert_eq!(report["service"], "engage-backend");
    assert!(!report["version"].as_str().unwrap().is_empty());
    timestamp(&report["timestamp"]);
    let healthy =
        json!({"database": "healthy", "notifications": "healthy", "templates": "healthy"});
    assert_eq!(report["components"], healthy);
}

async fn errors_have_the_promised_format(store: Store) {
    let server = Server::start(store).await;
    let response =
        server.post("/api/support/case/status", &json!({"caseNumber": "CW-2025-001"})).await;
    let details = response.refused(404, "CASE_NOT_FOUND");
    assert_eq!(details, json!({"caseNumber": "CW-2025-001"}));
}
