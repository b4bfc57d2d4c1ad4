//! Errors of requests without a valid token.

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde_json::json;

use super::method;
use crate::support::{Response, Server, Store, on_both_stores};

on_both_stores! {
    without_a_valid_token_every_internal_path_is_unauthorized
    a_token_with_invalid_bytes_is_unauthorized
    the_scheme_of_a_token_is_case_insensitive
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
