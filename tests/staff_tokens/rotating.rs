//! Rotating a token.

use jiff::ToSpan;
use reqwest::Method;
use serde_json::json;

use super::{as_bearer, issue, list, make, me, text, tokens_of};
use crate::support::{Server, Store, keys, now, on_both_stores, timestamp};

on_both_stores! {
    a_rotated_token_retains_its_id_and_its_old_secret_cannot_rotate
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
