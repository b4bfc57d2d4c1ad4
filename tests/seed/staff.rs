//! The requests of staff.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use super::{ASSIGN, LIST, STATUS, UPDATE, assert_has_keys, opened, post, send, without_comments};
use crate::support::{Server, Store, keys, on_both_stores, timestamp};

on_both_stores! {
    cases_are_listed_with_all_the_parameters
    the_list_has_its_defaults_and_pages
    a_cases_details_are_complete
    absent_values_are_null_and_not_omitted
    a_case_is_updated
    a_case_is_assigned
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
            "claimedCustomerType": "BUSINESS",
            "entitlement": "CLAIMED",
            "customerProven": false,
            "slaTargets": null,
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
