//! The history of events, as staff and other systems read it.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Response, Server, Store, a_case, a_case_of_somebody, keys, on_both_stores, timestamp,
};

on_both_stores! {
    the_history_of_a_case_shows_actors_and_changes
    the_history_of_a_case_is_paged
    the_feed_has_all_events_in_the_form_of_webhooks
    a_reader_of_the_feed_misses_nothing_during_concurrent_writes
    an_invalid_cursor_is_refused
    a_cursor_beyond_the_last_event_is_refused_with_the_last_one
}

async fn history(server: &Server, number: &str, query: &str) -> Value {
    server.staff_get(&format!("/api/internal/support/case/{number}/history{query}")).await.ok()
}

async fn feed(server: &Server, query: &str) -> Value {
    server.staff_get(&format!("/api/internal/support/events{query}")).await.ok()
}

fn has_change(event: &Value, field: &str, from: &str, to: &str) -> bool {
    let from = if from.is_empty() { Value::Null } else { json!(from) };
    event["changes"].as_array().unwrap().contains(&json!({"field": field, "from": from, "to": to}))
}

async fn the_history_of_a_case_shows_actors_and_changes(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    server.assign(&number, &json!({"staffId": "staff-456", "notes": "Yours."})).await.ok();
    let escalation = json!({"caseNumber": number, "reason": "It burns."});
    server.post("/api/support/case/escalate", &escalation).await.ok();

    let response = history(&server, &number, "").await;
    assert_eq!(response["caseNumber"], number);
    let events = response["events"].as_array().unwrap();
    let types: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["case.created", "case.assigned", "case.escalated"]);
    for (sequence, event) in (1..).zip(events) {
        assert_eq!(event["sequence"], sequence);
        timestamp(&event["timestamp"]);
    }
    assert_eq!(events[0]["actor"]["kind"], "CUSTOMER");
    assert_eq!(events[1]["actor"]["kind"], "STAFF");
    assert_eq!(events[1]["actor"]["id"], "staff-123");
    assert!(has_change(&events[1], "status", "OPEN", "IN_PROGRESS"));
    assert!(has_change(&events[1], "assignedTo", "", "staff-456"));
    assert_eq!(events[2]["escalation"]["reason"], "It burns.");
    assert!(has_change(&events[2], "urgency", "HIGH", "CRITICAL"));
    let absent = server.staff_get("/api/internal/support/case/CW-1999-001/history").await;
    absent.refused(404, "CASE_NOT_FOUND");
}

async fn the_history_of_a_case_is_paged(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    for n in 0..4 {
        server.update(&number, &json!({"message": format!("Message {n}")})).await.ok();
    }
    let first = history(&server, &number, "?limit=3").await;
    assert_eq!(first["pagination"], json!({"nextCursor": "3", "hasMore": true, "limit": 3}));
    let rest = history(&server, &number, "?limit=3&cursor=3").await;
    assert_eq!(rest["pagination"], json!({"nextCursor": "5", "hasMore": false, "limit": 3}));
    let rest = rest["events"].as_array().unwrap();
    let sequences: Vec<_> = rest.iter().map(|event| event["sequence"].as_u64().unwrap()).collect();
    assert_eq!(sequences, [4, 5]);
    server.update(&number, &json!({"message": "One more"})).await.ok();
    let more = history(&server, &number, "?cursor=5").await;
    assert_eq!(more["events"][0]["updates"][0]["message"], "One more");
}

async fn the_feed_has_all_events_in_the_form_of_webhooks(store: Store) {
    let server = Server::with_staff(store).await;
    assert_eq!(feed(&server, "").await["events"], json!([]));
    let one = server.open(&a_case()).await;
    let two = server.open(&a_case()).await;
    server.update(&one, &json!({"message": "We are on it.", "isInternal": true})).await.ok();

    let first = feed(&server, "?limit=2").await;
    assert_eq!(first["pagination"]["hasMore"], true);
    let cursor = first["pagination"]["nextCursor"].as_str().unwrap();
    assert_eq!(first["events"][1]["cursor"], cursor);
    let rest = feed(&server, &format!("?cursor={cursor}")).await;
    let parts = [&first, &rest];
    let events: Vec<_> = parts.iter().flat_map(|part| part["events"].as_array().unwrap()).collect();
    let names: Vec<_> = events.iter().map(|event| &event["data"]["case"]["caseNumber"]).collect();
    assert_eq!(names, [one.as_str(), two.as_str(), one.as_str()]);
    for event in &events {
        assert_eq!(keys(event), ["cursor", "data", "timestamp", "type"]);
        assert_eq!(keys(&event["data"]), ["case", "event"]);
    }
    assert_eq!(events[2]["data"]["event"]["updates"][0]["message"], "We are on it.");
    assert_eq!(rest["pagination"]["hasMore"], false);
    let end = rest["pagination"]["nextCursor"].as_str().unwrap();
    let nothing = feed(&server, &format!("?cursor={end}")).await;
    assert_eq!(nothing["events"], json!([]));
    assert_eq!(nothing["pagination"]["nextCursor"], end);
}

async fn a_reader_of_the_feed_misses_nothing_during_concurrent_writes(store: Store) {
    const CASES: usize = 60;
    let server = Server::with_staff(store).await;
    let cases: Vec<Value> = (0..CASES).map(|_| a_case_of_somebody()).collect();
    let writing = join_all(cases.iter().map(|case| server.open(case)));
    let following = async {
        let (mut cursor, mut seen) = ("0".to_owned(), Vec::new());
        while seen.len() < CASES {
            let part = feed(&server, &format!("?limit=7&cursor={cursor}")).await;
            part["pagination"]["nextCursor"].as_str().unwrap().clone_into(&mut cursor);
            for event in part["events"].as_array().unwrap() {
                seen.push(event["data"]["case"]["caseNumber"].as_str().unwrap().to_owned());
            }
        }
        seen
    };
    let (opened, seen) = tokio::join!(writing, following);
    assert_eq!(seen.len(), CASES);
    let opened: BTreeSet<_> = opened.into_iter().collect();
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), opened);
}

async fn an_invalid_cursor_is_refused(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    for path in [
        "/api/internal/support/events".to_owned(),
        format!("/api/internal/support/case/{number}/history"),
    ] {
        for cursor in ["abc", "-1", "1.5", "99999999999999999999"] {
            let response = server.staff_get(&format!("{path}?cursor={cursor}")).await;
            assert_eq!(response.invalid_fields(), ["cursor"], "{path} {cursor}");
        }
        let both = server.staff_get(&format!("{path}?cursor=x&limit=0")).await;
        assert_eq!(both.invalid_fields(), ["limit", "cursor"]);
        let stranger = Response::to(server.request(Method::GET, &path)).await;
        stranger.refused(401, "UNAUTHORIZED");
    }
}

async fn a_cursor_beyond_the_last_event_is_refused_with_the_last_one(store: Store) {
    let server = Server::with_staff(store).await;
    let path = "/api/internal/support/events?cursor=";
    let nothing = server.staff_get(&format!("{path}1")).await.refused(410, "CURSOR_EXPIRED");
    assert_eq!(nothing["last"], "0");
    let number = server.open(&a_case()).await;
    let history = format!("/api/internal/support/case/{number}/history?cursor=4000000000");
    assert_eq!(server.staff_get(&history).await.ok()["events"], json!([]), "of one case");
    let last = feed(&server, "").await["pagination"]["nextCursor"].as_str().unwrap().to_owned();
    let beyond = last.parse::<u64>().unwrap() + 1;
    for cursor in [beyond, u64::MAX] {
        let details =
            server.staff_get(&format!("{path}{cursor}")).await.refused(410, "CURSOR_EXPIRED");
        assert_eq!(details["last"], last);
        let stream = server
            .staff_request(Method::GET, &format!("{path}0"))
            .header("accept", "text/event-stream")
            .header("last-event-id", cursor.to_string());
        let refusal = crate::support::send(stream).await;
        assert_eq!(refusal.status, 410, "{cursor}");
    }
    assert_eq!(feed(&server, &format!("?cursor={last}")).await["events"], json!([]));
}
