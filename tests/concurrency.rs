//! Concurrent requests, and clients that do not wait for their responses.

use std::collections::BTreeSet;
use std::io::Write;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::wait::PATIENCE;
use crate::support::{
    Server, Store, a_case, a_case_of_somebody, case_with, on_both_stores, raw, timestamp,
};

on_both_stores! {
    two_hundred_concurrent_creations_get_two_hundred_numbers
    fifty_concurrent_updates_of_one_case_are_all_stored
    only_one_of_many_concurrent_cancellations_succeeds
    everything_at_once_on_one_case_leaves_a_history_without_gaps
    clients_that_disconnect_leave_no_partial_case
}

async fn list(server: &Server) -> Value {
    server.staff_get("/api/internal/support/cases?limit=100").await.ok()
}

async fn two_hundred_concurrent_creations_get_two_hundred_numbers(store: Store) {
    let server = Server::with_staff(store).await;
    let cases: Vec<Value> = (0..200).map(|_| a_case_of_somebody()).collect();
    let numbers = join_all(cases.iter().map(|case| server.open(case))).await;
    let different: BTreeSet<&String> = numbers.iter().collect();
    assert_eq!(different.len(), 200);
    assert_eq!(list(&server).await["pagination"]["total"], 200);

    let mut listed = BTreeSet::new();
    for page in 1..=7 {
        let path = format!("/api/internal/support/cases?limit=30&sortBy=caseNumber&page={page}");
        for case in server.staff_get(&path).await.ok()["cases"].as_array().unwrap() {
            assert!(listed.insert(case["caseNumber"].as_str().unwrap().to_owned()));
        }
    }
    assert_eq!(listed.iter().collect::<BTreeSet<_>>(), different);
    // Each case has a confirmation and a notification to the team.
    let mails = server.mails_once(400).await;
    let ids: BTreeSet<&str> = mails.iter().map(|mail| mail.header("Message-ID")).collect();
    assert_eq!(ids.len(), 400);
}

async fn fifty_concurrent_updates_of_one_case_are_all_stored(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&case_with("urgency", "LOW")).await;
    let bodies: Vec<Value> = (0..50).map(|n| json!({"message": format!("Message {n}")})).collect();
    let responses = join_all(bodies.iter().map(|body| server.update(&number, body))).await;
    let versions: BTreeSet<u64> =
        responses.into_iter().map(|response| response.ok()["version"].as_u64().unwrap()).collect();
    assert_eq!(versions, (2..=51).collect());

    let details = server.details(&number).await;
    assert_eq!(details["case"]["version"], 51);
    let updates = details["updates"].as_array().unwrap();
    assert_eq!(updates.len(), 50);
    let messages: BTreeSet<&str> =
        updates.iter().map(|update| update["message"].as_str().unwrap()).collect();
    let expected: Vec<String> = (0..50).map(|n| format!("Message {n}")).collect();
    assert_eq!(messages, expected.iter().map(String::as_str).collect());
    let times: Vec<_> = updates.iter().map(|update| timestamp(&update["timestamp"])).collect();
    assert!(times.is_sorted(), "oldest first: {times:?}");
    // The creation and every update send one e-mail to the customer and one to the team.
    server.mails_once(102).await;
}

async fn only_one_of_many_concurrent_cancellations_succeeds(store: Store) {
    let server = Server::with_staff(store).await;
    for _ in 0..5 {
        let body = json!({"caseNumber": server.open(&a_case()).await, "reason": "r"});
        let cancel = || server.post("/api/support/case/cancel", &body);
        let responses = join_all([cancel(), cancel(), cancel(), cancel()]).await;
        let (done, refused): (Vec<_>, Vec<_>) =
            responses.into_iter().partition(|a| a.status == 200);
        assert_eq!((done.len(), refused.len()), (1, 3));
        for response in refused {
            assert_eq!(response.refused(409, "INVALID_TRANSITION")["from"], "CANCELLED");
        }
        let details = server.details(body["caseNumber"].as_str().unwrap()).await;
        assert_eq!(details["case"]["version"], 2);
        assert_eq!(details["updates"].as_array().unwrap().len(), 1);
    }
}

async fn everything_at_once_on_one_case_leaves_a_history_without_gaps(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let notes: Vec<Value> = (0..10)
        .map(|n| json!({"message": format!("Note {n}"), "isInternal": n % 2 == 0}))
        .collect();
    let assignees: Vec<Value> = (0..10)
        .map(|n| json!({"staffId": if n % 2 == 0 { "staff-123" } else { "staff-456" }}))
        .collect();
    let escalation = json!({"caseNumber": number, "reason": "r"});
    let updating = join_all(notes.iter().map(|note| server.update(&number, note)));
    let assigning = join_all(assignees.iter().map(|to| server.assign(&number, to)));
    let escalating =
        join_all((0..5).map(|_| server.post("/api/support/case/escalate", &escalation)));
    let reading = join_all((0..10).map(|_| server.details(&number)));
    let (updated, assigned, escalated, seen) =
        tokio::join!(updating, assigning, escalating, reading);

    let escalated: Vec<u16> = escalated.iter().map(|response| response.status).collect();
    assert_eq!(escalated.iter().filter(|status| **status == 200).count(), 1, "{escalated:?}");
    assert_eq!(escalated.iter().filter(|status| **status == 429).count(), 4, "{escalated:?}");
    let mut changes: Vec<u64> = Vec::new();
    for response in updated.into_iter().chain(assigned) {
        let response = response.ok();
        if response["message"] != "Nothing to change" {
            changes.push(response["version"].as_u64().unwrap());
        }
    }
    let details = server.details(&number).await;
    let version = details["case"]["version"].as_u64().unwrap();
    changes.sort_unstable();
    // Every version after the first is one of the successful changes or the escalation.
    assert_eq!(u64::try_from(changes.len()).unwrap() + 2, version, "{changes:?}");
    changes.dedup();
    assert_eq!(u64::try_from(changes.len()).unwrap() + 2, version, "{changes:?}");
    assert_eq!(details["escalations"].as_array().unwrap().len(), 1);
    for seen in seen {
        assert!(seen["case"]["version"].as_u64().unwrap() <= version, "{seen}");
    }
}

async fn clients_that_disconnect_leave_no_partial_case(store: Store) {
    let server = Server::with_staff(store).await;
    let address = server.address();
    let vanishing = (0..120).map(|n| {
        tokio::task::spawn_blocking(move || {
            let mut body = a_case_of_somebody();
            body["name"] = format!("Vanished {n}").into();
            let body = body.to_string();
            let head = "POST /api/support/case HTTP/1.1\r\nContent-Type: application/json";
            let bytes = raw::request(head, body.as_bytes());
            // Some disconnect before everything is sent, the others before they get a response.
            let sent = if n % 3 == 0 { bytes.len() - 1 - n } else { bytes.len() };
            raw::connect(address).write_all(&bytes[..sent]).unwrap();
        })
    });
    for vanished in join_all(vanishing).await {
        vanished.unwrap();
    }

    // The server still serves other clients, and soon finishes what was begun.
    server.open(&a_case()).await;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let total = loop {
        let before = list(&server).await["pagination"]["total"].as_u64().unwrap();
        let mails = server.mails().len();
        let total = list(&server).await["pagination"]["total"].as_u64().unwrap();
        if before == total && mails == 2 * usize::try_from(total).unwrap() {
            break total;
        }
        assert!(tokio::time::Instant::now() < deadline, "{total} cases, {mails} e-mails");
        tokio::task::yield_now().await;
    };
    assert!((1..=81).contains(&total), "{total}");

    let mut seen = 0;
    for page in 1..=2 {
        let path = format!("/api/internal/support/cases?limit=100&page={page}");
        for case in server.staff_get(&path).await.ok()["cases"].as_array().unwrap() {
            let details = server.details(case["caseNumber"].as_str().unwrap()).await;
            assert_eq!(details["case"]["version"], 1);
            assert_eq!(details["case"]["customerInfo"]["name"], case["customerName"]);
            assert_eq!(details["case"]["caseDetails"]["message"], a_case()["message"]);
            seen += 1;
        }
    }
    assert_eq!(seen, total);
    assert_eq!(server.get("/health").await.body["status"], "healthy");
}
