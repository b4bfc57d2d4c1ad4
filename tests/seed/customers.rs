//! The requests of customers.

use jiff::SignedDuration;
use serde_json::json;

use super::{CANCEL, CREATE, ESCALATE, STATUS, UPDATE, assert_has_keys, opened, post};
use crate::support::{Server, Store, keys, on_both_stores, timestamp};

on_both_stores! {
    a_case_is_created
    a_cases_status_is_checked
    a_case_is_escalated
    a_case_is_cancelled
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
