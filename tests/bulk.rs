//! One change for many cases in a single request.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Response, Server, Store, a_case_of_somebody, keys, on_both_stores};

on_both_stores! {
    many_cases_are_assigned_with_a_result_for_each
    cases_are_updated_as_if_one_by_one
    resolved_cases_are_closed_and_others_are_not
    a_repeated_case_is_changed_once
    a_hundred_cases_are_changed_at_once
    concurrent_requests_for_the_same_cases_all_take_effect
    a_repeated_request_changes_only_what_is_left
    all_errors_of_a_request_are_reported_and_nothing_is_changed
    only_cases_with_the_expected_version_are_changed
    fields_that_do_not_apply_to_the_action_are_refused
}

const BULK: &str = "/api/internal/support/cases/bulk";

async fn bulk(server: &Server, body: &Value) -> Response {
    server.staff_post(BULK, body).await
}

async fn open_cases(server: &Server, count: usize) -> Vec<String> {
    let bodies: Vec<_> = (0..count).map(|_| a_case_of_somebody()).collect();
    join_all(bodies.iter().map(|body| server.open(body))).await
}

async fn resolve(server: &Server, number: &str) {
    server.update(number, &json!({"statusChange": "RESOLVED"})).await.ok();
}

fn results(response: &Value) -> &[Value] {
    response["results"].as_array().unwrap()
}

fn counts(response: &Value) -> (u64, u64) {
    (response["succeeded"].as_u64().unwrap(), response["failed"].as_u64().unwrap())
}

async fn many_cases_are_assigned_with_a_result_for_each(store: Store) {
    let server = Server::with_staff(store).await;
    let numbers = open_cases(&server, 3).await;
    let cancel = json!({"caseNumber": numbers[1], "reason": "No longer needed"});
    server.post("/api/support/case/cancel", &cancel).await.ok();
    let asked = [&numbers[2], "CW-2020-999", &numbers[1], " nonsense ", &numbers[0].to_lowercase()];
    let body = json!({
        "action": "assign", "caseNumbers": asked, "staffId": "staff-456", "notes": "All yours",
    });
    let response = bulk(&server, &body).await.ok();
    assert_eq!(keys(&response), ["failed", "results", "succeeded", "success"]);
    assert_eq!(counts(&response), (2, 3));
    let [third, unknown, cancelled, nonsense, first] = results(&response) else {
        panic!("{response}")
    };
    for (result, number) in [(third, &numbers[2]), (first, &numbers[0])] {
        let expected = json!({
            "caseNumber": number, "success": true, "changed": true, "status": "IN_PROGRESS",
            "version": 2,
        });
        assert_eq!(*result, expected);
        let case = server.details(number).await;
        assert_eq!(case["case"]["assignment"]["assignedTo"], "staff-456");
        assert!(case["updates"].to_string().contains("All yours"), "{case}");
    }
    for (result, number, code) in [
        (unknown, "CW-2020-999", "CASE_NOT_FOUND"),
        (nonsense, " nonsense ", "CASE_NOT_FOUND"),
        (cancelled, &numbers[1], "INVALID_TRANSITION"),
    ] {
        assert_eq!(keys(result), ["caseNumber", "code", "details", "error", "success"]);
        assert_eq!((&result["success"], &result["caseNumber"]), (&json!(false), &json!(number)));
        assert_eq!(result["code"], code);
        assert!(result["error"].as_str().is_some_and(|sentence| !sentence.is_empty()));
    }
    assert_eq!(unknown["details"], json!({"caseNumber": "CW-2020-999"}));
    assert_eq!(cancelled["details"]["from"], "CANCELLED");

    let nobody = json!({"action": "assign", "caseNumbers": numbers, "staffId": "nobody"});
    let response = bulk(&server, &nobody).await.ok();
    assert_eq!(counts(&response), (0, 3));
    assert!(results(&response).iter().all(|result| result["code"] == "STAFF_NOT_FOUND"));
    let back = json!({"action": "assign", "caseNumbers": [numbers[0]], "staffId": null});
    assert_eq!(counts(&bulk(&server, &back).await.ok()), (1, 0));
    let case = server.details(&numbers[0]).await;
    assert_eq!(case["case"]["assignment"]["assignedTo"], Value::Null);
}

async fn cases_are_updated_as_if_one_by_one(store: Store) {
    let server = Server::with_staff(store).await;
    let numbers = open_cases(&server, 2).await;
    let body = json!({
        "action": "UPDATE", "caseNumbers": numbers, "message": "We are on it",
        "statusChange": "ON_HOLD",
    });
    let response = bulk(&server, &body).await.ok();
    assert!(results(&response).iter().all(|result| result["status"] == "ON_HOLD"), "{response}");
    let note = json!({
        "action": "update", "caseNumbers": numbers, "message": "For us only", "isInternal": true,
    });
    bulk(&server, &note).await.ok();
    for number in &numbers {
        let case = server.details(number).await;
        let updates: Vec<_> = case["updates"].as_array().unwrap().iter().collect();
        assert_eq!(
            (&updates[0]["message"], &updates[0]["isInternal"]),
            (&json!("We are on it"), &json!(false))
        );
        assert_eq!(
            (&updates[1]["message"], &updates[1]["isInternal"]),
            (&json!("For us only"), &json!(true))
        );
        assert_eq!(updates[0]["author"]["id"], "staff-123");
        assert!(!case["case"]["timeline"]["firstResponse"].is_null());
    }
    let same = json!({"action": "update", "caseNumbers": numbers, "statusChange": "ON_HOLD"});
    let response = bulk(&server, &same).await.ok();
    assert!(results(&response).iter().all(|result| result["changed"] == false), "{response}");
}

async fn resolved_cases_are_closed_and_others_are_not(store: Store) {
    let server = Server::with_staff(store).await;
    let numbers = open_cases(&server, 3).await;
    for number in &numbers[..2] {
        resolve(&server, number).await;
    }
    let body = json!({"action": "close", "caseNumbers": numbers, "message": "Closed for good"});
    let response = bulk(&server, &body).await.ok();
    assert_eq!(counts(&response), (2, 1));
    let [first, second, third] = results(&response) else { panic!("{response}") };
    assert!([first, second].iter().all(|result| result["status"] == "CLOSED"), "{response}");
    assert_eq!(third["code"], "INVALID_TRANSITION");
    assert_eq!(
        (&third["details"]["from"], &third["details"]["to"]),
        (&json!("OPEN"), &json!("CLOSED"))
    );
    assert!(server.details(&numbers[0]).await["updates"].to_string().contains("Closed for good"));
    assert_eq!(server.details(&numbers[2]).await["case"]["version"], 1);
    // Closing a closed case is not an error.
    let again = json!({"action": "close", "caseNumbers": [numbers[0]]});
    let response = bulk(&server, &again).await.ok();
    let result = &results(&response)[0];
    assert_eq!((&result["success"], &result["changed"]), (&json!(true), &json!(false)));
}

async fn a_repeated_case_is_changed_once(store: Store) {
    let server = Server::with_staff(store).await;
    let number = &open_cases(&server, 1).await[0];
    let asked = [number.clone(), number.to_lowercase(), format!(" {number}")];
    let body = json!({"action": "update", "caseNumbers": asked, "message": "Once"});
    let response = bulk(&server, &body).await.ok();
    let results = results(&response);
    assert_eq!(results.len(), 3);
    assert!(results.iter().all(|result| *result == results[0]), "{response}");
    assert_eq!(server.details(number).await["updates"].as_array().unwrap().len(), 1);
}

async fn a_hundred_cases_are_changed_at_once(store: Store) {
    let server = Server::with_staff(store).await;
    let numbers = open_cases(&server, 100).await;
    let body = json!({"action": "assign", "caseNumbers": numbers, "staffId": "staff-456"});
    let response = bulk(&server, &body).await.ok();
    assert_eq!(counts(&response), (100, 0), "{response}");
    let order = results(&response).iter().map(|result| result["caseNumber"].as_str().unwrap());
    assert_eq!(order.collect::<Vec<_>>(), numbers);
    let list = server.staff_get("/api/internal/support/cases?assignedTo=staff-456").await.ok();
    assert_eq!(list["pagination"]["total"], 100);
}

async fn concurrent_requests_for_the_same_cases_all_take_effect(store: Store) {
    let server = Server::with_staff(store).await;
    let numbers = open_cases(&server, 5).await;
    let bodies: Vec<_> = (0..4)
        .map(|part| {
            json!({"action": "update", "caseNumbers": numbers, "message": format!("Part {part}")})
        })
        .collect();
    for response in join_all(bodies.iter().map(|body| bulk(&server, body))).await {
        assert_eq!(counts(&response.ok()), (5, 0));
    }
    for number in &numbers {
        let case = server.details(number).await;
        assert_eq!(case["case"]["version"], 5);
        assert_eq!(case["updates"].as_array().unwrap().len(), 4);
    }
}

async fn a_repeated_request_changes_only_what_is_left(store: Store) {
    let server = Server::with_staff(store).await;
    let numbers = open_cases(&server, 2).await;
    resolve(&server, &numbers[0]).await;
    let body = json!({"action": "close", "caseNumbers": numbers, "message": "Bye"});
    let send = async |body: &Value| {
        let request = server.staff_request(Method::POST, BULK).header("idempotency-key", "k-1");
        Response::to(request.json(body)).await.ok()
    };
    let first = send(&body).await;
    assert_eq!(counts(&first), (1, 1));
    resolve(&server, &numbers[1]).await;
    let again = send(&body).await;
    assert_eq!(counts(&again), (2, 0));
    // The completed part of the response is the same as before.
    assert_eq!(results(&again)[0], results(&first)[0]);
    assert_eq!(send(&body).await, again);
    for (number, version) in [(&numbers[0], 3), (&numbers[1], 3)] {
        assert_eq!(server.details(number).await["case"]["version"], version);
    }
    let other = json!({"action": "close", "caseNumbers": numbers, "message": "Hello"});
    let response = send(&other).await;
    let codes: Vec<_> = results(&response).iter().map(|result| &result["code"]).collect();
    assert_eq!(codes, ["IDEMPOTENCY_KEY_REUSED"; 2]);
}

async fn all_errors_of_a_request_are_reported_and_nothing_is_changed(store: Store) {
    let server = Server::with_staff(store).await;
    let numbers = open_cases(&server, 1).await;
    let with = |body: Value| {
        let mut body = body;
        body["caseNumbers"] = json!(numbers);
        body
    };
    let many = vec!["CW-2025-001"; 101];
    for (body, fields) in [
        (json!({}), &["action", "caseNumbers"][..]),
        (json!({"action": "delete", "caseNumbers": []}), &["action", "caseNumbers"]),
        (json!({"action": "close", "caseNumbers": many}), &["caseNumbers"]),
        (with(json!({"action": "assign"})), &["staffId"]),
        (
            with(json!({"action": "assign", "staffId": "Not an id", "notes": "x".repeat(5001)})),
            &["staffId", "notes"],
        ),
        (with(json!({"action": "update"})), &["message"]),
        (with(json!({"action": "update", "message": " "})), &["message"]),
        (with(json!({"action": "update", "statusChange": "GONE"})), &["statusChange"]),
        (with(json!({"action": "close", "message": "a\u{0}b"})), &["message"]),
    ] {
        let response = bulk(&server, &body).await;
        assert_eq!(response.invalid_fields(), fields, "{body}");
    }
    for body in [
        json!({"action": 5, "caseNumbers": numbers}),
        json!({"action": "close", "caseNumbers": "CW-2025-001"}),
        json!({"action": "close", "caseNumbers": [5]}),
        json!({"action": "close", "caseNumbers": [null]}),
    ] {
        bulk(&server, &body).await.refused(400, "MALFORMED_JSON");
    }
    assert_eq!(server.details(&numbers[0]).await["case"]["version"], 1);
}

async fn only_cases_with_the_expected_version_are_changed(store: Store) {
    let server = Server::with_staff(store).await;
    let numbers = open_cases(&server, 2).await;
    server.update(&numbers[1], &json!({"message": "Seen."})).await.ok();
    let body = json!({"action": "update", "caseNumbers": numbers, "message": "Both?"});
    for tag in ["W/\"1\"", "\"9\""] {
        let request = server.staff_request(Method::POST, BULK).header("If-Match", tag);
        let response = Response::to(request.json(&body)).await.ok();
        let changed = u64::from(tag != "\"9\"");
        assert_eq!(counts(&response), (changed, 2 - changed), "{tag}");
        let [_, second] = results(&response) else { panic!("{response}") };
        assert_eq!(second["code"], "PRECONDITION_FAILED");
        assert_eq!(second["details"], json!({"currentVersion": 2}));
    }
    assert_eq!(server.details(&numbers[0]).await["case"]["version"], 2);
    assert_eq!(server.details(&numbers[1]).await["case"]["version"], 2);
}

async fn fields_that_do_not_apply_to_the_action_are_refused(store: Store) {
    let server = Server::with_staff(store).await;
    let numbers = open_cases(&server, 1).await;
    for (action, more, fields) in [
        ("assign", json!({"staffId": "staff-456", "message": "m"}), &["message"][..]),
        ("update", json!({"message": "m", "staffId": null, "notes": "n"}), &["staffId", "notes"]),
        ("close", json!({"statusChange": "OPEN"}), &["statusChange"]),
        ("update", json!({"message": "m", "attachments": []}), &["attachments"]),
    ] {
        let mut body = more;
        body["action"] = json!(action);
        body["caseNumbers"] = json!(numbers);
        assert_eq!(bulk(&server, &body).await.invalid_fields(), fields, "{body}");
    }
    assert_eq!(server.details(&numbers[0]).await["case"]["version"], 1);
}
