//! Permanent erasure of personal data.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::attachments::kept;
use crate::support::{Form, Response, Server, Store, a_case, a_case_of_somebody, on_both_stores};

on_both_stores! {
    no_personal_data_is_left_but_the_bare_history_is
    erasure_cancels_active_cases_and_closes_resolved_ones
    an_erased_case_is_closed_to_its_customer_but_not_to_staff
    an_erasure_honours_preconditions_and_keys
    an_unknown_case_is_not_erased
}

/// Words that must be gone after the erasure.
const PRIVATE: [&str; 14] = [
    "Zelda",
    "Quux",
    "zelda",
    "quux",
    "5559876543",
    "Xyzzy",
    "xyzzy",
    "Frobnicator",
    "frobnicator",
    "plugh",
    "grault",
    "garply",
    "waldo",
    "c2VjcmV0",
];

pub(crate) fn a_private_case() -> Value {
    json!({
        "name": "Zelda Quux",
        "email": "Zelda.Quux@person.example",
        "organization": "Quuxworks",
        "phone": "+15559876543",
        "customerType": "BUSINESS",
        "urgency": "HIGH",
        "clientOrProjectName": "Xyzzy",
        "subject": "Frobnicator is broken",
        "message": "It says plugh.",
        "attachments": [{"filename": "grault.txt", "contentType": "text/plain", "content": "c2VjcmV0"}],
    })
}

async fn erase(server: &Server, number: &str) -> Response {
    Response::to(erasing(server, number)).await
}

fn erasing(server: &Server, number: &str) -> reqwest::RequestBuilder {
    let path = format!("/api/internal/support/case/{number}/erase");
    server.staff_request(Method::POST, &path)
}

/// Creates a case with all events that leave personal data somewhere.
async fn a_long_story(server: &Server) -> String {
    let open = server.request(Method::POST, "/api/support/case");
    let open = open.header("idempotency-key", "open").json(&a_private_case());
    let opened = Response::to(open).await.ok();
    let number = opened["caseNumber"].as_str().unwrap().to_owned();
    let form = Form::default().field("caseNumber", &number).field("message", "garply, as I said");
    let form = form.file("garply.png", "image/png", b"secret");
    Response::to(form.of(server.request(Method::POST, "/api/support/case/reply"))).await.ok();
    server.assign(&number, &json!({"staffId": "staff-456", "notes": "Call Zelda"})).await.ok();
    let update =
        server.staff_request(Method::POST, &format!("/api/internal/support/case/{number}/update"));
    let message = json!({"message": "Dear Zelda, have you tried waldo?"});
    Response::to(update.header("idempotency-key", "update").json(&message)).await.ok();
    let escalation = json!({"caseNumber": number, "reason": "waldo does not help"});
    server.post("/api/support/case/escalate", &escalation).await.ok();
    let code = json!({"caseNumber": number, "email": "zelda.quux@person.example"});
    server.post("/api/support/case/access", &code).await.ok();
    number
}

async fn no_personal_data_is_left_but_the_bare_history_is(store: Store) {
    let server = Server::with_staff(store).await;
    let number = a_long_story(&server).await;
    let details = server.details(&number).await;
    let file = |update: &Value| update["attachments"][0]["id"].as_str().map(str::to_owned);
    let updates = details["updates"].as_array().unwrap();
    let files: Vec<_> = updates.iter().filter_map(file).collect();
    assert_eq!((files.len(), kept(&server)), (2, 2));
    let dump = store.dump(server.workspace()).await;
    let seen: Vec<_> = PRIVATE.iter().filter(|word| dump.contains(*word)).collect();
    // Everything except the contents of files.
    assert_eq!(seen.len(), PRIVATE.len() - 1, "the dump contains everything: {seen:?}");

    erase(&server, &number).await.ok();

    let dump = store.dump(server.workspace()).await;
    let left: Vec<_> = PRIVATE.iter().filter(|word| dump.contains(*word)).collect();
    assert!(left.is_empty(), "{left:?} are left: {dump}");
    assert_eq!(kept(&server), 0);
    for file in files {
        let path = format!("/api/internal/support/attachments/{file}");
        server.staff_get(&path).await.refused(404, "ATTACHMENT_NOT_FOUND");
    }
    let case = format!("/api/internal/support/case/{number}");
    let history = server.staff_get(&format!("{case}/history")).await.ok();
    let events = history["events"].as_array().unwrap();
    let types: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    let happened = [
        "case.created",
        "case.updated",
        "case.assigned",
        "case.updated",
        "case.escalated",
        "case.erased",
    ];
    assert_eq!(types, happened);
    assert_eq!(events[2]["actor"]["id"], "staff-123");
    assert_eq!(events[0]["actor"]["name"], "[erased]");
    for path in [case.as_str(), "/api/internal/support/events", "/api/internal/support/cases"] {
        let response = server.staff_get(path).await.ok().to_string();
        assert!(!PRIVATE.iter().any(|word| response.contains(word)), "{path}: {response}");
    }
    let search = server.staff_get("/api/internal/support/cases?q=frobnicator").await.ok();
    assert_eq!(search["pagination"]["total"], 0);
    let search = server.staff_get(&format!("/api/internal/support/cases?q={number}")).await.ok();
    assert_eq!(search["pagination"]["total"], 1);
    let log = server.log().join("\n");
    assert!(!PRIVATE.iter().any(|word| log.contains(word)), "{log}");
}

async fn erasure_cancels_active_cases_and_closes_resolved_ones(store: Store) {
    let server = Server::with_staff(store).await;
    for (on_the_way, end) in [
        (&[][..], "CANCELLED"),
        (&["WAITING_ON_CUSTOMER"], "CANCELLED"),
        (&["RESOLVED"], "CLOSED"),
        (&["RESOLVED", "CLOSED"], "CLOSED"),
        (&["CANCELLED"], "CANCELLED"),
    ] {
        let number = server.open(&a_case_of_somebody()).await;
        for status in on_the_way {
            server.update(&number, &json!({"statusChange": status})).await.ok();
        }
        let before = server.details(&number).await["case"]["version"].as_u64();
        let response = erase(&server, &number).await;
        let tag = response.header("etag").unwrap().to_owned();
        let response = response.ok();
        assert_eq!((&response["status"], &response["caseNumber"]), (&json!(end), &json!(number)));
        let details = server.details(&number).await;
        assert_eq!(details["case"]["caseDetails"]["status"], end, "{details}");
        assert_eq!(tag, format!("\"{}\"", response["version"]));
        assert!(before.is_none_or(|before| response["version"] == before + 1));
    }
}

async fn an_erased_case_is_closed_to_its_customer_but_not_to_staff(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    server.mails_once(2).await;
    erase(&server, &number).await.ok();
    let reply = json!({"caseNumber": number, "message": "Hello?"});
    server.post("/api/support/case/reply", &reply).await.refused(409, "INVALID_TRANSITION");
    let proof = json!({"caseNumber": number, "email": "john@example.com"});
    server.post("/api/support/case/status", &proof).await.refused(404, "CASE_NOT_FOUND");
    let status = server.post("/api/support/case/status", &json!({"caseNumber": number})).await;
    assert_eq!(status.ok()["case"]["status"], "CANCELLED");
    let note = json!({"message": "Asked for by letter.", "isInternal": true});
    server.update(&number, &note).await.ok();
    let details = server.details(&number).await;
    let updates = details["updates"].as_array().unwrap();
    assert_eq!(updates.last().unwrap()["message"], "Asked for by letter.");
    let to_nobody = server.mails().iter().any(|mail| mail.header("To").contains("erased"));
    assert!(!to_nobody, "nothing is sent to an erased address");
}

async fn an_erasure_honours_preconditions_and_keys(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let stale = erasing(&server, &number).header("if-match", "\"7\"");
    Response::to(stale).await.refused(412, "PRECONDITION_FAILED");
    assert_eq!(server.details(&number).await["case"]["customerInfo"]["name"], "John Doe");
    let under_a_key =
        async || Response::to(erasing(&server, &number).header("idempotency-key", "erase")).await;
    let first = under_a_key().await;
    let again = under_a_key().await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.ok(), first.ok());
    // Without a key the case is erased once more, and the response says so.
    let version = erase(&server, &number).await.ok()["version"].as_u64();
    assert_eq!(version, Some(3));
}

async fn an_unknown_case_is_not_erased(store: Store) {
    let server = Server::with_staff(store).await;
    erase(&server, "CW-2020-001").await.refused(404, "CASE_NOT_FOUND");
    erase(&server, "nothing").await.refused(404, "CASE_NOT_FOUND");
}

/// On SQLite only, since overwriting the file is specific to it.
#[tokio::test]
async fn the_documented_cleanup_removes_erased_data_from_the_file() {
    let store = Store::Sqlite;
    let mut server = Server::with_staff(store).await;
    let number = a_long_story(&server).await;
    erase(&server, &number).await.ok();
    server.terminate();
    assert_eq!(server.exit_code_within(Duration::from_secs(30)).await, Some(0));
    for documented in [
        "INSERT INTO case_words (case_words) VALUES ('optimize')",
        "VACUUM",
        "PRAGMA wal_checkpoint(TRUNCATE)",
    ] {
        store.execute(server.workspace(), documented).await;
    }
    let bytes = std::fs::read(server.workspace().folder().join("var/engage.db")).unwrap();
    let holds = |word: &str| bytes.windows(word.len()).any(|part| part == word.as_bytes());
    assert!(holds(&number[..2]), "this is the file of the database");
    let left: Vec<_> = PRIVATE.iter().filter(|word| holds(word)).collect();
    assert!(left.is_empty(), "{left:?} are left");
}

/// Returns the files of an embedded database that contain one of these words, as written or as a
/// search term.
fn files_with(server: &Server, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for name in ["engage.db", "engage.db-wal", "engage.db-shm"] {
        let path = server.workspace().folder().join("var").join(name);
        let bytes = std::fs::read(path).unwrap_or_default().to_ascii_lowercase();
        let holds = |word: &&str| bytes.windows(word.len()).any(|some| some == word.as_bytes());
        found.extend(
            words.iter().filter(|word| holds(word)).map(|word| format!("{word} in {name}")),
        );
    }
    found
}

/// On SQLite only, since its files belong to the program.
#[tokio::test]
async fn the_files_of_an_embedded_database_contain_no_erased_data() {
    let server = Server::with_staff(Store::Sqlite).await;
    let number = a_long_story(&server).await;
    // Longer than a page of the file, and changed once more, so that earlier pages are freed.
    let long = "syzygy ".repeat(2_000);
    for message in [long.as_str(), "and borogoves"] {
        let reply = json!({"caseNumber": number, "message": message});
        server.post("/api/support/case/reply", &reply).await.ok();
    }
    for _ in 0..40 {
        server.open(&a_case_of_somebody()).await;
    }
    let words: Vec<String> = PRIVATE.iter().map(|word| word.to_lowercase()).collect();
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    words.extend(["syzygy", "borogoves", "zelda.quux@person.example"]);
    assert!(!files_with(&server, &words).is_empty());
    erase(&server, &number).await.ok();
    // The write-ahead log is emptied once no reader needs it.
    let is_gone = || files_with(&server, &words).is_empty();
    let in_time = crate::support::holds_within(Duration::from_secs(20), is_gone).await;
    assert!(in_time, "{:?}", files_with(&server, &words));
}
