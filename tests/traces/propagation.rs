//! Trace contexts in requests and in webhooks.

use std::collections::HashSet;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{SPAN, Sent, TRACE, opening, register, send, start_server};
use crate::support::http_receiver::status;
use crate::support::{HttpReceiver, Server, Store, eventually, eventually_seen, on_both_stores};

on_both_stores! {
    webhooks_continue_the_trace_of_the_request
    each_attempt_is_a_new_span_also_when_it_is_sent_again
    an_automatic_change_starts_a_trace
}

async fn webhooks_continue_the_trace_of_the_request(store: Store) {
    let server = start_server(store, &[]).await;
    let hooks = HttpReceiver::start().await;
    register(&server, &hooks).await;
    for (count, (flags, state)) in (1..).zip([("01", Some("rojo=1,congo=2")), ("00", None)]) {
        let mut request =
            opening(&server).header("traceparent", format!("00-{TRACE}-{SPAN}-{flags}"));
        if let Some(state) = state {
            request = request.header("tracestate", state);
        }
        send(request).await;
        let calls = hooks.received_once(count).await;
        let call = &calls[count - 1];
        let sent = Sent::by(call);
        assert_eq!((sent.trace.as_str(), sent.flags.as_str()), (TRACE, flags));
        assert_ne!(sent.span, SPAN);
        assert_eq!(call.headers("tracestate"), Vec::from_iter(state));
    }
    let mails = eventually("an e-mail", || Some(server.mails()).filter(|mails| !mails.is_empty()));
    for mail in mails.await {
        assert!(!String::from_utf8_lossy(&mail.bytes).contains(TRACE), "{mail:#?}");
    }
}

async fn each_attempt_is_a_new_span_also_when_it_is_sent_again(store: Store) {
    let server = start_server(store, &[]).await;
    let hooks = HttpReceiver::responding(|_, index| {
        Some(status(match index {
            0 => "500 Oops",
            1 => "410 Gone",
            _ => "200 OK",
        }))
    })
    .await;
    let path = register(&server, &hooks).await;
    let parent = format!("00-{TRACE}-{SPAN}-01");
    send(opening(&server).header("traceparent", &parent).header("tracestate", "rojo=1")).await;
    hooks.received_once(2).await;
    let list = "/api/internal/notifications/status?channel=WEBHOOK&status=DEAD";
    let dead = eventually_seen("a dead notification", async || {
        let found = server.staff_get(list).await.ok();
        let id = found["notifications"][0]["id"].as_str();
        id.map(str::to_owned)
    })
    .await;
    send(server.staff_request(Method::PATCH, &path).json(&json!({"enabled": true}))).await;
    let replay = server.staff_request(Method::POST, &format!("{path}/replay"));
    let replay = replay.header("traceparent", format!("00-{}-{SPAN}-01", "e".repeat(32)));
    send(replay.json(&json!({"notificationId": dead}))).await;
    let calls = hooks.received_once(3).await;
    let mut spans = HashSet::from([SPAN.to_owned()]);
    for call in &calls {
        let sent = Sent::by(call);
        assert_eq!((sent.trace.as_str(), sent.flags.as_str()), (TRACE, "01"));
        assert!(spans.insert(sent.span.clone()), "{sent:?}");
        assert_eq!(call.headers("tracestate"), ["rojo=1"]);
    }
}

async fn an_automatic_change_starts_a_trace(store: Store) {
    let server = start_server(store, &[]).await;
    let hooks = HttpReceiver::start().await;
    register(&server, &hooks).await;
    let parent = format!("00-{TRACE}-{SPAN}-00");
    send(opening(&server).header("traceparent", parent)).await;
    hooks.received_once(1).await;
    store.let_pass(server.workspace(), Duration::from_hours(20)).await;
    let calls = hooks.received_once(2).await;
    assert!(calls[1].body.contains("case.overdue"), "{calls:#?}");
    let sent = Sent::by(&calls[1]);
    assert_ne!(sent.trace, TRACE);
    assert_eq!(sent.flags, "01");
}

/// Returns the trace in the log of a request.
async fn logged_trace(server: &Server, id: &str) -> String {
    eventually("the line of the request", || {
        let is_it = |line: &Value| line["span"]["id"] == id && line["message"] == "served";
        let log = server.log();
        let line = log.iter().filter_map(|line| serde_json::from_str(line).ok()).find(is_it)?;
        Some(line["span"]["trace_id"].as_str().unwrap().to_owned())
    })
    .await
}

/// On SQLite only, since the headers are read before anything is stored.
#[tokio::test]
async fn an_invalid_traceparent_starts_a_new_trace() {
    let server = start_server(Store::Sqlite, &[]).await;
    let hooks = HttpReceiver::start().await;
    register(&server, &hooks).await;
    let valid = format!("00-{TRACE}-{SPAN}-01");
    let wrong: [&[String]; 12] = [
        &[String::new()],
        &[TRACE.to_owned()],
        &[format!("00-{TRACE}-{SPAN}")],
        &[format!("00-{TRACE}-{SPAN}-01-more")],
        &[format!("ff-{TRACE}-{SPAN}-01")],
        &[format!("00-{}-{SPAN}-01", "0".repeat(32))],
        &[format!("00-{TRACE}-{}-01", "0".repeat(16))],
        &[format!("00-{}-{SPAN}-01", TRACE.to_uppercase())],
        &[format!("00-{TRACE}-{SPAN}-xx")],
        &[format!("00-{}g-{SPAN}-01", &TRACE[1..])],
        &[format!("00-{TRACE}\"}} forged-{SPAN}-01")],
        &[valid.clone(), valid],
    ];
    let mut traces = HashSet::from([TRACE.to_owned()]);
    for (count, values) in (1..).zip(wrong) {
        let id = format!("wrong-{count}");
        let mut request = opening(&server).header("x-request-id", &id);
        for value in values {
            request = request.header("traceparent", value);
        }
        send(request.header("tracestate", "rojo=1")).await;
        let calls = hooks.received_once(count).await;
        let sent = Sent::by(&calls[count - 1]);
        assert!(traces.insert(sent.trace.clone()), "{values:?}: {sent:?}");
        assert_eq!(sent.flags, "01");
        assert_eq!(calls[count - 1].headers("tracestate"), [""; 0]);
        assert_eq!(logged_trace(&server, &id).await, sent.trace);
    }
    assert!(!server.log().join("\n").contains("forged"));
}

/// On SQLite only, since a test event is not stored.
#[tokio::test]
async fn a_test_event_belongs_to_the_trace_of_its_request() {
    let server = start_server(Store::Sqlite, &[]).await;
    let hooks = HttpReceiver::start().await;
    let path = register(&server, &hooks).await;
    let request = server.staff_request(Method::POST, &format!("{path}/test")).json(&json!({}));
    send(request.header("traceparent", format!("00-{TRACE}-{SPAN}-01"))).await;
    let [call] = &hooks.received_once(1).await[..] else { unreachable!() };
    let sent = Sent::by(call);
    assert_eq!((sent.trace.as_str(), sent.flags.as_str()), (TRACE, "01"));
    assert_ne!(sent.span, SPAN);
}
