//! Deletion of data after its retention period.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::attachments::kept;
use crate::support::{
    Form, Response, Server, Store, Workspace, a_case, eventually_seen, holds_within,
    on_both_stores, send,
};

on_both_stores! {
    unattached_uploads_are_deleted_and_attached_ones_are_not
    sent_notifications_are_deleted
    a_key_can_be_reused_once_its_response_is_deleted
}

const OFTEN: &[(&str, &str)] = &[("ENGAGE_RETENTION__INTERVAL", "1s")];

/// Makes all rows of a table older by setting one of their timestamps.
async fn age(store: Store, server: &Server, table: &str, column: &str, hours: i64) {
    let then = store.hours_ago(hours);
    let statement = format!("UPDATE {table} SET {column} = {then} WHERE {column} IS NOT NULL");
    store.execute(server.workspace(), &statement).await;
}

async fn uploaded(server: &Server, text: &str) -> String {
    let form = Form::default().file("a.txt", "text/plain", text.as_bytes());
    let request = server.staff_request(Method::POST, "/api/internal/support/attachments");
    let response = Response::to(form.of(request)).await.ok();
    response["attachments"][0]["id"].as_str().unwrap().to_owned()
}

async fn unattached_uploads_are_deleted_and_attached_ones_are_not(store: Store) {
    let server = Server::with_staff_and(store, OFTEN).await;
    let number = server.open(&a_case()).await;
    let taken = uploaded(&server, "taken").await;
    let update = json!({"message": "See there.", "attachments": [{"id": taken}]});
    server.update(&number, &update).await.ok();
    let left = uploaded(&server, "left").await;
    assert_eq!(kept(&server), 2);
    age(store, &server, "uploads", "created_at", 25).await;
    assert!(holds_within(Duration::from_secs(20), || kept(&server) == 1).await);
    let path = |id: &str| format!("/api/internal/support/attachments/{id}");
    let gone = async || {
        let response = server.staff_get(&path(&left)).await;
        (response.status == 404).then_some(response)
    };
    let gone = eventually_seen("the upload is deleted", gone).await;
    gone.refused(404, "ATTACHMENT_NOT_FOUND");
    let update = json!({"message": "See there.", "attachments": [{"id": left}]});
    server.update(&number, &update).await.refused(404, "ATTACHMENT_NOT_FOUND");
    let kept = send(server.staff_request(Method::GET, &path(&taken))).await;
    assert_eq!(kept.text(), "taken");
}

async fn messages(server: &Server) -> Vec<Value> {
    let listed = server.staff_get("/api/internal/notifications/status").await.ok();
    listed["notifications"].as_array().unwrap().clone()
}

async fn sent_notifications_are_deleted(store: Store) {
    let server = Server::with_staff_and(store, OFTEN).await;
    let number = server.open(&a_case()).await;
    server.mails_once(2).await;
    let all_sent = async || {
        messages(&server).await.iter().all(|message| message["status"] == "SENT").then_some(())
    };
    eventually_seen("all notifications are sent", all_sent).await;
    age(store, &server, "notifications", "finished_at", 24 * 91).await;
    let all_gone = async || {
        let left = messages(&server).await;
        left.is_empty().then_some(())
    };
    eventually_seen("no notification is left in the list", all_gone).await;
    let details = server.details(&number).await;
    assert_eq!(details["case"]["caseNumber"], number, "the case is unchanged");
}

async fn a_key_can_be_reused_once_its_response_is_deleted(store: Store) {
    let server = Server::with_staff_and(store, OFTEN).await;
    let number = server.open(&a_case()).await;
    let update = async |message: &str| {
        let path = format!("/api/internal/support/case/{number}/update");
        let request = server.staff_request(Method::POST, &path);
        Response::to(request.header("idempotency-key", "k").json(&json!({"message": message})))
            .await
    };
    update("Once.").await.ok();
    update("Twice.").await.refused(422, "IDEMPOTENCY_KEY_REUSED");
    age(store, &server, "idempotency_keys", "expires_at", 1).await;
    let dump = async || {
        let dump = store.dump(server.workspace()).await;
        (dump.matches("Case updated successfully").count() == 0).then_some(())
    };
    eventually_seen("the response is deleted", dump).await;
    let again = update("Twice.").await;
    assert_eq!(again.header("idempotent-replayed"), None);
    again.ok();
}

#[tokio::test]
async fn retention_periods_that_delete_needed_data_are_refused() {
    for (name, value) in [("UPLOADS", "59m"), ("MESSAGES", "1s"), ("INTERVAL", "0s")] {
        let workspace = Workspace::with(&[(&format!("ENGAGE_RETENTION__{name}"), value)]);
        let refusal = workspace.run(&["check-config"]).refusal();
        assert!(refusal.contains(&format!("retention.{}", name.to_lowercase())), "{refusal}");
    }
}
