//! Every error, with its status, code, details and headers.

use std::collections::BTreeSet;

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use serde_json::{Value, json};

use crate::support::{Response, Server, Store, a_case, on_both_stores, send};

on_both_stores! {
    invalid_json_is_malformed
    all_errors_of_a_request_are_reported_at_once
    without_a_valid_token_every_internal_path_is_unauthorized
    a_token_with_invalid_bytes_is_unauthorized
    the_scheme_of_a_token_is_case_insensitive
    an_unknown_or_invalid_case_number_is_not_found
    an_unknown_or_former_staff_member_is_not_found
    an_unknown_path_is_not_found
    a_wrong_method_gets_the_allowed_ones
    head_returns_the_headers_of_get_without_a_body
    an_illegal_transition_is_refused_with_the_legal_ones
    a_second_escalation_is_refused_with_a_time_to_retry
    an_escalation_to_a_lower_urgency_is_refused_with_the_allowed_ones
    another_content_type_is_refused_on_every_endpoint_that_takes_a_body
    a_valid_request_id_is_returned_and_an_invalid_one_is_replaced
    quoted_parts_of_a_request_are_short_and_on_one_line
    staff_get_their_own_message_for_an_unknown_case
    a_change_without_any_field_is_refused
    times_up_to_the_year_9999_and_a_lost_plus_sign_are_recognised
}

/// Every path, with a case number that exists or not, and its methods.
const PATHS: &[(&str, &[&str])] = &[
    ("/api/support/case", &["POST"]),
    ("/api/support/case/status", &["POST"]),
    ("/api/support/case/escalate", &["POST"]),
    ("/api/support/case/cancel", &["POST"]),
    ("/api/support/case/reply", &["POST"]),
    ("/api/support/case/attachment", &["POST"]),
    ("/api/internal/support/attachments", &["POST"]),
    ("/api/internal/support/attachments/att_01jjg00000e008000000000001", &["GET", "HEAD"]),
    ("/api/internal/support/cases", &["GET", "HEAD"]),
    ("/api/internal/support/case/CW-2025-001", &["GET", "HEAD", "PATCH"]),
    ("/api/internal/support/case/CW-2025-001/update", &["POST"]),
    ("/api/internal/support/case/CW-2025-001/assign", &["PUT"]),
    ("/health", &["GET", "HEAD"]),
    ("/health/live", &["GET", "HEAD"]),
    ("/health/ready", &["GET", "HEAD"]),
    ("/openapi.json", &["GET", "HEAD"]),
];

const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"];

fn method(name: &str) -> Method {
    name.parse().unwrap()
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

async fn without_a_valid_token_every_internal_path_is_unauthorized(store: Store) {
    let server = Server::with_staff(store).await;
    let paths = [
        "/api/internal",
        "/api/internal/",
        "/api/internal/support/cases",
        "/api/internal/support/cases?page=0",
        "/api/internal/support/case/CW-2025-001",
        "/api/internal/support/case/CW-2025-001/update",
        "/api/internal/support/case/CW-2025-001/assign",
        "/api/internal/support/case/nonsense/assign",
        "/api/internal/notifications/status",
        "/api/internal/nowhere/at%20all/%ff",
    ];
    let one_off = format!("{}0", &server.token()[..server.token().len() - 1]);
    let one_off = if one_off == server.token() { format!("{one_off}0") } else { one_off };
    let tokens = [
        None,
        Some("Bearer".to_owned()),
        Some("Bearer ".to_owned()),
        Some("Bearer eng_unknown".to_owned()),
        Some(format!("Bearer {one_off}")),
        Some(format!("Basic {}", server.token())),
        Some(server.token().to_owned()),
        Some(format!("Bearer {} {}", server.token(), server.token())),
    ];
    for path in paths {
        for name in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            for token in &tokens {
                let mut request = server.request(method(name), path).body("{malformed");
                if let Some(token) = token {
                    request = request.header(AUTHORIZATION, token);
                }
                let response = Response::to(request).await;
                assert_eq!(response.header("www-authenticate"), Some("Bearer"), "{name} {path}");
                assert_eq!(response.refused(401, "UNAUTHORIZED"), json!({}), "{name} {path}");
            }
        }
    }
}

async fn a_token_with_invalid_bytes_is_unauthorized(store: Store) {
    let server = Server::start(store).await;
    let token = HeaderValue::from_bytes(b"Bearer eng_\xff\xfe").unwrap();
    let request = server.request(Method::GET, "/api/internal/support/cases");
    Response::to(request.header(AUTHORIZATION, token)).await.refused(401, "UNAUTHORIZED");
}

async fn the_scheme_of_a_token_is_case_insensitive(store: Store) {
    let server = Server::with_staff(store).await;
    for scheme in ["bearer", "BEARER", "Bearer "] {
        let request = server.request(Method::GET, "/api/internal/support/cases");
        let token = format!("{scheme} {}", server.token());
        Response::to(request.header(AUTHORIZATION, token)).await.ok();
    }
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

async fn an_unknown_path_is_not_found(store: Store) {
    let server = Server::with_staff(store).await;
    for path in ["/", "/api", "/api/support", "/api/support/cases", "/api/support/case/", "/x/y"] {
        for name in METHODS {
            let response = Response::to(server.staff_request(method(name), path)).await;
            assert_eq!(response.refused(404, "NOT_FOUND"), json!({"path": path}), "{name} {path}");
        }
    }
    for path in ["/api/internal/nowhere", "/api/internal/support/case/CW-2025-001/close"] {
        server.staff_get(path).await.refused(404, "NOT_FOUND");
    }
}

async fn a_wrong_method_gets_the_allowed_ones(store: Store) {
    let server = Server::with_staff(store).await;
    for (path, allowed) in PATHS {
        for name in METHODS.iter().filter(|name| !allowed.contains(name)) {
            let response = Response::to(server.staff_request(method(name), path)).await;
            let allow = response.header("allow").unwrap_or_default().to_owned();
            let details = response.refused(405, "METHOD_NOT_ALLOWED");
            assert_eq!(details, json!({"allowed": allowed}), "{name} {path}");
            assert_eq!(allow, allowed.join(", "), "{name} {path}");
        }
    }
}

async fn head_returns_the_headers_of_get_without_a_body(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    for path in [
        "/health",
        "/health/live",
        "/health/ready",
        "/openapi.json",
        "/api/internal/support/cases",
        &format!("/api/internal/support/case/{number}"),
    ] {
        let get = send(server.staff_request(Method::GET, path)).await;
        let head = send(server.staff_request(Method::HEAD, path)).await;
        assert_eq!(head.status, get.status, "{path}");
        for name in ["content-type", "content-length", "etag"] {
            // The report contains the time without trailing zeros, so a moment later its length may
            // differ.
            if (path, name) != ("/health", "content-length") {
                assert_eq!(head.headers.get(name), get.headers.get(name), "{path} {name}");
            }
        }
        assert!(head.body.is_empty(), "{path}");
    }
    let head = send(server.request(Method::HEAD, "/api/internal/support/cases")).await;
    assert_eq!(head.status, 401);
    let head = send(server.request(Method::HEAD, "/api/support/case")).await;
    assert_eq!(head.status, 405);
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

async fn another_content_type_is_refused_on_every_endpoint_that_takes_a_body(store: Store) {
    const JSON: &str = "application/json";
    const FORM: &str = "multipart/form-data";
    let server = Server::with_staff(store).await;
    for (path, methods) in PATHS {
        let Some(name) = methods.iter().find(|name| ["POST", "PUT"].contains(name)) else {
            continue;
        };
        let taken: &[&str] = match *path {
            "/api/support/case" | "/api/support/case/reply" => &[JSON, FORM],
            "/api/internal/support/attachments" => &[FORM],
            _ => &[JSON],
        };
        for kind in ["text/plain", "application/x-www-form-urlencoded", FORM, JSON, "x"] {
            let request = server.staff_request(method(name), path).header(CONTENT_TYPE, kind);
            let response = Response::to(request.body("{")).await;
            if taken.contains(&kind) {
                let code = if kind == FORM { "MALFORMED_FORM" } else { "MALFORMED_JSON" };
                response.refused(400, code);
            } else {
                let details = response.refused(415, "UNSUPPORTED_MEDIA_TYPE");
                assert_eq!(details, json!({"accepts": taken}), "{path} {kind}");
            }
        }
        if taken.contains(&JSON) {
            let request = server.staff_request(method(name), path);
            let kind = "application/json; charset=utf-8";
            let response = Response::to(request.header(CONTENT_TYPE, kind).body("{")).await;
            response.refused(400, "MALFORMED_JSON");
        }
    }
}

async fn a_valid_request_id_is_returned_and_an_invalid_one_is_replaced(store: Store) {
    let server = Server::start(store).await;
    let given = async |path: &str, id: &[u8]| {
        let value = HeaderValue::from_bytes(id).unwrap();
        let response =
            Response::to(server.request(Method::GET, path).header("x-request-id", value));
        let response = response.await;
        assert_eq!(response.headers.get_all("x-request-id").iter().count(), 1);
        response.header("x-request-id").unwrap().to_owned()
    };
    for path in ["/health", "/nowhere", "/api/support/case", "/api/internal/x"] {
        for sane in ["a", "req_1:2/3+4=.-", &"x".repeat(128)] {
            assert_eq!(given(path, sane.as_bytes()).await, sane, "{path}");
        }
        let mut made = BTreeSet::new();
        let long = "x".repeat(129);
        for insane in [b"a b".as_slice(), b"{\"a\":1}", b"\xc3\xa9", b"\xff", b"", long.as_bytes()]
        {
            let id = given(path, insane).await;
            assert_eq!(id.len(), 36, "{path}: {id}");
            assert!(made.insert(id));
        }
    }
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
