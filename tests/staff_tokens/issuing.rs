//! Creating, listing and using tokens.

use jiff::ToSpan;
use serde_json::{Value, json};

use super::{issue, list, me, revoke, text, tokens_of};
use crate::support::{Server, Store, eventually_seen, keys, now, on_both_stores, timestamp};

on_both_stores! {
    a_token_is_shown_once_and_works_until_it_is_revoked
    a_token_is_void_once_it_expires
    the_last_use_of_a_token_is_shown
    members_manage_their_own_tokens_and_administrators_all
    all_errors_of_a_token_are_reported_at_once
    a_member_has_at_most_a_hundred_tokens
    a_caller_can_read_their_own_identity
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
