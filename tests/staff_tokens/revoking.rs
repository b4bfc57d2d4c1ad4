//! Revoking tokens.

use std::io::Write;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use super::{as_bearer, issue, list, make, me, revoke, text, tokens_of};
use crate::support::{
    Response, Server, Store, a_case, eventually_seen, now, on_both_stores, raw, timestamp,
};

on_both_stores! {
    a_token_is_not_revoked_under_another_member
    tokens_created_for_another_member_are_revoked_together
    revoked_tokens_can_be_listed_later
    a_token_revoked_while_the_body_is_sent_changes_nothing
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
