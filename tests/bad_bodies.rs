//! Request bodies that are too deep, too large or not text.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::support::raw::{self, Reply};
use crate::support::{Response, Server, Store, a_case, case_with, on_both_stores};

on_both_stores! {
    deep_json_is_refused
    the_longest_message_in_its_longest_encoding_is_accepted
    ten_mebibytes_with_a_content_length_are_refused
    ten_mebibytes_in_chunks_are_refused
    the_limit_on_bodies_is_the_documented_one
    a_compressed_body_is_refused
    a_body_that_is_not_utf_8_is_refused
    numbers_of_any_size_cause_no_failure
    a_json_array_is_refused_as_a_request
    a_repeated_field_causes_no_failure
    a_body_that_ends_too_early_opens_no_case
    expect_100_continue_is_honoured
    an_unexpected_body_causes_no_failure
}

const MEBIBYTE: usize = 1024 * 1024;

/// Parses the JSON body of an error that was received as raw bytes.
fn error_in(reply: &Reply) -> Value {
    let error: Value = serde_json::from_str(reply.body()).unwrap_or_default();
    assert_eq!(error["success"], false, "{reply:?}");
    error
}

async fn deep_json_is_refused(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let update = format!("/api/internal/support/case/{number}/update");
    for field in ["name", "message", "unknown", "attachments"] {
        for (open, close) in [("[", "]"), ("{\"x\":", "}")] {
            let deep = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
            for path in ["/api/support/case", &update] {
                let body = format!("{{\"{field}\": {deep}}}");
                let request = server.staff_request(Method::POST, path);
                let request = request.header(CONTENT_TYPE, "application/json").body(body);
                let response = Response::to(request).await;
                response.assert_is_error();
                assert_eq!(response.status, 400, "{field} {path}: {response:?}");
                if field == "message" {
                    assert_eq!(response.body["code"], "MALFORMED_JSON", "{field} {path}");
                }
            }
        }
    }
    let request = server.request(Method::POST, "/api/support/case");
    let request = request.header(CONTENT_TYPE, "application/json").body("[".repeat(400_000));
    Response::to(request).await.refused(400, "MALFORMED_JSON");
}

async fn the_longest_message_in_its_longest_encoding_is_accepted(store: Store) {
    let server = Server::with_staff(store).await;
    let message = "\u{1f600}".repeat(20_000);
    let mut body = a_case().to_string();
    let spelled = r"\ud83d\ude00".repeat(20_000);
    body = body.replace("Detailed description of the issue...", &spelled);
    let request = server.request(Method::POST, "/api/support/case");
    let request = request.header(CONTENT_TYPE, "application/json").body(body);
    let response = Response::to(request).await.ok();
    let details = server.details(response["caseNumber"].as_str().unwrap()).await;
    assert!(details["case"]["caseDetails"]["message"] == message.as_str());
}

async fn ten_mebibytes_with_a_content_length_are_refused(store: Store) {
    let server = Server::start(store).await;
    for path in ["", "/status", "/escalate", "/cancel"] {
        let head =
            format!("POST /api/support/case{path} HTTP/1.1\r\nContent-Type: application/json");
        let bytes = raw::request(&head, &vec![b' '; 10 * MEBIBYTE]);
        let reply = raw::exchange(server.address(), &bytes);
        assert_eq!(reply.status(), Some(413), "{reply:?}");
        let error = error_in(&reply);
        assert_eq!(error["code"], "PAYLOAD_TOO_LARGE");
        assert!(error["details"]["limitBytes"].as_u64().unwrap() >= 240_000);
        assert!(reply.is_closed);
    }
    server.open(&a_case()).await;
}

/// Builds a chunked request of ten mebibytes.
fn in_chunks(path: &str) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
         Transfer-Encoding: chunked\r\n\r\n"
    );
    let mut bytes = head.into_bytes();
    let chunk = vec![b' '; 0x10000];
    for _ in 0..160 {
        bytes.extend_from_slice(b"10000\r\n");
        bytes.extend_from_slice(&chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    bytes
}

async fn ten_mebibytes_in_chunks_are_refused(store: Store) {
    let server = Server::start(store).await;
    let reply = raw::exchange(server.address(), &in_chunks("/api/support/case"));
    assert_eq!(reply.status(), Some(413), "{reply:?}");
    assert_eq!(error_in(&reply)["code"], "PAYLOAD_TOO_LARGE");
    assert!(reply.is_closed);
    server.open(&a_case()).await;
}

/// Independent of the store.
#[tokio::test]
async fn memory_does_not_grow_with_the_size_of_bodies() {
    let server = Server::start(Store::Sqlite).await;
    let path = "/api/support/case/reply";
    let head = format!("POST {path} HTTP/1.1\r\nContent-Type: application/json");
    let announced = Arc::new(raw::request(&head, &vec![b' '; 10 * MEBIBYTE]));
    let chunked = Arc::new(in_chunks(path));
    let address = server.address();
    let send = |bytes: &Arc<Vec<u8>>| {
        let bytes = Arc::clone(bytes);
        tokio::task::spawn_blocking(move || raw::exchange(address, &bytes))
    };
    server.open(&a_case()).await;
    let before = server.peak_memory();
    let all: Vec<_> = (0..10).flat_map(|_| [send(&announced), send(&chunked)]).collect();
    for reply in all {
        let reply = reply.await.unwrap();
        assert_eq!(reply.status(), Some(413), "{reply:?}");
    }
    let grown = server.peak_memory().saturating_sub(before);
    // 200 MiB were sent, and a body may have 2 MiB.
    assert!(grown < 60 * MEBIBYTE as u64, "{grown} bytes more");
}

async fn the_limit_on_bodies_is_the_documented_one(store: Store) {
    let server = Server::start(store).await;
    let response =
        server.post("/api/support/case", &case_with("x", "x".repeat(3 * MEBIBYTE))).await;
    let limit = response.refused(413, "PAYLOAD_TOO_LARGE")["limitBytes"].as_u64().unwrap();
    let limit = usize::try_from(limit).unwrap();
    let padded = |length: usize| {
        let body = a_case().to_string();
        let padding = " ".repeat(length - body.len());
        let request = server.request(Method::POST, "/api/support/case");
        Response::to(request.header(CONTENT_TYPE, "application/json").body(body + &padding))
    };
    padded(limit).await.ok();
    padded(limit + 1).await.refused(413, "PAYLOAD_TOO_LARGE");
}

async fn a_compressed_body_is_refused(store: Store) {
    let server = Server::start(store).await;
    for coding in ["gzip", "br", "deflate", "zstd", "gzip, gzip", "x"] {
        let request = server.request(Method::POST, "/api/support/case").json(&a_case());
        let response = Response::to(request.header(CONTENT_ENCODING, coding)).await;
        response.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    // `{"name":"x"}`, compressed with gzip.
    let compressed =
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xabV\xcaK\xccMU\xb2R\xaaP\xaa\x05\0\xdeK\xc3\xf6\x0c\0\0\0";
    let request = server.request(Method::POST, "/api/support/case");
    let request = request.header(CONTENT_TYPE, "application/json");
    let request = request.header(CONTENT_ENCODING, "gzip").body(compressed.to_vec());
    Response::to(request).await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
}

async fn a_body_that_is_not_utf_8_is_refused(store: Store) {
    let server = Server::start(store).await;
    for bytes in [b"\xff".as_slice(), b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc3"] {
        let body = [b"{\"name\": \"", bytes, b"\"}"].concat();
        let request = server.request(Method::POST, "/api/support/case");
        let request = request.header(CONTENT_TYPE, "application/json").body(body);
        Response::to(request).await.refused(400, "MALFORMED_JSON");
    }
    let utf_16: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let request = server.request(Method::POST, "/api/support/case");
    let request = request.header(CONTENT_TYPE, "application/json").body(utf_16);
    Response::to(request).await.refused(400, "MALFORMED_JSON");
}

async fn numbers_of_any_size_cause_no_failure(store: Store) {
    let server = Server::start(store).await;
    for number in ["1e999999999", "-0", "0.1e-99999", &"9".repeat(100_000)] {
        for field in ["name", "unknown"] {
            let body = format!("{{\"{field}\": {number}}}");
            let request = server.request(Method::POST, "/api/support/case");
            let request = request.header(CONTENT_TYPE, "application/json").body(body);
            let response = Response::to(request).await;
            response.assert_is_error();
            assert_eq!(response.status, 400, "{response:?}");
        }
    }
}

async fn a_json_array_is_refused_as_a_request(store: Store) {
    let server = Server::start(store).await;
    for body in ["[]", "[\"CW-2025-001\"]", " [null]", "[{}]"] {
        let request = server.request(Method::POST, "/api/support/case/status");
        let request = request.header(CONTENT_TYPE, "application/json").body(body);
        Response::to(request).await.refused(400, "MALFORMED_JSON");
    }
}

async fn a_repeated_field_causes_no_failure(store: Store) {
    let server = Server::start(store).await;
    let request = server.request(Method::POST, "/api/support/case/status");
    let body = r#"{"caseNumber": "CW-2025-001", "caseNumber": "CW-2025-002"}"#;
    let response = Response::to(request.header(CONTENT_TYPE, "application/json").body(body)).await;
    response.assert_is_error();
    assert!([400, 404].contains(&response.status), "{response:?}");
}

async fn a_body_that_ends_too_early_opens_no_case(store: Store) {
    let server = Server::with_staff(store).await;
    let body = a_case().to_string();
    let announced = body.len() + 1;
    let head = format!(
        "POST /api/support/case HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
         Content-Length: {announced}\r\n\r\n{body}"
    );
    let reply = raw::exchange(server.address(), head.as_bytes());
    assert!(reply.is_closed && reply.status().is_none_or(|status| status == 400), "{reply:?}");
    let mut stream = raw::connect(server.address());
    stream.write_all(head.as_bytes()).unwrap();
    drop(stream);
    let list = server.staff_get("/api/internal/support/cases").await.ok();
    assert_eq!(list["pagination"]["total"], 0);
}

async fn expect_100_continue_is_honoured(store: Store) {
    let server = Server::start(store).await;
    let body = a_case().to_string();
    let mut stream = raw::connect(server.address());
    let head = format!(
        "POST /api/support/case HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
         Expect: 100-continue\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    let reply = raw::read_to_end(&mut stream, Duration::from_secs(10));
    assert!(reply.text.contains("HTTP/1.1 200 OK"), "{reply:?}");
}

async fn an_unexpected_body_causes_no_failure(store: Store) {
    let server = Server::with_staff(store).await;
    for body in ["{malformed".to_owned(), "x".repeat(2 * MEBIBYTE)] {
        for path in ["/health", "/openapi.json"] {
            let request = server.staff_request(Method::GET, path).body(body.clone());
            assert_eq!(Response::to(request).await.status, 200, "{path}");
        }
        // Elsewhere a body is probably a mistake, so it is refused.
        let request = server.staff_request(Method::GET, "/api/internal/support/cases").body(body);
        let status = Response::to(request).await.status;
        assert!([400, 413].contains(&status), "{status}");
    }
    assert_eq!(server.post("/nowhere", &json!({"x": "x".repeat(MEBIBYTE)})).await.status, 404);
}
