//! Permanent redaction of single texts and files.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Form, Response, Server, Store, a_case_of_somebody, on_both_stores};

on_both_stores! {
    a_redacted_update_is_left_nowhere
    a_redacted_reason_is_left_nowhere
    a_redacted_file_is_left_nowhere
    a_redacted_subject_and_message_are_left_nowhere
    a_preview_lists_the_quotes_and_changes_nothing
    something_redacted_twice_stays_as_it_is
    an_unknown_part_is_not_found
    a_redaction_names_exactly_one_part
    a_redaction_honours_preconditions_and_keys
}

fn path(number: &str) -> String {
    format!("/api/internal/support/case/{number}/redact")
}

async fn redact(server: &Server, number: &str, body: &Value) -> Response {
    server.staff_post(&path(number), body).await
}

/// Opens a case with a reply that has a file, an answer that quotes the reply, and another answer.
async fn a_story(server: &Server) -> (String, Value) {
    let mut case = a_case_of_somebody();
    case["subject"] = json!("Frobnicator is broken");
    case["message"] = json!("It says plugh.");
    let open = server.request(Method::POST, "/api/support/case").json(&case);
    let opened = Response::to(open.header("idempotency-key", "open")).await.ok();
    let number = opened["caseNumber"].as_str().unwrap().to_owned();
    let form =
        Form::default().field("caseNumber", &number).field("message", "My PIN is xyzzy4711.");
    let form = form.file("garply.png", "image/png", b"secret");
    let reply = form.of(server.request(Method::POST, "/api/support/case/reply"));
    Response::to(reply.header("idempotency-key", "reply")).await.ok();
    server.update(&number, &json!({"message": "> My PIN is\n> xyzzy4711."})).await.ok();
    server.update(&number, &json!({"message": "Please wait."})).await.ok();
    let updates = server.details(&number).await["updates"].clone();
    (number, updates)
}

/// Returns how many of the words a dump of the database contains.
async fn left(server: &Server, store: Store, words: &[&str]) -> Vec<String> {
    let dump = store.dump(server.workspace()).await.to_lowercase();
    words.iter().filter(|word| dump.contains(**word)).map(|word| (*word).to_owned()).collect()
}

async fn a_redacted_update_is_left_nowhere(store: Store) {
    let server = Server::with_staff(store).await;
    let (number, updates) = a_story(&server).await;
    let redacted = redact(&server, &number, &json!({"updateId": updates[0]["id"]})).await.ok();
    let quote = json!({"updateId": updates[1]["id"], "at": updates[1]["timestamp"]});
    assert_eq!(redacted["quotes"], json!([quote]));
    // The quotation stays until it is redacted as well.
    assert_eq!(left(&server, store, &["xyzzy4711"]).await, ["xyzzy4711"]);
    let second = redact(&server, &number, &json!({"updateId": updates[1]["id"]})).await.ok();
    assert_eq!(second["quotes"], json!([]));
    assert_eq!(left(&server, store, &["xyzzy4711"]).await, [""; 0]);

    let details = server.details(&number).await;
    let shown = details["updates"][0]["message"].as_str().unwrap();
    assert!(shown.starts_with("Redacted by ") && shown.ends_with('Z'), "{shown}");
    assert_eq!(details["updates"][0]["attachments"].as_array().unwrap().len(), 1);
    assert_eq!(details["updates"][2]["message"], "Please wait.");
    let history = server.staff_get(&path(&number).replace("redact", "history")).await.ok();
    let event = &history["events"].as_array().unwrap()[4];
    let to = json!({"updateId": updates[0]["id"], "quotes": [quote]});
    assert_eq!(event["type"], "case.updated");
    assert_eq!(event["changes"], json!([{"field": "redaction", "from": null, "to": to}]));
    let search = server.staff_get("/api/internal/support/cases?q=xyzzy4711").await.ok();
    assert_eq!(search["pagination"]["total"], 0);
    assert!(!server.log().join("\n").contains("xyzzy4711"));
}

async fn a_redacted_reason_is_left_nowhere(store: Store) {
    let server = Server::with_staff(store).await;
    let mut texts = Vec::new();
    for (action, reason) in [("escalate", "Waldo waits."), ("cancel", "Fred is done.")] {
        let number = server.open(&a_case_of_somebody()).await;
        let url = format!("/api/support/case/{action}");
        let request = server.request(Method::POST, &url).header("idempotency-key", action);
        Response::to(request.json(&json!({"caseNumber": number, "reason": reason}))).await.ok();
        let id = server.details(&number).await["updates"][0]["id"].clone();
        redact(&server, &number, &json!({ "updateId": id })).await.ok();
        texts.push(server.details(&number).await);
    }
    assert_eq!(left(&server, store, &["waldo", "fred"]).await, [""; 0]);
    let reason = texts[0]["escalations"][0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("Redacted by "), "{reason}");
}

async fn a_redacted_file_is_left_nowhere(store: Store) {
    let server = Server::with_staff(store).await;
    let (number, updates) = a_story(&server).await;
    let file = &updates[0]["attachments"][0]["id"];
    redact(&server, &number, &json!({"attachmentId": file})).await.ok();
    assert_eq!(left(&server, store, &["garply"]).await, [""; 0]);
    let folder = server.workspace().folder().join("var/attachments");
    assert_eq!(std::fs::read_dir(folder).map_or(0, Iterator::count), 0);
    let download = format!("/api/internal/support/attachments/{}", file.as_str().unwrap());
    server.staff_get(&download).await.refused(404, "ATTACHMENT_NOT_FOUND");
    let entry = server.details(&number).await["updates"][0].clone();
    assert_eq!(entry["attachments"], json!([]));
    let text = entry["message"].as_str().unwrap();
    assert!(text.starts_with("My PIN is xyzzy4711.\n\nRedacted by "), "{text}");
    // The text can still be redacted, and is gone from the response that was stored before.
    for place in [0, 1] {
        redact(&server, &number, &json!({"updateId": updates[place]["id"]})).await.ok();
    }
    assert_eq!(left(&server, store, &["xyzzy4711"]).await, [""; 0]);
}

async fn a_redacted_subject_and_message_are_left_nowhere(store: Store) {
    let server = Server::with_staff(store).await;
    let (number, _) = a_story(&server).await;
    let correct = server.staff_request(Method::PATCH, &path(&number).replace("/redact", ""));
    let correct = correct.header("idempotency-key", "correct");
    Response::to(correct.json(&json!({"subject": "Grault is broken"}))).await.ok();
    let correct = server.staff_request(Method::PATCH, &path(&number).replace("/redact", ""));
    Response::to(correct.json(&json!({"subject": "Still broken"}))).await.ok();
    for field in ["subject", "message"] {
        redact(&server, &number, &json!({ "field": field })).await.ok();
        let case = server.details(&number).await["case"].clone();
        let text = case["caseDetails"][field].as_str().unwrap().to_owned();
        assert!(text.starts_with("Redacted by "), "{field}: {text}");
    }
    let words = ["frobnicator", "grault", "plugh"];
    assert_eq!(left(&server, store, &words).await, [""; 0]);
}

async fn a_preview_lists_the_quotes_and_changes_nothing(store: Store) {
    let server = Server::with_staff(store).await;
    let (number, updates) = a_story(&server).await;
    // Notifications of the case are delivered meanwhile.
    let shown = async || {
        let details = server.details(&number).await;
        json!([details["case"], details["updates"], details["attachments"]])
    };
    let before = shown().await;
    let body = json!({"updateId": updates[0]["id"], "preview": true});
    let preview = redact(&server, &number, &body).await.ok();
    let quote = json!({"updateId": updates[1]["id"], "at": updates[1]["timestamp"]});
    assert_eq!((&preview["quotes"], &preview["version"]), (&json!([quote]), &json!(4)));
    assert_eq!(shown().await, before);
}

async fn something_redacted_twice_stays_as_it_is(store: Store) {
    let server = Server::with_staff(store).await;
    let (number, updates) = a_story(&server).await;
    for body in [
        json!({"updateId": updates[0]["id"]}),
        json!({"attachmentId": updates[0]["attachments"][0]["id"]}),
        json!({"field": "message"}),
        json!({"field": "subject"}),
    ] {
        let first = redact(&server, &number, &body).await.ok();
        let details = server.details(&number).await;
        let again = redact(&server, &number, &body).await.ok();
        assert_eq!(again["quotes"], first["quotes"], "{body}");
        assert_eq!(again["version"], first["version"], "{body}");
        assert_eq!(server.details(&number).await["updates"], details["updates"]);
    }
}

async fn an_unknown_part_is_not_found(store: Store) {
    let server = Server::with_staff(store).await;
    let (number, _) = a_story(&server).await;
    let (other, updates) = a_story_of_another(&server).await;
    assert_ne!(number, other);
    let update = json!({"updateId": updates[0]["id"]});
    redact(&server, &number, &update).await.refused(404, "UPDATE_NOT_FOUND");
    let file = json!({"attachmentId": "att_01jjg00000e008000000000001"});
    redact(&server, &number, &file).await.refused(404, "ATTACHMENT_NOT_FOUND");
    redact(&server, "CW-2020-001", &update).await.refused(404, "CASE_NOT_FOUND");
}

/// Opens a case with one update.
async fn a_story_of_another(server: &Server) -> (String, Value) {
    let number = server.open(&a_case_of_somebody()).await;
    server.update(&number, &json!({"message": "Please wait."})).await.ok();
    let updates = server.details(&number).await["updates"].clone();
    (number, updates)
}

async fn a_redaction_names_exactly_one_part(store: Store) {
    let server = Server::with_staff(store).await;
    let (number, updates) = a_story_of_another(&server).await;
    let id = &updates[0]["id"];
    for (body, field) in [
        (json!({}), "body"),
        (json!({"preview": true}), "body"),
        (json!({"updateId": id, "field": "message"}), "body"),
        (json!({"updateId": "1"}), "updateId"),
        (json!({"field": "name"}), "field"),
    ] {
        assert_eq!(redact(&server, &number, &body).await.invalid_fields(), [field], "{body}");
    }
}

async fn a_redaction_honours_preconditions_and_keys(store: Store) {
    let server = Server::with_staff(store).await;
    let (number, updates) = a_story(&server).await;
    let body = json!({"updateId": updates[0]["id"]});
    let request = || server.staff_request(Method::POST, &path(&number)).json(&body);
    let stale = Response::to(request().header("if-match", "\"7\"")).await;
    stale.refused(412, "PRECONDITION_FAILED");
    let keyed = async || Response::to(request().header("idempotency-key", "redact")).await;
    let (first, again) = (keyed().await, keyed().await);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.ok(), first.ok());
}

/// On SQLite only, since its files belong to the program.
#[tokio::test]
async fn the_files_of_an_embedded_database_contain_no_redacted_text() {
    let server = Server::with_staff(Store::Sqlite).await;
    let (number, updates) = a_story(&server).await;
    for place in [0, 1] {
        redact(&server, &number, &json!({"updateId": updates[place]["id"]})).await.ok();
    }
    // The write-ahead log is emptied once no reader needs it.
    let is_gone = || {
        ["engage.db", "engage.db-wal"].iter().all(|name| {
            let file = server.workspace().folder().join("var").join(name);
            let bytes = std::fs::read(file).unwrap_or_default().to_ascii_lowercase();
            !bytes.windows(9).any(|some| some == b"xyzzy4711")
        })
    };
    assert!(crate::support::holds_within(Duration::from_secs(20), is_gone).await);
}
