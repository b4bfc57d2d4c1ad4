//! Limits of a token that was created with another one.

use jiff::ToSpan;
use reqwest::Method;
use serde_json::{Value, json};

use super::{as_bearer, issue, make, me, revoke, text};
use crate::support::{Response, Server, Store, now, on_both_stores, timestamp};

on_both_stores! {
    a_token_is_limited_to_the_role_and_life_of_its_parent
    a_token_for_another_member_is_independent_of_its_creators_token
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
