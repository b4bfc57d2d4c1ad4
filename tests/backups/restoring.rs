//! What is restored is what was there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::Method;
use serde_json::{Value, json};

use super::{attach, backed_up, quiet_server, restored, rows};
use crate::support::{
    Response, Server, Store, a_case, a_case_of_somebody, eventually, on_both_stores, send,
};

on_both_stores! {
    a_backup_under_load_is_restored_as_of_one_moment
    everything_about_a_case_survives
    idempotency_keys_outbox_and_feed_survive
    held_notifications_become_dead_letters
    an_empty_database_is_backed_up_and_restored
    the_bytes_of_a_file_survive_or_are_left_out
}

const CASES: &str = "/api/internal/support/cases";

async fn list(server: &Server) -> BTreeMap<String, Value> {
    let mut cases = BTreeMap::new();
    let mut cursor = String::new();
    loop {
        let path = format!("{CASES}?limit=100&sortBy=createdAt{cursor}");
        let part = server.staff_get(&path).await.ok();
        for case in part["cases"].as_array().unwrap() {
            cases.insert(case["caseNumber"].as_str().unwrap().to_owned(), case.clone());
        }
        match part["pagination"]["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return cases,
        }
    }
}

async fn history(server: &Server, number: &str) -> Value {
    server.staff_get(&format!("/api/internal/support/case/{number}/history")).await.ok()
}

async fn feed(server: &Server, cursor: &str) -> Vec<Value> {
    let path = format!("/api/internal/support/events?limit=100&cursor={cursor}");
    server.staff_get(&path).await.ok()["events"].as_array().unwrap().clone()
}

async fn a_backup_under_load_is_restored_as_of_one_moment(store: Store) {
    let server = Arc::new(Server::with_staff(store).await);
    for _ in 0..20 {
        server.open(&a_case_of_somebody()).await;
    }
    let is_done = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (server, is_done) = (Arc::clone(&server), Arc::clone(&is_done));
            tokio::spawn(async move {
                let mut numbers = Vec::new();
                while !is_done.load(Ordering::Relaxed) {
                    numbers.push(server.open(&a_case_of_somebody()).await);
                }
                numbers
            })
        })
        .collect();
    let workspace = server.workspace().clone();
    let backup = move || {
        // Cases are opened before, during and after.
        let before = backed_up(&workspace, "one.tar");
        (before, backed_up(&workspace, "two.tar"))
    };
    let ((one, first), (two, second)) = tokio::task::spawn_blocking(backup).await.unwrap();
    is_done.store(true, Ordering::Relaxed);
    let mut opened = BTreeSet::new();
    for client in clients {
        opened.extend(client.await.unwrap());
    }
    assert!(!opened.is_empty());
    let all = list(&server).await;
    for (archive, report) in [(one, first), (two, second)] {
        server.workspace().run(&["backup", "verify", archive.to_str().unwrap()]).ok();
        let (elsewhere, told) = restored(store, &archive, &[]).await;
        assert_eq!(told["manifest"], report["manifest"]);
        let other = quiet_server(&elsewhere, server.token()).await;
        let cases = list(&other).await;
        assert_eq!(cases.len() as u64, rows(&report, "cases"));
        for (number, case) in &cases {
            assert_eq!(Some(case), all.get(number), "{number}");
            assert_eq!(history(&other, number).await, history(&server, number).await);
        }
        // Each case came with its event, and each event with its place in the feed.
        assert_eq!(rows(&report, "events"), rows(&report, "cases"));
        elsewhere.run(&["audit", "verify"]).ok();
        let number = other.open(&a_case_of_somebody()).await;
        assert!(!cases.contains_key(&number), "{number} was given before");
    }
}

async fn everything_about_a_case_survives(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    server.assign(&number, &json!({"staffId": "staff-456", "notes": "n"})).await.ok();
    let escalation = json!({"caseNumber": number, "reason": "r", "newUrgency": "CRITICAL"});
    server.post("/api/support/case/escalate", &escalation).await.ok();
    let id = attach(&server, &number, b"the bytes").await;
    let token = server.token().to_owned();
    let members = server.staff_get("/api/internal/staff").await.ok();
    let workspace = server.workspace().clone();
    server.kill();
    let before = quiet_server(&workspace, &token).await;
    let head = audit_head(&workspace.run(&["audit", "verify"]).ok());
    let (archive, report) = backed_up(&workspace, "b.tar");
    let (details, events) = (before.details(&number).await, feed(&before, "0").await);

    let (elsewhere, _) = restored(store, &archive, &[]).await;
    // The chain continues from the head of the backup.
    elsewhere.run(&["audit", "verify", "--head", &head]).ok();
    let exported = elsewhere.run(&["audit", "export"]).ok();
    assert!(exported.contains("\"backup.restored\""), "{exported}");
    let other = quiet_server(&elsewhere, &token).await;
    let without_timers = |mut details: Value| {
        details.as_object_mut().unwrap().remove("sla").unwrap();
        details
    };
    assert_eq!(without_timers(other.details(&number).await), without_timers(details));
    assert_eq!(history(&other, &number).await, history(&before, &number).await);
    assert_eq!(feed(&other, "0").await, events);
    let listed = other.staff_get("/api/internal/staff").await.ok();
    assert_eq!(listed["staff"], members["staff"]);
    let found = other.staff_get(&format!("{CASES}?q=dashboard")).await.ok();
    assert_eq!(found["pagination"]["total"], 1, "the words are restored, too");
    let path = format!("/api/internal/support/attachments/{id}");
    assert_eq!(send(other.staff_request(Method::GET, &path)).await.text(), "the bytes");
    assert_eq!(rows(&report, "staff"), 2);
}

/// Returns the head that `audit verify` printed.
fn audit_head(printed: &str) -> String {
    printed.trim().rsplit(' ').next().unwrap().to_owned()
}

async fn idempotency_keys_outbox_and_feed_survive(store: Store) {
    let server = Server::with_staff(store).await;
    let (workspace, token) = (server.workspace().clone(), server.token().to_owned());
    server.kill();
    let server = quiet_server(&workspace, &token).await;
    let under_key = async |server: &Server| {
        let request = server.request(Method::POST, "/api/support/case");
        Response::to(request.header("Idempotency-Key", "k-1").json(&a_case())).await
    };
    let first = under_key(&server).await.ok();
    let seen = feed(&server, "0").await;
    let cursor = seen.last().unwrap()["cursor"].as_str().unwrap().to_owned();
    let (archive, _) = backed_up(&workspace, "b.tar");
    // Happens after the backup, so a client that has seen it is ahead of the restored feed.
    server.open(&a_case_of_somebody()).await;
    let ahead = feed(&server, &cursor).await[0]["cursor"].as_str().unwrap().to_owned();
    assert!(server.mails().is_empty());

    let (elsewhere, told) = restored(store, &archive, &[]).await;
    assert_eq!(
        (&told["waitingNotifications"], &told["notificationsHeld"]),
        (&json!(2), &json!(false))
    );
    let mut other = Server::start_in(&elsewhere, &[]).await;
    other.use_token(token);
    // What waited is delivered.
    other.mails_once(2).await;
    let again = under_key(&other).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.ok()["caseNumber"], first["caseNumber"]);
    let path = format!("/api/internal/support/events?cursor={ahead}");
    other.staff_get(&path).await.refused(410, "CURSOR_EXPIRED");
    let number = other.open(&a_case_of_somebody()).await;
    let next = feed(&other, &cursor).await;
    assert_eq!(next.len(), 1, "{next:?}");
    assert_eq!(next[0]["data"]["case"]["caseNumber"], number);
}

async fn held_notifications_become_dead_letters(store: Store) {
    let server = Server::with_staff(store).await;
    let (workspace, token) = (server.workspace().clone(), server.token().to_owned());
    server.kill();
    let server = quiet_server(&workspace, &token).await;
    let number = server.open(&a_case()).await;
    let (archive, _) = backed_up(&workspace, "b.tar");
    let (elsewhere, told) = restored(store, &archive, &["--hold-notifications"]).await;
    assert_eq!(
        (&told["waitingNotifications"], &told["notificationsHeld"]),
        (&json!(2), &json!(true))
    );
    let mut other = Server::start_in(&elsewhere, &[]).await;
    other.use_token(token);
    let details = other.details(&number).await;
    for notification in details["notifications"].as_array().unwrap() {
        assert_eq!(notification["status"], "DEAD", "{notification}");
    }
    let id = details["notifications"][0]["id"].as_str().unwrap();
    let dead = other.staff_get(&format!("/api/internal/notifications/{id}")).await.ok();
    assert!(dead.to_string().contains("held when a backup was restored"), "{dead}");
    // Newer notifications are not held.
    other.open(&a_case_of_somebody()).await;
    other.mails_once(2).await;
    let held =
        json!({"since": "2020-01-01T00:00:00Z", "reason": "held when a backup was restored"});
    let retried = other.staff_post("/api/internal/notifications/retry", &held).await.ok();
    assert_eq!(retried["retried"], 2);
    other.mails_once(4).await;
}

async fn an_empty_database_is_backed_up_and_restored(store: Store) {
    let workspace = store.workspace().await;
    workspace.run(&["migrate"]).ok();
    let (archive, report) = backed_up(&workspace, "b.tar");
    assert_eq!(rows(&report, "cases"), 0);
    let told = workspace.run(&["backup", "verify", "b.tar"]).ok();
    assert!(told.contains("0 cases, 0 members of staff and 0 attachments"), "{told}");
    let (elsewhere, _) = restored(store, &archive, &[]).await;
    elsewhere.add_staff();
    let server = Server::start_in(&elsewhere, &[]).await;
    assert_eq!(server.get("/health").await.body["status"], "healthy");
    server.open(&a_case()).await;
    elsewhere.run(&["audit", "verify"]).ok();
}

async fn the_bytes_of_a_file_survive_or_are_left_out(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let large: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_be_bytes()[2] ^ 0x5a).collect();
    let (kept, lost) =
        (attach(&server, &number, &large).await, attach(&server, &number, b"x").await);
    let workspace = server.workspace();
    std::fs::remove_file(workspace.folder().join("var/attachments").join(&lost)).unwrap();

    let ran = workspace.run(&["backup", "b.tar", "--json"]);
    assert!(ran.stderr.contains(&lost) && ran.stderr.contains("missing"), "{ran:?}");
    let report: Value = serde_json::from_str(&ran.ok()).unwrap();
    let attachments = &report["manifest"]["attachments"];
    assert_eq!((&attachments["files"], &attachments["missing"]), (&json!(1), &json!([lost])));
    let (elsewhere, _) = restored(store, &workspace.folder().join("b.tar"), &[]).await;
    let other = quiet_server(&elsewhere, server.token()).await;
    let path = format!("/api/internal/support/attachments/{kept}");
    assert!(send(other.staff_request(Method::GET, &path)).await.body == large);
    let file = elsewhere.folder().join("var/attachments").join(&kept);
    let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);

    workspace.run(&["backup", "database.tar", "--without-attachments"]).ok();
    let archive = workspace.folder().join("database.tar");
    let (elsewhere, _) = restored(store, &archive, &[]).await;
    assert!(!elsewhere.folder().join("var/attachments").join(&kept).exists());
    let other = quiet_server(&elsewhere, server.token()).await;
    let listed = other.details(&number).await["attachments"].as_array().unwrap().len();
    assert_eq!(listed, 2);
}

#[tokio::test]
async fn a_restored_database_delivers_what_a_killed_server_was_delivering() {
    let server = Server::with_staff(Store::Postgres).await;
    let (workspace, token) = (server.workspace().clone(), server.token().to_owned());
    server.kill();
    let server = quiet_server(&workspace, &token).await;
    server.open(&a_case()).await;
    // As if a dispatcher had claimed them and died.
    let claimed = "UPDATE notifications SET status = 'IN_FLIGHT', attempts = 1, claim = 1, \
                   due_at = now() - interval '1 second'";
    Store::Postgres.execute(&workspace, claimed).await;
    let (archive, _) = backed_up(&workspace, "b.tar");
    let (elsewhere, told) = restored(Store::Postgres, &archive, &[]).await;
    assert_eq!(told["waitingNotifications"], 2);
    let other = Server::start_in(&elsewhere, &[]).await;
    eventually("both e-mails", || (other.mails().len() == 2).then_some(())).await;
}
