//! The requests of the original specification, sent as they are written there without their
//! comments, and the specified responses.

mod customers;
mod staff;

use std::collections::BTreeSet;

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::support::{Response, Server, Store, keys, on_both_stores, timestamp};

on_both_stores! {
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
