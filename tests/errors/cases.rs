//! Errors of requests that a case does not allow, or whose case or member of staff is unknown.

use serde_json::json;

use crate::support::{Response, Server, Store, a_case, on_both_stores};

on_both_stores! {
    an_unknown_or_invalid_case_number_is_not_found
    an_unknown_or_former_staff_member_is_not_found
    an_illegal_transition_is_refused_with_the_legal_ones
    a_second_escalation_is_refused_with_a_time_to_retry
    an_escalation_to_a_lower_urgency_is_refused_with_the_allowed_ones
    staff_get_their_own_message_for_an_unknown_case
}

async fn an_unknown_or_invalid_case_number_is_not_found(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    for unknown in ["CW-2025-999", "AB-2025-001", "CW-2025-1", "x", "-", "CW-9999-123456789012"] {
        let status = json!({"caseNumber": unknown});
        let full = json!({"caseNumber": unknown, "reason": "r"});
        for (path, body) in [("status", &status), ("escalate", &full), ("cancel", &full)] {
            let response = server.post(&format!("/api/support/case/{path}"), body).await;
            let details = response.refused(404, "CASE_NOT_FOUND");
            assert_eq!(details, json!({"caseNumber": unknown}));
        }
        let path = format!("/api/internal/support/case/{unknown}");
        server.staff_get(&path).await.refused(404, "CASE_NOT_FOUND");
        let update = server.update(unknown, &json!({"message": "m"})).await;
        update.refused(404, "CASE_NOT_FOUND");
        let assign = server.assign(unknown, &json!({"staffId": "staff-123"})).await;
        assign.refused(404, "CASE_NOT_FOUND");
    }
    let spelled = format!("  {}\n", number.to_lowercase());
    let response = server.post("/api/support/case/status", &json!({"caseNumber": spelled})).await;
    assert_eq!(response.ok()["case"]["caseNumber"], number.as_str());
}

async fn an_unknown_or_former_staff_member_is_not_found(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    server.workspace().run(&["staff", "deactivate", "staff-456"]).ok();
    for id in ["nobody", "staff-456"] {
        let response = server.assign(&number, &json!({"staffId": id})).await;
        assert_eq!(response.refused(404, "STAFF_NOT_FOUND"), json!({"staffId": id}));
    }
    assert_eq!(server.details(&number).await["case"]["version"], 1);
}

async fn an_illegal_transition_is_refused_with_the_legal_ones(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let cancel = json!({"caseNumber": number, "reason": "done"});
    let response = server.update(&number, &json!({"statusChange": "CLOSED"})).await;
    let allowed = json!(["IN_PROGRESS", "WAITING_ON_CUSTOMER", "ON_HOLD", "RESOLVED", "CANCELLED"]);
    assert_eq!(
        response.refused(409, "INVALID_TRANSITION"),
        json!({"from": "OPEN", "to": "CLOSED", "allowed": allowed})
    );

    server.post("/api/support/case/cancel", &cancel).await.ok();
    let response = server.post("/api/support/case/cancel", &cancel).await;
    assert_eq!(
        response.refused(409, "INVALID_TRANSITION"),
        json!({"from": "CANCELLED", "to": "CANCELLED", "allowed": []})
    );
    let escalate = server.post("/api/support/case/escalate", &cancel).await;
    escalate.refused(409, "INVALID_TRANSITION");
    let assign = server.assign(&number, &json!({"staffId": "staff-123"})).await;
    assign.refused(409, "INVALID_TRANSITION");
    let update = server.update(&number, &json!({"message": "m"})).await;
    update.refused(409, "INVALID_TRANSITION");
    let details = server.details(&number).await;
    assert_eq!(details["case"]["version"], 2, "the refused requests changed nothing");
    server.update(&number, &json!({"message": "m", "isInternal": true})).await.ok();
}

async fn a_second_escalation_is_refused_with_a_time_to_retry(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let body = json!({"caseNumber": number, "reason": "r"});
    server.post("/api/support/case/escalate", &body).await.ok();
    let response = server.post("/api/support/case/escalate", &body).await;
    let seconds = response.header("retry-after").unwrap().to_owned();
    let details = response.refused(429, "RATE_LIMITED");
    assert_eq!(details["retryAfterSeconds"].to_string(), seconds);
    assert!((200..=300).contains(&details["retryAfterSeconds"].as_u64().unwrap()), "{details}");
    assert_eq!(server.details(&number).await["escalations"].as_array().unwrap().len(), 1);
}

async fn an_escalation_to_a_lower_urgency_is_refused_with_the_allowed_ones(store: Store) {
    let server = Server::start(store).await;
    let number = server.open(&a_case()).await;
    let body = json!({"caseNumber": number, "reason": "r", "newUrgency": "MEDIUM"});
    let response = server.post("/api/support/case/escalate", &body).await;
    let details = response.refused(400, "VALIDATION_ERROR");
    assert_eq!(details["fields"][0]["field"], "newUrgency");
    assert_eq!(details["fields"][0]["allowed"], json!(["HIGH", "CRITICAL"]));
}

async fn staff_get_their_own_message_for_an_unknown_case(store: Store) {
    let server = Server::with_staff(store).await;
    let told = |response: Response| {
        let sentence = response.body["error"].as_str().unwrap().to_owned();
        response.refused(404, "CASE_NOT_FOUND");
        sentence
    };
    let staff = "There is no case CW-2025-009. List the cases to find the right number.";
    let path = "/api/internal/support/case/CW-2025-009";
    assert_eq!(told(server.staff_get(path).await), staff);
    assert_eq!(told(server.update("CW-2025-009", &json!({"message": "m"})).await), staff);
    let bulk = json!({"action": "close", "caseNumbers": ["CW-2025-009"]});
    let bulk = server.staff_post("/api/internal/support/cases/bulk", &bulk).await.ok();
    assert_eq!(bulk["results"][0]["error"], staff);
    let nonsense = told(server.staff_get("/api/internal/support/case/nonsense").await);
    assert_eq!(nonsense, "There is no case of that name. List the cases to find the right number.");
    let status = json!({"caseNumber": "CW-2025-009"});
    let customer = told(server.post("/api/support/case/status", &status).await);
    assert!(customer.contains("or the details you sent do not match it"), "{customer}");
}
