//! The log: one record per line, without secrets.

use std::collections::HashSet;

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::support::{Response, Server, Store, case_with, eventually, raw};

/// Texts of customers and staff that must not be logged.
const SECRETS: &[&str] = &[
    "Secretname",
    "secretmail",
    "Secretcorp",
    "+4930901820",
    "Secretproject",
    "Secretsubject",
    "Secretmessage",
    "Secretreason",
    "Secretnote",
    "Secretupdate",
    "Secretparameter",
    "eng_",
];

fn secret_case() -> Value {
    json!({
        "name": "Secretname", "email": "secretmail@example.com", "organization": "Secretcorp",
        "phone": "+4930901820", "customerType": "ENTERPRISE", "issueType": "TECHNICAL",
        "urgency": "CRITICAL", "clientOrProjectName": "Secretproject",
        "subject": "Secretsubject {\"level\":\"ERROR\"}",
        "message": "Secretmessage\u{2028}{\"level\":\"ERROR\"}\n\nERROR x",
    })
}

async fn server() -> Server {
    let server = Server::with_staff_and(
        Store::Sqlite,
        &[
            ("ENGAGE_LOG__FORMAT", "json"),
            ("ENGAGE_SMS__ON_CALL", "+4930901820"),
            ("ENGAGE_WEBHOOKS__LOG_ONLY", "true"),
            ("ENGAGE_WEBHOOKS__ALLOW_PRIVATE_NETWORKS", "true"),
        ],
    )
    .await;
    let endpoint = json!({"url": "https://hooks.example/engage"});
    server.staff_post("/api/internal/webhooks", &endpoint).await.ok();
    server
}

/// Returns the records of the log once it contains this request.
async fn records_up_to(server: &Server, request_id: &str) -> Vec<Value> {
    let lines = eventually(request_id, || {
        let log = server.log();
        log.iter().any(|line| line.contains(request_id)).then_some(log)
    })
    .await;
    lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect()
}

fn assert_keeps_secrets(server: &Server, more: &[&str]) {
    for line in server.log() {
        for secret in SECRETS.iter().chain(more) {
            assert!(!line.contains(secret), "{secret} in {line}");
        }
    }
}

#[tokio::test]
async fn every_line_is_a_record_without_secrets() {
    let server = server().await;
    let number = server.open(&secret_case()).await;
    let by_number = json!({"caseNumber": number, "reason": "Secretreason"});
    server.post("/api/support/case/escalate", &by_number).await.ok();
    server.post("/api/support/case/escalate", &by_number).await.refused(429, "RATE_LIMITED");
    server.update(&number, &json!({"message": "Secretupdate"})).await.ok();
    let assign = json!({"staffId": "staff-456", "notes": "Secretnote"});
    server.assign(&number, &assign).await.ok();
    server.post("/api/support/case/cancel", &by_number).await.ok();
    server.post("/api/support/case/cancel", &by_number).await.refused(409, "INVALID_TRANSITION");

    let unknown = json!({"caseNumber": "Secretparameter\n{\"level\":\"ERROR\"}"});
    server.post("/api/support/case/status", &unknown).await.refused(404, "CASE_NOT_FOUND");
    let path = "/api/internal/support/cases?status=Secretparameter&q=secretmail@example.com";
    server.staff_get(path).await.refused(400, "VALIDATION_ERROR");
    server.staff_get("/api/internal/Secretparameter").await.refused(404, "NOT_FOUND");
    let mut bad = secret_case();
    bad["email"] = json!("secretmail");
    bad["name"] = json!("Secretname\u{0}\r\n");
    bad["phone"] = json!("+4930901820x");
    server.post("/api/support/case", &bad).await.refused(400, "VALIDATION_ERROR");
    for body in [r#"{"name": {"Secretname": 1}}"#, "{\"name\": \"Secretname", "Secretmessage\r\n"] {
        let request = server.request(Method::POST, "/api/support/case");
        let request = request.header(CONTENT_TYPE, "application/json").body(body);
        Response::to(request).await.refused(400, "MALFORMED_JSON");
    }
    let request = server.request(Method::GET, "/api/internal/support/cases");
    let wrong = format!("{}Secretparameter", server.token());
    Response::to(request.bearer_auth(wrong)).await.refused(401, "UNAUTHORIZED");
    for garbage in ["Secretmessage\r\n\r\n", "GET /Secretparameter HTTP/1.1\r\nSecretname\r\n\r\n"]
    {
        raw::exchange(server.address(), garbage.as_bytes());
    }
    // Opening, escalating, updating, assigning and cancelling: 2 + 3 + 2 + 1 + 2 e-mails.
    server.mails_once(10).await;

    let last = server.request(Method::GET, "/health").header("x-request-id", "the-last-one");
    Response::to(last).await;
    for record in records_up_to(&server, "the-last-one").await {
        assert!(record.is_object(), "{record}");
        assert!(record["level"].is_string() && record["timestamp"].is_string(), "{record}");
    }
    assert_keeps_secrets(&server, &[server.token()]);
}

#[tokio::test]
async fn each_request_is_logged_with_its_id_and_outcome() {
    let server = server().await;
    let number = server.open(&case_with("urgency", "LOW")).await;
    let details = format!("/api/internal/support/case/{number}");
    for (id, method, path, status) in [
        ("id-1", Method::GET, "/health", 200),
        ("id-2", Method::GET, "/nowhere", 404),
        ("id-3", Method::PUT, "/api/support/case", 405),
        ("id-4", Method::POST, "/api/support/case", 415),
        ("id-5", Method::GET, "/api/internal/support/cases", 200),
        ("id-6", Method::GET, &details, 200),
        ("id-7", Method::GET, "/api/internal/support/cases?page=0", 400),
    ] {
        let request = server.staff_request(method.clone(), path).header("x-request-id", id);
        assert_eq!(Response::to(request).await.status, status, "{path}");
        let records = records_up_to(&server, id).await;
        let of_request = records.iter().filter(|record| record.to_string().contains(id));
        let outcomes: Vec<&Value> =
            of_request.filter(|record| record["message"] == "served").collect();
        assert_eq!(outcomes.len(), 1, "{path}: {records:?}");
        assert_eq!(outcomes[0]["status"], status, "{path}");
        assert_eq!(outcomes[0]["span"]["id"], id, "{path}");
        assert_eq!(outcomes[0]["span"]["method"], method.as_str(), "{path}");
        assert!(outcomes[0]["ms"].as_f64().is_some_and(|ms| ms > 0.0), "{path}");
    }
    // An ID that the server generated is logged too. A 401 is logged like any other response.
    let response = server.get("/api/internal/support/cases").await;
    let id = response.header("x-request-id").unwrap().to_owned();
    let records = records_up_to(&server, &id).await;
    let own = records.iter().find(|record| record["span"]["id"] == id.as_str()).unwrap();
    assert_eq!(own["status"], 401);
}

#[tokio::test]
async fn each_record_of_a_request_has_one_span_and_the_trace_of_the_caller_or_its_own() {
    let server = server().await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let mut own = HashSet::new();
    for (id, traceparent, is_traced) in [
        ("traced", Some(format!("00-{trace}-00f067aa0ba902b7-01")), true),
        ("not-traced", None, false),
        ("wrong", Some(format!("00-{trace}-0000000000000000-01")), false),
        ("forged", Some(format!("00-{trace}\",\"level\":\"ERROR-01")), false),
    ] {
        let mut request = server.staff_request(Method::GET, "/api/internal/me");
        if let Some(traceparent) = traceparent {
            request = request.header("traceparent", traceparent);
        }
        Response::to(request.header("x-request-id", id)).await.ok();
        let records = records_up_to(&server, id).await;
        let line = records.iter().find(|record| record["span"]["id"] == id).unwrap();
        let logged = line["span"]["trace_id"].as_str().unwrap();
        if is_traced {
            assert_eq!(logged, trace, "{line}");
        } else {
            let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
            assert!(logged.len() == 32 && logged.bytes().all(is_hex), "{line}");
            assert!(logged != trace && own.insert(logged.to_owned()), "{line}");
        }
        assert!(line.get("spans").is_none(), "{line}");
    }
    for line in server.log() {
        assert!(line.matches("\"span\":").count() <= 1 && !line.contains("\"spans\":"), "{line}");
    }
}

#[tokio::test]
async fn each_request_is_logged_with_its_caller_and_origin() {
    let settings = [
        ("ENGAGE_LOG__FORMAT", "json"),
        ("ENGAGE_SERVER__TRUSTED_PROXIES", "127.0.0.1/32"),
        ("ENGAGE_RATE_LIMIT__ENABLED", "true"),
        ("ENGAGE_RATE_LIMIT__CREATIONS", "1"),
    ];
    let server = Server::with_staff_and(Store::Sqlite, &settings).await;
    let jane = server.staff_get("/api/internal/me").await.ok();
    let credential = jane["authentication"]["tokenId"].clone();
    let sam = server.workspace().token("staff-456");
    let number = server.open(&case_with("urgency", "LOW")).await;
    let code = json!({"caseNumber": number, "email": "a@example.com", "code": "K7QM-4XPD"});
    let get = |path: &str| server.request(Method::GET, path);
    let post = |path: &str, body: &Value| server.request(Method::POST, path).json(body);
    let list = "/api/internal/support/cases";
    let wrong = "eng_ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
    let (redeem, create) = ("/api/support/case/access/redeem", "/api/support/case");
    let another = case_with("urgency", "LOW");
    for (id, request, status, code, actor) in [
        ("as-jane", server.staff_request(Method::GET, list), 200, Value::Null, json!("staff-123")),
        ("as-nobody", get(list), 401, json!("UNAUTHORIZED"), Value::Null),
        ("guessed", get(list).bearer_auth(wrong), 401, json!("UNAUTHORIZED"), Value::Null),
        (
            "as-sam",
            get("/api/internal/webhooks").bearer_auth(&sam),
            403,
            json!("FORBIDDEN"),
            json!("staff-456"),
        ),
        ("wrong-code", post(redeem, &code), 401, json!("ACCESS_CODE_INVALID"), Value::Null),
        ("first", post(create, &another), 200, Value::Null, Value::Null),
        ("too-often", post(create, &another), 429, json!("RATE_LIMITED"), Value::Null),
    ] {
        let request = request.header("x-request-id", id).header("x-forwarded-for", "203.0.113.9");
        assert_eq!(Response::to(request).await.status, status, "{id}");
        let records = records_up_to(&server, id).await;
        let is_it = |record: &&Value| record["span"]["id"] == id && record["message"] == "served";
        let line = records.iter().find(is_it).unwrap();
        assert_eq!(line["address"], "203.0.113.9", "{line}");
        assert_eq!((&line["code"], &line["actor"]), (&code, &actor), "{line}");
        if actor == "staff-123" {
            assert_eq!(line["credential"], credential, "{line}");
        }
        assert_eq!(line["credential"].is_null(), actor.is_null(), "{line}");
    }
    assert_keeps_secrets(&server, &[server.token(), &sam, wrong, "@example.com"]);
}

#[tokio::test]
async fn the_text_format_also_has_one_record_per_line() {
    let server = Server::with_staff(Store::Sqlite).await;
    server.open(&secret_case()).await;
    let unknown = json!({"caseNumber": "x\n2026-01-01T00:00:00Z ERROR forged"});
    server.post("/api/support/case/status", &unknown).await.refused(404, "CASE_NOT_FOUND");
    let path = "/x%0a2026-01-01T00:00:00Z%20ERROR%20forged";
    server.get(path).await.refused(404, "NOT_FOUND");
    let last = server.request(Method::GET, "/health").header("x-request-id", "the-last-one");
    Response::to(last).await;
    let lines = eventually("the last request", || {
        let log = server.log();
        log.iter().any(|line| line.contains("the-last-one")).then_some(log)
    })
    .await;
    for line in lines {
        let (time, rest) = line.split_once(' ').unwrap();
        assert!(time.parse::<jiff::Timestamp>().is_ok(), "{line}");
        assert!(rest.trim_start().starts_with("INFO"), "{line}");
        assert!(!line.contains('\u{1b}'), "{line}");
    }
    assert_keeps_secrets(&server, &[server.token()]);
}
