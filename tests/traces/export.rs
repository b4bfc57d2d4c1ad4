//! Traces that a collector receives.

use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Attribute;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use prost::Message;
use reqwest::Method;

use super::{SPAN, Sent, TRACE, opening, register, send, start_server};
use crate::metrics::scrape;
use crate::support::http_receiver::status;
use crate::support::{HttpReceiver, Server, Store, Workspace, eventually, on_both_stores};

on_both_stores! {
    a_collector_receives_the_spans_of_a_request_and_of_its_webhook
}

/// Returns the digits of an id.
fn hex(id: &[u8]) -> String {
    id.iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|half| char::from_digit(half.into(), 16).unwrap())
        .collect()
}

fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    Some(match found.value.clone()?.value? {
        Attribute::StringValue(text) => text,
        Attribute::IntValue(number) => number.to_string(),
        other => panic!("{key}: {other:?}"),
    })
}

/// Returns the requests that a collector received.
fn requests(collector: &HttpReceiver) -> Vec<ExportTraceServiceRequest> {
    let decode = |bytes: &[u8]| ExportTraceServiceRequest::decode(bytes).expect("protobuf");
    collector.received().iter().map(|received| decode(&received.bytes)).collect()
}

fn spans(collector: &HttpReceiver) -> Vec<Span> {
    let resources = requests(collector).into_iter().flat_map(|request| request.resource_spans);
    let scopes = resources.flat_map(|resource| resource.scope_spans);
    scopes.flat_map(|scope| scope.spans).collect()
}

/// Waits for a span of the trace of the caller with this name.
async fn span(collector: &HttpReceiver, name: &str) -> Span {
    eventually(&format!("the span {name}"), || {
        let is_it = |span: &Span| hex(&span.trace_id) == TRACE && span.name == name;
        spans(collector).into_iter().find(is_it)
    })
    .await
}

async fn traced(store: Store, collector: &HttpReceiver, more: &[(&str, &str)]) -> Server {
    let endpoint = collector.url("");
    let settings = [("ENGAGE_TRACING__ENDPOINT", endpoint.as_str())];
    start_server(store, &[&settings, more].concat()).await
}

async fn a_collector_receives_the_spans_of_a_request_and_of_its_webhook(store: Store) {
    let collector = HttpReceiver::start().await;
    let secret = [
        ("ENGAGE_TRACING__HEADERS", "authorization=Bearer geheim,x-tenant=desk"),
        ("ENGAGE_TRACING__SERVICE_NAME", "support"),
    ];
    let server = traced(store, &collector, &secret).await;
    let hooks = HttpReceiver::responding(|_, index| {
        Some(status(if index == 0 { "500 Oops" } else { "200 OK" }))
    })
    .await;
    register(&server, &hooks).await;
    let parent = format!("00-{TRACE}-{SPAN}-01");
    let opened =
        send(opening(&server).header("traceparent", parent).header("tracestate", "rojo=1")).await;
    let sent: Vec<_> = hooks.received_once(2).await.iter().map(Sent::by).collect();

    let request = span(&collector, "POST /api/support/case").await;
    assert_eq!(hex(&request.parent_span_id), SPAN);
    assert_eq!(request.kind, SpanKind::Server as i32);
    assert_eq!(request.trace_state, "rojo=1");
    let status = text(&request.attributes, "http.response.status_code");
    assert_eq!(status.as_deref(), Some("200"));
    assert!(request.start_time_unix_nano < request.end_time_unix_nano);
    let commit = span(&collector, "commit").await;
    assert_eq!(commit.parent_span_id, request.span_id);

    for (sent, attempt, outcome) in [(&sent[0], "1", "failed"), (&sent[1], "2", "sent")] {
        let delivery = eventually("the span of an attempt", || {
            spans(&collector).into_iter().find(|span| hex(&span.span_id) == sent.span)
        })
        .await;
        assert_eq!((delivery.name.as_str(), sent.trace.as_str()), ("deliver WEBHOOK", TRACE));
        assert_eq!(hex(&delivery.trace_id), TRACE);
        assert_eq!(delivery.parent_span_id, request.span_id);
        assert_eq!(delivery.kind, SpanKind::Client as i32);
        let attribute = |key| text(&delivery.attributes, key);
        assert_eq!(attribute("engage.attempt").as_deref(), Some(attempt));
        assert_eq!(attribute("engage.outcome").as_deref(), Some(outcome));
        assert_eq!(attribute("engage.case").as_deref(), opened["caseNumber"].as_str());
        let is_error =
            delivery.status.is_some_and(|status| status.code == StatusCode::Error as i32);
        assert_eq!(is_error, outcome == "failed");
    }
    let email = span(&collector, "deliver EMAIL").await;
    assert_eq!(email.parent_span_id, request.span_id);

    let of_collector = collector.received();
    assert!(of_collector.iter().all(|received| received.path == "/v1/traces"));
    assert_eq!(of_collector[0].header("content-type"), "application/x-protobuf");
    assert_eq!(of_collector[0].header("authorization"), "Bearer geheim");
    let resource = requests(&collector)[0].resource_spans[0].resource.clone().unwrap();
    assert_eq!(text(&resource.attributes, "service.name").as_deref(), Some("support"));
    for span in spans(&collector) {
        let shown = format!("{span:?}");
        assert!(!shown.contains("john@example.com") && !shown.contains("John Doe"), "{shown}");
    }
    let log = server.log().join("\n");
    assert!(!log.contains("geheim") && !log.contains("engage::trace"), "{log}");
    assert!(!server.log().iter().any(|line| line.contains("\"spans\":")), "{log}");
}

/// On SQLite only, like the others, since the export does not depend on the store.
#[tokio::test]
async fn a_trace_is_recorded_if_its_caller_or_the_ratio_says_so() {
    let collector = HttpReceiver::start().await;
    let none = [("ENGAGE_TRACING__SAMPLE_RATIO", "0")];
    let server = traced(Store::Sqlite, &collector, &none).await;
    let hooks = HttpReceiver::start().await;
    register(&server, &hooks).await;
    let callers = [
        (None, "00"),
        (Some(format!("00-{}-{SPAN}-00", "a".repeat(32))), "00"),
        (Some(format!("00-{TRACE}-{SPAN}-01")), "01"),
    ];
    for (count, (parent, flags)) in (1..).zip(callers) {
        let request = opening(&server);
        send(match &parent {
            Some(parent) => request.header("traceparent", parent),
            None => request,
        })
        .await;
        let calls = hooks.received_once(count).await;
        assert_eq!(Sent::by(&calls[count - 1]).flags, flags, "{parent:?}");
    }
    span(&collector, "deliver WEBHOOK").await;
    for span in spans(&collector) {
        assert_eq!(hex(&span.trace_id), TRACE, "{span:?}");
    }
}

#[tokio::test]
async fn the_last_traces_are_sent_at_the_end_and_polled_routes_have_none() {
    let collector = HttpReceiver::start().await;
    let mut server = traced(Store::Sqlite, &collector, &[]).await;
    assert_eq!(server.get("/health").await.status, 200);
    send(opening(&server).header("traceparent", format!("00-{TRACE}-{SPAN}-01"))).await;
    server.terminate();
    assert_eq!(server.exit_code_within(Duration::from_secs(20)).await, Some(0));
    span(&collector, "POST /api/support/case").await;
    assert!(spans(&collector).iter().all(|span| !span.name.contains("/health")));
}

#[tokio::test]
async fn a_collector_that_is_down_disturbs_nothing_and_is_logged_once() {
    let refusing = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", refusing.local_addr().unwrap());
    drop(refusing);
    let settings = [("ENGAGE_TRACING__ENDPOINT", endpoint.as_str())];
    let mut server = start_server(Store::Sqlite, &settings).await;
    let warning = "traces cannot be exported";
    let told = |server: &Server| server.log().iter().filter(|line| line.contains(warning)).count();
    for _ in 0..50 {
        send(opening(&server)).await;
    }
    eventually("the warning", || (told(&server) == 1).then_some(())).await;
    for _ in 0..50 {
        server.staff_get("/api/internal/me").await.ok();
    }
    server.terminate();
    assert_eq!(server.exit_code_within(Duration::from_secs(20)).await, Some(0));
    assert_eq!(told(&server), 1, "{:#?}", server.log());
}

#[tokio::test]
async fn refused_spans_are_counted_and_not_sent_again() {
    let collector = HttpReceiver::responding(|_, index| {
        Some(status(if index == 0 { "400 Bad Request" } else { "200 OK" }))
    })
    .await;
    let server = traced(Store::Sqlite, &collector, &[]).await;
    send(opening(&server).header("traceparent", format!("00-{TRACE}-{SPAN}-01"))).await;
    eventually("a request", || (!collector.received().is_empty()).then_some(())).await;
    let me = server.staff_request(Method::GET, "/api/internal/me");
    send(me.header("traceparent", format!("00-{TRACE}-{SPAN}-01"))).await;
    span(&collector, "GET /api/internal/me").await;
    let exported = scrape(&server).await;
    for outcome in ["dropped", "exported"] {
        let counted = exported.value("engage_trace_spans_total", &[("outcome", outcome)]);
        assert!(counted.is_some_and(|count| count > 0.0), "{outcome}: {counted:?}");
    }
    let all = spans(&collector);
    let mut ids: Vec<_> = all.iter().map(|span| &span.span_id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all.len());
}

#[test]
fn unusable_settings_of_traces_are_refused() {
    for (name, value, expected) in [
        ("ENGAGE_TRACING__ENDPOINT", "localhost:4318", "tracing.endpoint"),
        ("ENGAGE_TRACING__HEADERS", "geheim", "tracing.headers"),
        ("ENGAGE_TRACING__SAMPLE_RATIO", "1.5", "tracing.sample_ratio"),
        ("ENGAGE_TRACING__SAMPLE_RATIO", "half", "tracing.sample_ratio"),
    ] {
        let workspace = Workspace::with(&[(name, value)]);
        let refusal = workspace.run(&["check-config"]).refusal();
        assert!(refusal.contains(expected) && !refusal.contains("geheim"), "{refusal}");
    }
    let headers = [("ENGAGE_TRACING__HEADERS", "authorization=Bearer geheim")];
    let shown = Workspace::with(&headers).run(&["check-config"]).ok();
    assert!(shown.contains("tracing.headers") && !shown.contains("geheim"), "{shown}");
}
