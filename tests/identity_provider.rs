//! Tokens of an identity provider, in the whole program.

use engage_testkit::identity_provider::{Signer, hmac_token, key_set, unsigned};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    HttpReceiver, Response, Server, Store, eventually_seen, now, on_both_stores, timestamp,
};

on_both_stores! {
    tokens_of_the_provider_and_of_engage_are_both_accepted
    an_invalid_token_of_the_provider_is_unauthorized
    unknown_and_former_members_are_not_recognised
    the_role_comes_from_the_claim_if_one_is_configured
    a_token_created_with_one_of_the_provider_has_its_role_and_expiry
    an_administrator_only_by_claim_cannot_create_permanent_access
}

const ME: &str = "/api/internal/me";
const STAFF: &str = "/api/internal/staff";

/// Starts a server with the seed's members that reads a provider's key from a file.
async fn server_with(store: Store, signer: &Signer, more: &[(&str, &str)]) -> Server {
    let workspace = store.workspace().await;
    let keys = workspace.folder().join("keys.json");
    std::fs::write(&keys, key_set(&[signer.jwk("k")])).unwrap();
    workspace.set_all(&[
        ("ENGAGE_AUTH__JWT__ISSUER", "https://login.example/"),
        ("ENGAGE_AUTH__JWT__AUDIENCE", "engage"),
        ("ENGAGE_AUTH__JWT__JWKS", keys.to_str().unwrap()),
    ]);
    workspace.set_all(more);
    workspace.add_staff();
    let mut server = Server::start_in(&workspace, &[]).await;
    server.use_token(workspace.token("staff-123"));
    server
}

/// Returns the claims of an ordinary token of Jane's.
fn claims() -> Value {
    let now = now().as_second();
    json!({
        "iss": "https://login.example/", "aud": "engage", "sub": "staff-123", "exp": now + 600,
        "nbf": now, "email": "jane@staff.example", "email_verified": true, "role": "ADMIN",
    })
}

fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

async fn get(server: &Server, path: &str, token: &str) -> Response {
    Response::to(server.request(Method::GET, path).bearer_auth(token)).await
}

async fn tokens_of_the_provider_and_of_engage_are_both_accepted(store: Store) {
    for signer in [Signer::rsa(), Signer::ec(), Signer::ed()] {
        let server = server_with(store, &signer, &[]).await;
        let claims = claims();
        let response = get(&server, ME, &signer.token("k", &claims)).await.ok();
        assert_eq!(response["staff"]["id"], "staff-123");
        let authentication = &response["authentication"];
        assert_eq!(
            (&authentication["method"], &authentication["tokenId"]),
            (&json!("JWT"), &Value::Null)
        );
        let expires_at = timestamp(&authentication["expiresAt"]);
        assert_eq!(Some(expires_at.as_second()), claims["exp"].as_i64());
        get(&server, STAFF, &signer.token("k", &claims)).await.ok();
        let own = server.staff_get(ME).await.ok();
        assert_eq!(own["authentication"]["method"], "TOKEN");
    }
}

async fn an_invalid_token_of_the_provider_is_unauthorized(store: Store) {
    let (signer, stranger) = (Signer::rsa(), Signer::rsa());
    let server = server_with(store, &signer, &[]).await;
    let now = now().as_second();
    let without_signature = unsigned(&json!({"alg": "none"}), &claims()) + ".";
    let header = json!({"alg": "HS256", "kid": "k"});
    let with_public_key = hmac_token(&header, &claims(), signer.public_key());
    for (what, token) in [
        ("none", without_signature),
        ("an HMAC with the public key", with_public_key),
        ("another's signature", stranger.token("k", &claims())),
        ("an unknown key", signer.token("other", &claims())),
        ("another issuer", signer.token("k", &claims_with("iss", json!("https://evil.example/")))),
        ("another audience", signer.token("k", &claims_with("aud", json!(["other"])))),
        ("expired", signer.token("k", &claims_with("exp", json!(now - 120)))),
        ("no expiry", signer.token("k", &claims_with("exp", Value::Null))),
        ("not yet", signer.token("k", &claims_with("nbf", json!(now + 600)))),
        ("too long", signer.token("k", &claims_with("exp", json!(now + 100_000)))),
        ("in the year 9999", signer.token("k", &claims_with("exp", json!(253_402_300_799_i64)))),
        ("bound to a key", signer.token("k", &claims_with("cnf", json!({"jkt": "x"})))),
        ("to log out", signer.token("k", &claims_with("events", json!({})))),
        (
            "of another type",
            signer.token_with(&json!({"alg": "RS256", "typ": "logout+jwt", "kid": "k"}), &claims()),
        ),
    ] {
        let response = get(&server, ME, &token).await;
        assert_eq!(response.header("www-authenticate"), Some("Bearer"), "{what}: {response:?}");
        response.refused(401, "UNAUTHORIZED");
        // No part of a token is logged.
        let body = token.split('.').nth(1).unwrap();
        assert!(!server.log().iter().any(|line| line.contains(body)), "{what}");
    }
    get(&server, ME, &signer.token("k", &claims())).await.ok();
}

async fn unknown_and_former_members_are_not_recognised(store: Store) {
    let signer = Signer::ed();
    let settings = [("ENGAGE_AUTH__JWT__TRUSTS_ADDRESSES", "true")];
    let server = server_with(store, &signer, &settings).await;
    let sam = signer.token("k", &claims_with("sub", json!("staff-456")));
    assert_eq!(get(&server, ME, &sam).await.ok()["staff"]["name"], "Sam Jones");
    let by_address = signer.token("k", &claims_with("sub", json!("SAM@staff.example")));
    assert_eq!(get(&server, ME, &by_address).await.ok()["staff"]["id"], "staff-456");
    for name in ["nobody", "nobody@staff.example", "auth0|5"] {
        let token = signer.token("k", &claims_with("sub", json!(name)));
        get(&server, ME, &token).await.refused(401, "UNAUTHORIZED");
    }
    server.staff_post(&format!("{STAFF}/staff-456/deactivate"), &json!({})).await.ok();
    for token in [&sam, &by_address] {
        get(&server, ME, token).await.refused(401, "UNAUTHORIZED");
    }
}

async fn the_role_comes_from_the_claim_if_one_is_configured(store: Store) {
    let signer = Signer::ec();
    let settings =
        [("ENGAGE_AUTH__JWT__ROLE_CLAIM", "role"), ("ENGAGE_AUTH__JWT__STAFF_CLAIM", "email")];
    let server = server_with(store, &signer, &settings).await;
    let with_role = |role: Value| signer.token("k", &claims_with("role", role));
    // In Engage, Jane is an administrator.
    let token = with_role(json!("AGENT"));
    assert_eq!(get(&server, ME, &token).await.ok()["staff"]["role"], "AGENT");
    get(&server, &format!("{STAFF}/staff-456"), &token).await.refused(403, "FORBIDDEN");
    get(&server, STAFF, &with_role(json!(["user", "admin"]))).await.ok();
    for role in [Value::Null, json!("user"), json!([])] {
        get(&server, ME, &with_role(role)).await.refused(401, "UNAUTHORIZED");
    }
    // With a token of Engage she has the role that Engage knows.
    server.staff_get(STAFF).await.ok();
}

async fn post(server: &Server, path: &str, token: &str, body: &Value) -> Response {
    Response::to(server.request(Method::POST, path).bearer_auth(token).json(body)).await
}

async fn a_token_created_with_one_of_the_provider_has_its_role_and_expiry(store: Store) {
    let signer = Signer::ec();
    let server = server_with(store, &signer, &[("ENGAGE_AUTH__JWT__ROLE_CLAIM", "role")]).await;
    // In Engage, Jane is an administrator.
    let claims = claims_with("role", json!("AGENT"));
    let jwt = signer.token("k", &claims);
    let tokens = format!("{STAFF}/staff-123/tokens");
    let made = post(&server, &tokens, &jwt, &json!({})).await.ok();
    assert_eq!(Some(timestamp(&made["expiresAt"]).as_second()), claims["exp"].as_i64());
    assert_eq!((&made["roleCeiling"], &made["parentId"]), (&json!("AGENT"), &Value::Null));
    let token = made["token"].as_str().unwrap();
    assert_eq!(get(&server, ME, token).await.ok()["staff"]["role"], "AGENT");
    get(&server, &format!("{STAFF}/staff-456"), token).await.refused(403, "FORBIDDEN");
    // It cannot be used to take over the permanent token of the command line either.
    let own = server.staff_get(ME).await.ok()["authentication"]["tokenId"].clone();
    let lasting = format!("{tokens}/{}/rotate", own.as_str().unwrap());
    for credential in [&jwt, token] {
        let response = post(&server, &lasting, credential, &json!({})).await;
        response.refused(403, "TOKEN_NOT_ROTATABLE");
    }
    let path = format!("{tokens}/{}/rotate", made["id"].as_str().unwrap());
    post(&server, &path, &jwt, &json!({})).await.ok();
}

async fn an_administrator_only_by_claim_cannot_create_permanent_access(store: Store) {
    let signer = Signer::ec();
    let server = server_with(store, &signer, &[("ENGAGE_AUTH__JWT__ROLE_CLAIM", "role")]).await;
    // In Engage, Sam is an agent.
    let mut claims = claims_with("role", json!("ADMIN"));
    claims["sub"] = json!("staff-456");
    let jwt = signer.token("k", &claims);
    let needed = json!({"requiredRole": "ADMIN"});
    let own = server.staff_get(ME).await.ok()["authentication"]["tokenId"].clone();
    let janes = format!("{STAFF}/staff-123/tokens");
    let rotate = format!("{janes}/{}/rotate", own.as_str().unwrap());
    let boss = json!({"name": "Bo", "email": "bo@staff.example", "role": "ADMIN"});
    for (path, body) in [(&janes, json!({})), (&rotate, json!({})), (&STAFF.to_owned(), boss)] {
        let response = post(&server, path, &jwt, &body).await;
        assert_eq!(response.refused(403, "FORBIDDEN"), needed, "{path}");
    }
    let himself = server.request(Method::PATCH, &format!("{STAFF}/staff-456")).bearer_auth(&jwt);
    let response = Response::to(himself.json(&json!({"role": "ADMIN"}))).await;
    assert_eq!(response.refused(403, "FORBIDDEN"), needed);
    // Everything else that an administrator may do is allowed.
    let agent = json!({"name": "Al", "email": "al@staff.example", "role": "AGENT"});
    post(&server, STAFF, &jwt, &agent).await.ok();
    let made = post(&server, &format!("{STAFF}/staff-456/tokens"), &jwt, &json!({})).await.ok();
    let token = made["token"].as_str().unwrap();
    // The ceiling is the role in the claim, but Engage knows Sam as an agent.
    assert_eq!(get(&server, ME, token).await.ok()["staff"]["role"], "AGENT");
}

#[tokio::test]
async fn keys_are_read_from_a_url_and_their_absence_is_reported_as_unavailable() {
    let signer = Signer::ed();
    let keys = key_set(&[signer.jwk("k")]);
    let provider = HttpReceiver::responding(move |_, _| {
        Some(format!("200 OK\r\ncontent-length: {}\r\n\r\n{keys}", keys.len()))
    })
    .await;
    let url = provider.url("/keys");
    let server = server_with(Store::Sqlite, &signer, &[("ENGAGE_AUTH__JWT__JWKS", &url)]).await;
    // The keys are read at the start, without delaying requests.
    eventually_seen("the keys are read", async || (!provider.received().is_empty()).then_some(()))
        .await;
    get(&server, ME, &signer.token("k", &claims())).await.ok();
    assert_eq!(provider.received().len(), 1);

    let nobody = [("ENGAGE_AUTH__JWT__JWKS", "http://127.0.0.1:1/keys")];
    let server = server_with(Store::Sqlite, &signer, &nobody).await;
    let response = get(&server, ME, &signer.token("k", &claims())).await;
    assert!(response.header("retry-after").is_some(), "{response:?}");
    response.refused(503, "UNAVAILABLE");
    server.staff_get(ME).await.ok();
    get(&server, ME, "a.b.c").await.refused(401, "UNAUTHORIZED");
}
