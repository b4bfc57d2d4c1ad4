//! Tokens of members of staff, through the API.

use jiff::ToSpan;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Answer, Server, Store, eventually_seen, keys, now, on_both_stores, timestamp,
};

on_both_stores! {
    a_token_is_shown_once_and_works_until_it_is_revoked
    a_token_is_void_from_its_expiry_on
    the_last_use_of_a_token_is_shown
    everybody_manages_their_own_tokens_and_administrators_all
    a_token_of_another_member_is_not_revoked_by_mistake
    all_that_is_wrong_with_a_token_is_told_at_once
    a_member_has_a_hundred_tokens_at_most
    the_one_who_asks_is_told_who_they_are
}

const ME: &str = "/api/internal/me";

fn tokens_of(id: &str) -> String {
    format!("/api/internal/staff/{id}/tokens")
}

async fn issue(server: &Server, owner: &str, body: &Value) -> Value {
    server.staff_post(&tokens_of(owner), body).await.ok()
}

async fn list(server: &Server, owner: &str) -> Vec<Value> {
    let answer = server.staff_get(&tokens_of(owner)).await.ok();
    answer["tokens"].as_array().unwrap().clone()
}

async fn revoke(server: &Server, owner: &str, id: &str) -> Answer {
    let path = format!("{}/{id}", tokens_of(owner));
    Answer::to(server.staff_request(Method::DELETE, &path)).await
}

async fn me(server: &Server, token: &str) -> Answer {
    Answer::to(server.request(Method::GET, ME).bearer_auth(token)).await
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

async fn a_token_is_shown_once_and_works_until_it_is_revoked(store: Store) {
    let server = Server::with_staff(store).await;
    let issued = issue(&server, "staff-456", &json!({"name": " Sam's laptop 💻 "})).await;
    assert_eq!(keys(&issued), ["createdAt", "expiresAt", "id", "name", "success", "token"]);
    assert_eq!(issued["name"], "Sam's laptop 💻");
    assert_eq!(issued["expiresAt"], Value::Null);
    let (token, id) = (text(&issued["token"]), text(&issued["id"]));
    assert!(token.starts_with("eng_") && token.len() >= 4 + 32, "{token}");
    assert_eq!(me(&server, token).await.ok()["staff"]["id"], "staff-456");

    let listed = list(&server, "staff-456").await;
    let [listed] = &listed[..] else { panic!("{listed:?}") };
    assert_eq!(keys(listed), ["createdAt", "expiresAt", "id", "lastUsedAt", "name"]);
    assert_eq!((text(&listed["id"]), &listed["name"]), (id, &issued["name"]));
    assert_eq!(listed["createdAt"], issued["createdAt"]);
    assert!(!listed.to_string().contains(&token[4..]));

    assert_eq!(revoke(&server, "staff-456", id).await.ok(), json!({"success": true}));
    me(&server, token).await.refused(401, "UNAUTHORIZED");
    assert!(list(&server, "staff-456").await.is_empty());
    let again = revoke(&server, "staff-456", id).await.refused(404, "TOKEN_NOT_FOUND");
    assert_eq!(again, json!({"tokenId": id}));
}

async fn a_token_is_void_from_its_expiry_on(store: Store) {
    let server = Server::with_staff(store).await;
    let expires_at = now() + 5.seconds();
    let issued = issue(&server, "staff-456", &json!({"expiresAt": expires_at.to_string()})).await;
    let token = text(&issued["token"]);
    let shown = timestamp(&issued["expiresAt"]);
    assert_eq!(shown.as_millisecond(), expires_at.as_millisecond());
    eventually_seen("the token expires", async || {
        let asked_at = now();
        let answer = me(&server, token).await;
        if answer.status == 200 {
            assert!(asked_at < shown, "still valid");
            return None;
        }
        answer.refused(401, "UNAUTHORIZED");
        assert!(now() >= shown, "void too early");
        Some(())
    })
    .await;
    // It is listed until somebody removes it.
    assert_eq!(list(&server, "staff-456").await.len(), 1);
}

async fn the_last_use_of_a_token_is_shown(store: Store) {
    let server = Server::with_staff(store).await;
    let issued = issue(&server, "staff-456", &json!({"name": "used"})).await;
    issue(&server, "staff-456", &json!({"name": "unused"})).await;
    assert!(list(&server, "staff-456").await.iter().all(|token| token["lastUsedAt"].is_null()));
    let before = now();
    me(&server, text(&issued["token"])).await.ok();
    // It is noted beside the request.
    let used = eventually_seen("the use is noted", async || {
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

async fn everybody_manages_their_own_tokens_and_administrators_all(store: Store) {
    let mut server = Server::with_staff(store).await;
    let janes = issue(&server, "staff-123", &json!({})).await;
    let sams = server.place().token("staff-456");
    server.use_token(sams);
    let own = issue(&server, "staff-456", &json!({"name": "own"})).await;
    assert_eq!(list(&server, "staff-456").await.len(), 2);
    revoke(&server, "staff-456", text(&own["id"])).await.ok();
    for other in ["staff-123", "nobody"] {
        let needed = json!({"requiredRole": "ADMIN"});
        let answer = server.staff_get(&tokens_of(other)).await;
        assert_eq!(answer.refused(403, "FORBIDDEN"), needed);
        let answer = server.staff_post(&tokens_of(other), &json!({})).await;
        assert_eq!(answer.refused(403, "FORBIDDEN"), needed);
        let answer = revoke(&server, other, text(&janes["id"])).await;
        assert_eq!(answer.refused(403, "FORBIDDEN"), needed);
    }
    server.use_token(text(&janes["token"]).to_owned());
    assert_eq!(list(&server, "staff-456").await.len(), 1);
    for answer in [
        server.staff_get(&tokens_of("nobody")).await,
        server.staff_post(&tokens_of("nobody"), &json!({})).await,
    ] {
        assert_eq!(answer.refused(404, "STAFF_NOT_FOUND"), json!({"staffId": "nobody"}));
    }
}

async fn a_token_of_another_member_is_not_revoked_by_mistake(store: Store) {
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

async fn all_that_is_wrong_with_a_token_is_told_at_once(store: Store) {
    let server = Server::with_staff(store).await;
    let path = tokens_of("staff-456");
    let bad = json!({"name": "x".repeat(101), "expiresAt": "tomorrow"});
    let answer = server.staff_post(&path, &bad).await;
    assert_eq!(answer.invalid_fields(), ["name", "expiresAt"]);
    for past in ["2020-01-01T00:00:00Z", "-009999-01-02T01:59:59Z"] {
        let answer = server.staff_post(&path, &json!({"expiresAt": past})).await;
        assert_eq!(answer.invalid_fields(), ["expiresAt"]);
    }
    let late = issue(&server, "staff-456", &json!({"expiresAt": "9999-12-30T22:00:00Z"})).await;
    me(&server, text(&late["token"])).await.ok();
    let blank = issue(&server, "staff-456", &json!({"name": " ", "expiresAt": null})).await;
    assert_eq!((&blank["name"], &blank["expiresAt"]), (&Value::Null, &Value::Null));
}

async fn a_member_has_a_hundred_tokens_at_most(store: Store) {
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

async fn the_one_who_asks_is_told_who_they_are(store: Store) {
    let server = Server::with_staff(store).await;
    let issued = issue(&server, "staff-456", &json!({"expiresAt": "2099-01-01T00:00:00Z"})).await;
    let answer = me(&server, text(&issued["token"])).await.ok();
    assert_eq!(keys(&answer), ["authentication", "staff", "success"]);
    let known = server.staff_get("/api/internal/staff/staff-456").await.ok();
    assert_eq!(answer["staff"], known["staff"]);
    assert_eq!(
        answer["authentication"],
        json!({"method": "TOKEN", "tokenId": issued["id"], "expiresAt": "2099-01-01T00:00:00Z"})
    );
}
