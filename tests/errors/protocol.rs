//! Errors of paths, methods and headers.

use std::collections::BTreeSet;

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use serde_json::json;

use super::method;
use crate::support::{Response, Server, Store, a_case, on_both_stores, send};

on_both_stores! {
    an_unknown_path_is_not_found
    a_wrong_method_gets_the_allowed_ones
    head_returns_the_headers_of_get_without_a_body
    another_content_type_is_refused_on_every_endpoint_that_takes_a_body
    a_valid_request_id_is_returned_and_an_invalid_one_is_replaced
}

/// Every path, with a case number that exists or not, and its methods.
const PATHS: &[(&str, &[&str])] = &[
    ("/api/support/case", &["POST"]),
    ("/api/support/case/status", &["POST"]),
    ("/api/support/case/escalate", &["POST"]),
    ("/api/support/case/cancel", &["POST"]),
    ("/api/support/case/reply", &["POST"]),
    ("/api/support/case/attachment", &["POST"]),
    ("/api/support/case/participants", &["POST"]),
    ("/api/support/case/participants/remove", &["POST"]),
    ("/api/support/case/participants/leave", &["POST"]),
    ("/api/support/case/participants/return", &["POST"]),
    ("/api/internal/support/case/CW-2025-001/participants", &["GET", "HEAD", "POST"]),
    (
        "/api/internal/support/case/CW-2025-001/participants/per_01jjg00000e008000000000001",
        &["PATCH", "DELETE"],
    ),
    ("/api/internal/support/attachments", &["POST"]),
    ("/api/internal/support/attachments/att_01jjg00000e008000000000001", &["GET", "HEAD"]),
    ("/api/internal/support/cases", &["GET", "HEAD", "POST"]),
    ("/api/internal/support/case/CW-2025-001", &["GET", "HEAD", "PATCH"]),
    ("/api/internal/support/case/CW-2025-001/update", &["POST"]),
    ("/api/internal/support/case/CW-2025-001/assign", &["PUT"]),
    ("/api/internal/support/case/CW-2025-001/redact", &["POST"]),
    ("/api/internal/contacts", &["GET", "HEAD", "POST"]),
    ("/api/internal/contacts/con_01jjg00000e008000000000001", &["GET", "HEAD", "PATCH", "DELETE"]),
    ("/api/internal/organizations", &["GET", "HEAD", "POST"]),
    (
        "/api/internal/organizations/org_01jjg00000e008000000000001",
        &["GET", "HEAD", "PATCH", "DELETE"],
    ),
    ("/health", &["GET", "HEAD"]),
    ("/health/live", &["GET", "HEAD"]),
    ("/health/ready", &["GET", "HEAD"]),
    ("/openapi.json", &["GET", "HEAD"]),
];

const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"];

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
