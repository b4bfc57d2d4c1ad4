//! Rate limits, cross-site requests and browser headers, between the network and the handlers.
//! Independent of the store.

use reqwest::Method;
use serde_json::json;

use crate::support::{Exchange, Response, Server, Store, a_case_of_somebody};

const LIMITED: &[(&str, &str)] = &[
    ("ENGAGE_RATE_LIMIT__ENABLED", "true"),
    ("ENGAGE_RATE_LIMIT__CREATIONS", "2"),
    ("ENGAGE_RATE_LIMIT__CUSTOMER_CALLS", "3"),
    ("ENGAGE_RATE_LIMIT__STAFF_CALLS", "4"),
    ("ENGAGE_RATE_LIMIT__FAILED_TOKENS", "2"),
    ("ENGAGE_SERVER__TRUSTED_PROXIES", "127.0.0.0/8"),
];

/// Sends a request through a proxy, for a client with this address.
async fn from(server: &Server, client: &str, path: &str, body: &serde_json::Value) -> Response {
    let request = server.request(Method::POST, path).header("X-Forwarded-For", client);
    Response::to(request.json(body)).await
}

fn retry_after(response: Response) -> u64 {
    let header: u64 = response.header("retry-after").unwrap().parse().unwrap();
    let details = response.refused(429, "RATE_LIMITED");
    assert_eq!(details, json!({"retryAfterSeconds": header}));
    header
}

#[tokio::test]
async fn creations_are_limited_for_each_client_address() {
    let server = Server::with_staff_and(Store::Sqlite, LIMITED).await;
    let path = "/api/support/case";
    for left in [1, 0] {
        let response = from(&server, "203.0.113.1", path, &a_case_of_somebody()).await;
        assert_eq!(response.header("ratelimit-policy"), Some("\"creations\";q=2;w=60"));
        let limit = response.header("ratelimit").unwrap().to_owned();
        assert!(limit.starts_with(&format!("\"creations\";r={left};t=")), "{limit}");
        response.ok();
    }
    let refused = from(&server, "203.0.113.1", path, &a_case_of_somebody()).await;
    assert_eq!(refused.header("ratelimit"), Some("\"creations\";r=0;t=60"));
    // Two requests are allowed per minute, so one is free again within 30 seconds.
    assert!((1..=30).contains(&retry_after(refused)));
    from(&server, "203.0.113.2", path, &a_case_of_somebody()).await.ok();
    let total = server.staff_get("/api/internal/support/cases").await.ok();
    assert_eq!(total["pagination"]["total"], 3);
}

#[tokio::test]
async fn addresses_of_one_ipv6_network_share_a_quota() {
    let server = Server::with_staff_and(Store::Sqlite, LIMITED).await;
    let path = "/api/support/case";
    for host in ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9"] {
        from(&server, host, path, &a_case_of_somebody()).await.ok();
    }
    retry_after(from(&server, "2001:db8:1:2::3", path, &a_case_of_somebody()).await);
    from(&server, "2001:db8:1:3::1", path, &a_case_of_somebody()).await.ok();
}

#[tokio::test]
async fn other_customer_calls_are_limited_regardless_of_their_outcome() {
    let server = Server::with_staff_and(Store::Sqlite, LIMITED).await;
    let guess = json!({"caseNumber": "CW-2026-001"});
    for _ in 0..3 {
        let response = from(&server, "203.0.113.1", "/api/support/case/status", &guess).await;
        response.refused(404, "CASE_NOT_FOUND");
    }
    retry_after(from(&server, "203.0.113.1", "/api/support/case/status", &guess).await);
    retry_after(from(&server, "203.0.113.1", "/api/support/case/cancel", &guess).await);
}

#[tokio::test]
async fn forwarded_addresses_from_clients_are_ignored() {
    let settings: Vec<_> =
        LIMITED.iter().copied().filter(|(name, _)| !name.contains("PROXIES")).collect();
    let server = Server::with_staff_and(Store::Sqlite, &settings).await;
    let path = "/api/support/case";
    for client in ["203.0.113.1", "203.0.113.2"] {
        from(&server, client, path, &a_case_of_somebody()).await.ok();
    }
    retry_after(from(&server, "203.0.113.3", path, &a_case_of_somebody()).await);
}

#[tokio::test]
async fn no_limits_apply_by_default_on_a_loopback_address() {
    let server = Server::with_staff(Store::Sqlite).await;
    for _ in 0..30 {
        let response = server.post("/api/support/case", &a_case_of_somebody()).await;
        assert_eq!(response.header("ratelimit"), None);
        response.ok();
    }
}

#[tokio::test]
async fn staff_calls_are_limited_for_each_token() {
    let mut server = Server::with_staff_and(Store::Sqlite, LIMITED).await;
    for left in [3, 2, 1, 0] {
        let response = server.staff_get("/api/internal/support/cases").await;
        let limit = response.header("ratelimit").unwrap().to_owned();
        assert!(limit.starts_with(&format!("\"staff-calls\";r={left};")), "{limit}");
        response.ok();
    }
    let refused = server.staff_get("/api/internal/support/cases").await;
    assert_eq!(refused.header("ratelimit-policy"), Some("\"staff-calls\";q=4;w=60"));
    assert_eq!(refused.header("ratelimit"), Some("\"staff-calls\";r=0;t=60"));
    // Four requests are allowed per minute, so one is free again within 15 seconds.
    assert!((1..=15).contains(&retry_after(refused)));
    server.use_token(server.workspace().token("staff-456"));
    server.staff_get("/api/internal/support/cases").await.ok();
}

#[tokio::test]
async fn an_address_with_too_many_invalid_tokens_is_limited() {
    let server = Server::with_staff_and(Store::Sqlite, LIMITED).await;
    let path = "/api/internal/support/cases";
    let asks = async |client: &str, token: &str| {
        let request = server.request(Method::GET, path).header("X-Forwarded-For", client);
        Response::to(request.bearer_auth(token)).await
    };
    // A call without a token does not count as a guess.
    for _ in 0..3 {
        let request = server.request(Method::GET, path).header("X-Forwarded-For", "203.0.113.1");
        Response::to(request).await.refused(401, "UNAUTHORIZED");
    }
    for guess in ["guess-1", "guess-2"] {
        asks("203.0.113.1", guess).await.refused(401, "UNAUTHORIZED");
    }
    let refused = asks("203.0.113.1", "guess-3").await;
    assert_eq!(refused.header("ratelimit-policy"), Some("\"failed-tokens\";q=2;w=60"));
    assert_eq!(refused.header("ratelimit"), Some("\"failed-tokens\";r=0;t=60"));
    assert!((1..=30).contains(&retry_after(refused)));
    // A valid token from the same address is not blocked, even after more guesses.
    asks("203.0.113.1", server.token()).await.ok();
    retry_after(asks("203.0.113.1", "guess-4").await);
    asks("203.0.113.1", server.token()).await.ok();
    asks("203.0.113.2", "guess-5").await.refused(401, "UNAUTHORIZED");
    let said = "a request with an invalid token was rejected client=203.0.113.";
    let log = server.log();
    assert_eq!(log.iter().filter(|line| line.contains(said)).count(), 3, "{log:#?}");
    assert!(!log.iter().any(|line| line.contains("guess-")), "{log:#?}");
}

/// Sends a request whose path is spelled differently from the description.
async fn spelled(request: reqwest::RequestBuilder) -> Response {
    Exchange::of(request).await.into()
}

#[tokio::test]
async fn another_spelling_of_a_customer_path_does_not_bypass_the_limits() {
    let server = Server::with_staff_and(Store::Sqlite, LIMITED).await;
    let post = async |path: &str, body: serde_json::Value| {
        spelled(server.request(Method::POST, path).json(&body)).await
    };
    for path in ["/api/support/c%61se", "/%61pi/support/case"] {
        let response = post(path, a_case_of_somebody()).await;
        assert_eq!(response.header("ratelimit-policy"), Some("\"creations\";q=2;w=60"), "{path}");
        response.ok();
    }
    for path in ["/api/support/c%61se", "/api/%73upport/case", "/api/support/case"] {
        retry_after(post(path, a_case_of_somebody()).await);
    }

    let guess = || json!({"caseNumber": "CW-2026-999"});
    for path in
        ["/%61pi/support/case/status", "/api/support/c%61se/status", "/api/support/case/%73tatus"]
    {
        let response = post(path, guess()).await;
        let policy = response.header("ratelimit-policy");
        assert_eq!(policy, Some("\"customer-calls\";q=3;w=60"), "{path}");
        response.refused(404, "CASE_NOT_FOUND");
    }
    for path in ["/%61pi/support/case/status", "/api/support/case/status"] {
        retry_after(post(path, guess()).await);
    }
}

#[tokio::test]
async fn another_spelling_of_a_staff_path_does_not_bypass_the_limits() {
    let server = Server::with_staff_and(Store::Sqlite, LIMITED).await;
    let paths = ["/api/%69nternal/support/cases", "/%61pi/internal/support/c%61ses"];
    for (path, left) in paths.iter().cycle().zip([3, 2, 1, 0]) {
        let response = spelled(server.staff_request(Method::GET, path)).await;
        let limit = response.header("ratelimit").unwrap_or_default().to_owned();
        assert!(limit.starts_with(&format!("\"staff-calls\";r={left};")), "{path}: {response:?}");
        response.ok();
    }
    retry_after(spelled(server.staff_request(Method::GET, paths[0])).await);

    let asks = async |path: &str, token: &str| {
        let request = server.request(Method::GET, path).header("X-Forwarded-For", "203.0.113.1");
        spelled(request.bearer_auth(token)).await
    };
    for path in paths {
        asks(path, "a-guess").await.refused(401, "UNAUTHORIZED");
    }
    for path in [paths[0], paths[1], "/api/internal/support/cases"] {
        retry_after(asks(path, "a-guess").await);
    }
}

#[tokio::test]
async fn limits_apply_by_default_on_a_reachable_address() {
    for (name, value) in
        [("ENGAGE_SERVER__TRUSTED_PROXIES", "127.0.0.0/8"), ("ENGAGE_SERVER__BIND", "0.0.0.0:0")]
    {
        let server = Server::with_staff_and(Store::Sqlite, &[(name, value)]).await;
        let response = server.post("/api/support/case", &a_case_of_somebody()).await;
        let limit = response.header("ratelimit").unwrap_or_default().to_owned();
        assert!(limit.starts_with("\"creations\";r="), "{name}: {response:?}");
        response.ok();
        let response = server.staff_get("/api/internal/support/cases").await;
        let limit = response.header("ratelimit").unwrap_or_default().to_owned();
        assert!(limit.starts_with("\"staff-calls\";r="), "{name}: {response:?}");
        response.ok();
    }
}

#[tokio::test]
async fn every_response_tells_browsers_to_treat_it_as_data() {
    let https = [("ENGAGE_SERVER__PUBLIC_URL", "https://support.example.com")];
    let server = Server::with_staff_and(Store::Sqlite, &https).await;
    for response in [
        server.post("/api/support/case", &a_case_of_somebody()).await,
        server.get("/health").await,
        server.get("/nowhere").await,
        server.get("/api/internal/support/cases").await,
    ] {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            ("strict-transport-security", "max-age=63072000"),
        ] {
            assert_eq!(response.header(name), Some(value), "{name}");
        }
    }
    let plain = Server::with_staff(Store::Sqlite).await;
    assert_eq!(plain.get("/health").await.header("strict-transport-security"), None);
}
