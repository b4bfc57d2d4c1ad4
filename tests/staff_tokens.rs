//! Tokens of staff, through the API.

use std::io::Write;
use std::time::Duration;

use jiff::ToSpan;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Response, Server, Store, a_case, eventually_seen, keys, now, on_both_stores, raw, timestamp,
};

on_both_stores! {
    a_token_is_shown_once_and_works_until_it_is_revoked
    a_token_is_void_once_it_expires
    the_last_use_of_a_token_is_shown
    members_manage_their_own_tokens_and_administrators_all
    a_token_is_not_revoked_under_another_member
    all_errors_of_a_token_are_reported_at_once
    a_member_has_at_most_a_hundred_tokens
    a_caller_can_read_their_own_identity
    a_token_is_limited_to_the_role_and_life_of_its_parent
    a_token_for_another_member_is_independent_of_its_creators_token
    a_rotated_token_retains_its_id_and_its_old_secret_cannot_rotate
    tokens_created_for_another_member_are_revoked_together
    revoked_tokens_can_be_listed_later
    a_token_revoked_while_the_body_is_sent_changes_nothing
}

const ME: &str = "/api/internal/me";

fn tokens_of(id: &str) -> String {
    format!("/api/internal/staff/{id}/tokens")
}

async fn issue(server: &Server, owner: &str, body: &Value) -> Value {
    server.staff_post(&tokens_of(owner), body).await.ok()
}

async fn list(server: &Server, owner: &str) -> Vec<Value> {
    let response = server.staff_get(&tokens_of(owner)).await.ok();
    response["tokens"].as_array().unwrap().clone()
}

async fn revoke(server: &Server, owner: &str, id: &str) -> Response {
    let path = format!("{}/{id}", tokens_of(owner));
    Response::to(server.staff_request(Method::DELETE, &path)).await
}

async fn me(server: &Server, token: &str) -> Response {
    Response::to(server.request(Method::GET, ME).bearer_auth(token)).await
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

async fn a_token_is_shown_once_and_works_until_it_is_revoked(store: Store) {
    let server = Server::with_staff(store).await;
    let issued = issue(&server, "staff-456", &json!({"name": " Sam's laptop 💻 "})).await;
    let expected = [
        "createdAt",
        "expiresAt",
        "id",
        "madeBy",
        "name",
        "parentId",
        "roleCeiling",
        "success",
        "token",
    ];
    assert_eq!(keys(&issued), expected);
    assert_eq!(issued["name"], "Sam's laptop 💻");
    // The default of tokens.default_life.
    let life = timestamp(&issued["expiresAt"]) - timestamp(&issued["createdAt"]);
    assert_eq!(life.get_seconds(), 90 * 24 * 3600);
    assert_eq!(
        (&issued["madeBy"], &issued["parentId"], &issued["roleCeiling"]),
        (&json!("staff-123"), &Value::Null, &Value::Null)
    );
    let (token, id) = (text(&issued["token"]), text(&issued["id"]));
    assert!(token.starts_with("eng_") && token.len() >= 4 + 32, "{token}");
    assert_eq!(me(&server, token).await.ok()["staff"]["id"], "staff-456");

    let listed = list(&server, "staff-456").await;
    let [listed] = &listed[..] else { panic!("{listed:?}") };
    let expected = [
        "createdAt",
        "expiresAt",
        "id",
        "lastUsedAt",
        "madeBy",
        "name",
        "parentId",
        "revokedAt",
        "roleCeiling",
    ];
    assert_eq!(keys(listed), expected);
    assert_eq!((text(&listed["id"]), &listed["name"]), (id, &issued["name"]));
    assert_eq!(listed["createdAt"], issued["createdAt"]);
    assert!(!listed.to_string().contains(&token[4..]));

    assert_eq!(revoke(&server, "staff-456", id).await.ok(), json!({"success": true}));
    me(&server, token).await.refused(401, "UNAUTHORIZED");
    assert!(list(&server, "staff-456").await.is_empty());
    let again = revoke(&server, "staff-456", id).await.refused(404, "TOKEN_NOT_FOUND");
    assert_eq!(again, json!({"tokenId": id}));
}

async fn a_token_is_void_once_it_expires(store: Store) {
    let server = Server::with_staff(store).await;
    let expires_at = now() + 5.seconds();
    let issued = issue(&server, "staff-456", &json!({"expiresAt": expires_at.to_string()})).await;
    let token = text(&issued["token"]);
    let shown = timestamp(&issued["expiresAt"]);
    assert_eq!(shown.as_millisecond(), expires_at.as_millisecond());
    eventually_seen("the token expires", async || {
        let asked_at = now();
        let response = me(&server, token).await;
        if response.status == 200 {
            assert!(asked_at < shown, "still valid");
            return None;
        }
        response.refused(401, "UNAUTHORIZED");
        assert!(now() >= shown, "void too early");
        Some(())
    })
    .await;
    // It is listed until it is removed.
    assert_eq!(list(&server, "staff-456").await.len(), 1);
}

async fn the_last_use_of_a_token_is_shown(store: Store) {
    let server = Server::with_staff(store).await;
    let issued = issue(&server, "staff-456", &json!({"name": "used"})).await;
    issue(&server, "staff-456", &json!({"name": "unused"})).await;
    assert!(list(&server, "staff-456").await.iter().all(|token| token["lastUsedAt"].is_null()));
    let before = now();
    me(&server, text(&issued["token"])).await.ok();
    // The use is recorded outside the request.
    let used = eventually_seen("the use is recorded", async || {
        let listed = list(&server, "staff-456").await;
        assert_eq!(
            (&listed[1]["name"], &listed[1]["lastUsedAt"]),
            (&json!("unused"), &Value::Null)
        );
        (!listed[0]["lastUsedAt"].is_null()).then(|| timestamp(&listed[0]["lastUsedAt"]))
    })
    .await;
    assert!(before.as_millisecond() <= used.as_millisecond() && used <= now());
}

async fn members_manage_their_own_tokens_and_administrators_all(store: Store) {
    let mut server = Server::with_staff(store).await;
    let janes = issue(&server, "staff-123", &json!({})).await;
    let sams = server.workspace().token("staff-456");
    server.use_token(sams);
    let own = issue(&server, "staff-456", &json!({"name": "own"})).await;
    assert_eq!(list(&server, "staff-456").await.len(), 2);
    revoke(&server, "staff-456", text(&own["id"])).await.ok();
    for other in ["staff-123", "nobody"] {
        let needed = json!({"requiredRole": "ADMIN"});
        let response = server.staff_get(&tokens_of(other)).await;
        assert_eq!(response.refused(403, "FORBIDDEN"), needed);
        let response = server.staff_post(&tokens_of(other), &json!({})).await;
        assert_eq!(response.refused(403, "FORBIDDEN"), needed);
        let response = revoke(&server, other, text(&janes["id"])).await;
        assert_eq!(response.refused(403, "FORBIDDEN"), needed);
    }
    server.use_token(text(&janes["token"]).to_owned());
    assert_eq!(list(&server, "staff-456").await.len(), 1);
    for response in [
        server.staff_get(&tokens_of("nobody")).await,
        server.staff_post(&tokens_of("nobody"), &json!({})).await,
    ] {
        assert_eq!(response.refused(404, "STAFF_NOT_FOUND"), json!({"staffId": "nobody"}));
    }
}

async fn a_token_is_not_revoked_under_another_member(store: Store) {
    let server = Server::with_staff(store).await;
    let issued = issue(&server, "staff-456", &json!({})).await;
    let id = text(&issued["id"]);
    for (owner, id) in [
        ("staff-123", id),
        ("nobody", id),
        ("staff-456", "nonsense"),
        ("staff-456", "tok_00000000000000000000000000"),
        ("staff-456", &id.replace("tok_", "whk_")),
    ] {
        let details = revoke(&server, owner, id).await.refused(404, "TOKEN_NOT_FOUND");
        assert_eq!(details, json!({"tokenId": id}));
    }
    me(&server, text(&issued["token"])).await.ok();
}

async fn all_errors_of_a_token_are_reported_at_once(store: Store) {
    let server = Server::with_staff(store).await;
    let path = tokens_of("staff-456");
    let bad = json!({"name": "x".repeat(101), "expiresAt": "tomorrow"});
    let response = server.staff_post(&path, &bad).await;
    assert_eq!(response.invalid_fields(), ["name", "expiresAt"]);
    for past in ["2020-01-01T00:00:00Z", "-009999-01-02T01:59:59Z"] {
        let response = server.staff_post(&path, &json!({"expiresAt": past})).await;
        assert_eq!(response.invalid_fields(), ["expiresAt"]);
    }
    let late = issue(&server, "staff-456", &json!({"expiresAt": "9999-12-30T22:00:00Z"})).await;
    me(&server, text(&late["token"])).await.ok();
    let blank = issue(&server, "staff-456", &json!({"name": " ", "expiresAt": null})).await;
    assert_eq!(blank["name"], Value::Null);
    // The maximum of tokens.max_life.
    let life = timestamp(&late["expiresAt"]) - timestamp(&late["createdAt"]);
    assert_eq!(life.get_seconds(), 365 * 24 * 3600);
}

async fn a_member_has_at_most_a_hundred_tokens(store: Store) {
    let server = Server::with_staff(store).await;
    for _ in 0..100 {
        issue(&server, "staff-456", &json!({})).await;
    }
    let refused = server.staff_post(&tokens_of("staff-456"), &json!({})).await;
    assert_eq!(refused.refused(409, "TOO_MANY_TOKENS"), json!({"limit": 100}));
    let listed = list(&server, "staff-456").await;
    assert_eq!(listed.len(), 100);
    revoke(&server, "staff-456", text(&listed[0]["id"])).await.ok();
    issue(&server, "staff-456", &json!({})).await;
}

async fn a_caller_can_read_their_own_identity(store: Store) {
    let server = Server::with_staff(store).await;
    let issued = issue(&server, "staff-456", &json!({})).await;
    let response = me(&server, text(&issued["token"])).await.ok();
    assert_eq!(keys(&response), ["authentication", "staff", "success"]);
    let known = server.staff_get("/api/internal/staff/staff-456").await.ok();
    assert_eq!(response["staff"], known["staff"]);
    assert_eq!(
        response["authentication"],
        json!({"method": "TOKEN", "tokenId": issued["id"], "expiresAt": issued["expiresAt"]})
    );
}

async fn as_bearer(server: &Server, token: &str, method: Method, path: &str) -> Response {
    let request = server.request(method, path).bearer_auth(token).json(&json!({}));
    Response::to(request).await
}

async fn make(server: &Server, token: &str, owner: &str, body: &Value) -> Response {
    let request = server.request(Method::POST, &tokens_of(owner)).bearer_auth(token);
    Response::to(request.json(body)).await
}

async fn a_token_is_limited_to_the_role_and_life_of_its_parent(store: Store) {
    let server = Server::with_staff(store).await;
    let soon = (now() + 1.hours()).to_string();
    // The permanent token of the command line creates one for an hour, and that one creates
    // another.
    let first = issue(&server, "staff-123", &json!({"expiresAt": soon})).await;
    assert_eq!((&first["roleCeiling"], &first["madeBy"]), (&json!("ADMIN"), &json!("staff-123")));
    let second = make(&server, text(&first["token"]), "staff-123", &json!({})).await.ok();
    let later = json!({"expiresAt": "2999-01-01T00:00:00Z"});
    let third = make(&server, text(&second["token"]), "staff-123", &later).await.ok();
    for (child, parent) in [(&second, &first), (&third, &second)] {
        assert_eq!(child["parentId"], parent["id"]);
        assert_eq!(child["expiresAt"], first["expiresAt"]);
    }
    // A lower role of the member lowers the role of all tokens.
    server
        .staff_post(
            "/api/internal/staff",
            &json!({
                "id": "boss", "name": "Bo", "email": "bo@staff.example", "role": "ADMIN",
            }),
        )
        .await
        .ok();
    let boss = server.workspace().token("boss");
    let as_admin =
        as_bearer(&server, text(&third["token"]), Method::GET, "/api/internal/staff/boss");
    as_admin.await.ok();
    let path = "/api/internal/staff/staff-123";
    let change = async |role: &str| {
        let request = server.request(Method::PATCH, path).bearer_auth(&boss);
        Response::to(request.json(&json!({"role": role}))).await.ok();
    };
    change("AGENT").await;
    let low = make(&server, text(&third["token"]), "staff-123", &json!({})).await.ok();
    assert_eq!(low["roleCeiling"], "AGENT");
    change("ADMIN").await;
    // A token that was created as an agent keeps that role.
    assert_eq!(me(&server, text(&low["token"])).await.ok()["staff"]["role"], "AGENT");
    as_bearer(&server, text(&low["token"]), Method::GET, path).await.refused(403, "FORBIDDEN");

    revoke(&server, "staff-123", text(&second["id"])).await.ok();
    me(&server, text(&first["token"])).await.ok();
    for void in [&second, &third, &low] {
        me(&server, text(&void["token"])).await.refused(401, "UNAUTHORIZED");
        make(&server, text(&void["token"]), "staff-123", &json!({}))
            .await
            .refused(401, "UNAUTHORIZED");
    }
}

async fn a_token_for_another_member_is_independent_of_its_creators_token(store: Store) {
    let server = Server::with_staff(store).await;
    let short = (now() + 1.hours()).to_string();
    let mine = issue(&server, "staff-123", &json!({"expiresAt": short})).await;
    let theirs = make(&server, text(&mine["token"]), "staff-456", &json!({})).await.ok();
    assert_eq!((&theirs["parentId"], &theirs["madeBy"]), (&Value::Null, &json!("staff-123")));
    assert!(timestamp(&theirs["expiresAt"]) > timestamp(&mine["expiresAt"]));
    revoke(&server, "staff-123", text(&mine["id"])).await.ok();
    assert_eq!(me(&server, text(&theirs["token"])).await.ok()["staff"]["role"], "AGENT");
}

async fn a_rotated_token_retains_its_id_and_its_old_secret_cannot_rotate(store: Store) {
    let server = Server::with_staff(store).await;
    let old = issue(&server, "staff-456", &json!({"name": "Backup"})).await;
    let path = format!("{}/{}/rotate", tokens_of("staff-456"), text(&old["id"]));
    let new = as_bearer(&server, text(&old["token"]), Method::POST, &path).await.ok();
    assert_eq!(keys(&new), keys(&old));
    for field in ["id", "name", "createdAt", "expiresAt", "madeBy"] {
        assert_eq!(new[field], old[field], "{field}");
    }
    for (secret, ends_within_a_day) in [(&old["token"], true), (&new["token"], false)] {
        let authentication = me(&server, text(secret)).await.ok()["authentication"].clone();
        assert_eq!(authentication["tokenId"], old["id"]);
        let ends = timestamp(&authentication["expiresAt"]);
        assert_eq!(ends <= now() + 24.hours(), ends_within_a_day, "{ends}");
    }
    // A token created with the old secret expires with it, and the old secret cannot rotate the
    // token again.
    let child = make(&server, text(&old["token"]), "staff-456", &json!({})).await.ok();
    assert!(timestamp(&child["expiresAt"]) <= now() + 24.hours());
    let again = as_bearer(&server, text(&old["token"]), Method::POST, &path).await;
    assert_eq!(again.refused(403, "TOKEN_NOT_ROTATABLE"), json!({"tokenId": old["id"]}));
    let with_child = as_bearer(&server, text(&child["token"]), Method::POST, &path).await;
    with_child.refused(403, "TOKEN_NOT_ROTATABLE");
    // An administrator can rotate it, which voids the oldest secret.
    let newest = as_bearer(&server, server.token(), Method::POST, &path).await.ok();
    me(&server, text(&old["token"])).await.refused(401, "UNAUTHORIZED");
    me(&server, text(&new["token"])).await.ok();
    me(&server, text(&newest["token"])).await.ok();
    let others = format!("{}/{}/rotate", tokens_of("staff-123"), text(&old["id"]));
    as_bearer(&server, server.token(), Method::POST, &others).await.refused(404, "TOKEN_NOT_FOUND");
    as_bearer(&server, text(&newest["token"]), Method::POST, &others)
        .await
        .refused(403, "FORBIDDEN");
    assert_eq!(list(&server, "staff-456").await.len(), 2);
}

async fn tokens_created_for_another_member_are_revoked_together(store: Store) {
    let server = Server::with_staff(store).await;
    let given = issue(&server, "staff-456", &json!({})).await;
    let child = make(&server, text(&given["token"]), "staff-456", &json!({})).await.ok();
    let by_command = server.workspace().token("staff-456");
    let path = tokens_of("staff-456");
    let delete = async |query: &str| {
        Response::to(server.staff_request(Method::DELETE, &format!("{path}{query}"))).await
    };
    assert_eq!(delete("").await.invalid_fields(), ["madeBy"]);
    assert_eq!(delete("?madeBy=A%20B").await.invalid_fields(), ["madeBy"]);
    assert_eq!(delete("?madeBy=nobody").await.ok(), json!({"success": true, "revoked": 0}));
    me(&server, text(&given["token"])).await.ok();
    assert_eq!(delete("?madeBy=staff-123").await.ok(), json!({"success": true, "revoked": 2}));
    for void in [&given, &child] {
        me(&server, text(&void["token"])).await.refused(401, "UNAUTHORIZED");
    }
    me(&server, &by_command).await.ok();
    let path = format!("{}?madeBy=staff-123", tokens_of("nobody"));
    let response = Response::to(server.staff_request(Method::DELETE, &path)).await;
    response.refused(404, "STAFF_NOT_FOUND");
    let others = format!("{}?madeBy=staff-456", tokens_of("staff-123"));
    as_bearer(&server, &by_command, Method::DELETE, &others).await.refused(403, "FORBIDDEN");
}

async fn revoked_tokens_can_be_listed_later(store: Store) {
    let server = Server::with_staff(store).await;
    let issued = issue(&server, "staff-456", &json!({"name": "Laptop"})).await;
    let revoked = async |query: &str| {
        let path = format!("{}?revoked={query}", tokens_of("staff-456"));
        server.staff_get(&path).await
    };
    assert_eq!(revoked("true").await.ok()["tokens"], json!([]));
    let before = now();
    revoke(&server, "staff-456", text(&issued["id"])).await.ok();
    let response = revoked("true").await.ok();
    let told = &response["tokens"][0];
    assert_eq!((&told["id"], &told["name"]), (&issued["id"], &json!("Laptop")));
    assert_eq!(told["madeBy"], "staff-123");
    assert!(timestamp(&told["revokedAt"]).as_millisecond() >= before.as_millisecond());
    assert_eq!(revoked("false").await.ok()["tokens"], json!([]));
    assert_eq!(revoked("maybe").await.invalid_fields(), ["revoked"]);
}

async fn a_token_revoked_while_the_body_is_sent_changes_nothing(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let issued = issue(&server, "staff-456", &json!({})).await;
    let body = json!({"message": "too late"}).to_string();
    let (first, rest) = body.split_at(5);
    let head = format!(
        "POST /api/internal/support/case/{number}/update HTTP/1.1\r\nHost: localhost\r\n\
         Authorization: Bearer {}\r\nContent-Type: application/json\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{first}",
        text(&issued["token"]),
        body.len()
    );
    let mut stream = raw::connect(server.address());
    stream.write_all(head.as_bytes()).unwrap();
    // Once its use is recorded, the token was recognised.
    eventually_seen("the token is recognised", async || {
        let listed = list(&server, "staff-456").await;
        listed.iter().any(|token| !token["lastUsedAt"].is_null()).then_some(())
    })
    .await;
    revoke(&server, "staff-456", text(&issued["id"])).await.ok();
    stream.write_all(rest.as_bytes()).unwrap();
    let reply = raw::read_to_end(&mut stream, Duration::from_secs(10));
    assert_eq!(reply.status(), Some(401), "{reply:?}");
    assert_eq!(server.details(&number).await["case"]["version"], 1);
}
