//! Export to a collector over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod collector;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use engage_otlp::{Exporter, OtlpSettings, start};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use tracing::field::{Empty, Field, Visit};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Subscriber, info_span};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::collector::Collector;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// Time limit that no test reaches by chance.
const LONG: Duration = Duration::from_mins(1);

/// The messages of the log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn messages(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl<S: Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        event.record(&mut self.clone());
    }
}

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0.lock().unwrap().push(format!("{value:?}"));
        }
    }
}

/// An export for the thread of a test.
struct Export {
    exporter: Exporter,
    log: Log,
    _default: DefaultGuard,
}

impl Export {
    fn to(url: &str) -> Self {
        let settings = OtlpSettings {
            url: url.to_owned(),
            headers: vec![("x-tenant".to_owned(), "geheim".into())],
            service_name: "support".to_owned(),
            resolver: engage_outbound::DnsResolver::system(),
            service_version: "1.2.3".to_owned(),
        };
        let (layer, exporter) = start(&settings).unwrap();
        let log = Log::default();
        let of_engage =
            |name: &'static str| filter_fn(move |metadata| metadata.target().starts_with(name));
        let subscriber = tracing_subscriber::registry()
            .with(layer.with_filter(of_engage("exported")))
            .with(log.clone().with_filter(of_engage("engage_otlp")));
        Self { exporter, log, _default: subscriber.set_default() }
    }
}

fn a_span(id: u64) -> tracing::Span {
    info_span!(target: "exported", "x", trace_id = TRACE, span_id = %format_args!("{id:016x}"))
}

fn hex(id: &[u8]) -> String {
    id.iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|half| char::from_digit(half.into(), 16).unwrap())
        .collect()
}

fn attribute(span: &Span, key: &str) -> Option<Value> {
    span.attributes.iter().find(|attribute| attribute.key == key)?.value.clone()?.value
}

#[tokio::test]
async fn a_span_is_posted_with_its_ids_attributes_and_service() {
    let mut collector = Collector::start(&[]).await;
    let export = Export::to(&collector.url);
    let span = info_span!(
        target: "exported",
        "static",
        otel.name = "POST /a",
        otel.kind = "server",
        otel.status_code = Empty,
        trace_id = TRACE,
        span_id = "00f067aa0ba902b7",
        parent_id = "00000000000000aa",
        trace_state = "rojo=1",
        count = 3_u64,
        share = 0.5,
        is_new = true,
        later = Empty,
        never = Empty,
    );
    span.record("later", "now");
    span.record("otel.status_code", "ERROR");
    drop(span);
    let received = collector.next().await;
    assert!(received.head[0].starts_with("post /v1/traces "), "{:?}", received.head);
    for header in ["content-type: application/x-protobuf", "x-tenant: geheim"] {
        assert!(received.head.contains(&header.to_owned()), "{:?}", received.head);
    }
    let [span] = &received.spans()[..] else { panic!("one span") };
    assert_eq!((span.name.as_str(), span.kind), ("POST /a", SpanKind::Server as i32));
    assert_eq!(hex(&span.trace_id), TRACE);
    assert_eq!(hex(&span.span_id), "00f067aa0ba902b7");
    assert_eq!(hex(&span.parent_span_id), "00000000000000aa");
    assert_eq!(span.trace_state, "rojo=1");
    assert_eq!(span.status.clone().unwrap().code, StatusCode::Error as i32);
    assert!(span.start_time_unix_nano <= span.end_time_unix_nano);
    assert_eq!(attribute(span, "count"), Some(Value::IntValue(3)));
    assert_eq!(attribute(span, "share"), Some(Value::DoubleValue(0.5)));
    assert_eq!(attribute(span, "is_new"), Some(Value::BoolValue(true)));
    assert_eq!(attribute(span, "later"), Some(Value::StringValue("now".to_owned())));
    assert_eq!(span.attributes.len(), 4);
    let service: Vec<_> =
        received.resource().attributes.into_iter().map(|one| (one.key, one.value)).collect();
    assert_eq!(service[0].0, "service.name");
    assert_eq!(service[0].1.clone().unwrap().value, Some(Value::StringValue("support".to_owned())));
    export.exporter.stop(LONG).await;
}

#[tokio::test]
async fn a_span_without_ids_belongs_to_the_enclosing_exported_one() {
    let mut collector = Collector::start(&[]).await;
    let export = Export::to(&collector.url);
    drop(info_span!(target: "exported", "alone"));
    let outer = a_span(7);
    // Spans of other targets are skipped.
    outer.in_scope(|| {
        let between = info_span!(target: "exporter of others", "between");
        drop(between.in_scope(|| info_span!(target: "exported", "inner")));
    });
    drop(outer);
    export.exporter.stop(LONG).await;
    let spans = collector.next().await.spans();
    let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["inner", "x"]);
    assert_eq!(spans[0].trace_id, spans[1].trace_id);
    assert_eq!(spans[0].parent_span_id, spans[1].span_id);
    assert_ne!(spans[0].span_id, spans[1].span_id);
}

#[tokio::test]
async fn a_discarded_span_is_left_out() {
    let mut collector = Collector::start(&[]).await;
    let export = Export::to(&collector.url);
    let discarded = info_span!(
        target: "exported",
        "discarded",
        trace_id = TRACE,
        span_id = "00f067aa0ba902b7",
        trace.discarded = Empty,
    );
    discarded.record("trace.discarded", true);
    drop(discarded);
    drop(a_span(1));
    export.exporter.stop(LONG).await;
    assert_eq!(collector.next().await.spans().len(), 1);
    assert!(!collector.has_more());
}

#[tokio::test]
async fn a_request_that_fails_for_the_time_being_is_repeated_and_logged_once() {
    let mut collector = Collector::start(&["503 Busy", "429 Slow down"]).await;
    let export = Export::to(&collector.url);
    drop(a_span(1));
    for _ in 0..3 {
        assert_eq!(collector.next().await.spans().len(), 1);
    }
    export.exporter.stop(LONG).await;
    assert!(!collector.has_more());
    let messages = export.log.messages();
    assert_eq!(messages, ["traces cannot be exported", "traces are exported again"]);
}

#[tokio::test]
async fn a_refused_request_is_not_repeated() {
    let mut collector = Collector::start(&["400 Bad Request"]).await;
    let export = Export::to(&collector.url);
    drop(a_span(1));
    assert_eq!(hex(&collector.next().await.spans()[0].span_id), format!("{:016x}", 1));
    drop(a_span(2));
    export.exporter.stop(LONG).await;
    assert_eq!(hex(&collector.next().await.spans()[0].span_id), format!("{:016x}", 2));
    assert!(!collector.has_more());
}

#[tokio::test]
async fn everything_that_has_ended_is_sent_at_the_stop() {
    let mut collector = Collector::start(&[]).await;
    let export = Export::to(&collector.url);
    for id in 1..=1500 {
        drop(a_span(id));
    }
    export.exporter.stop(LONG).await;
    let mut ids = Vec::new();
    while ids.len() < 1500 {
        ids.extend(collector.next().await.spans().into_iter().map(|span| hex(&span.span_id)));
    }
    let expected: Vec<_> = (1..=1500).map(|id| format!("{id:016x}")).collect();
    assert_eq!(ids, expected);
}

#[tokio::test]
async fn a_collector_that_is_down_delays_neither_spans_nor_the_stop() {
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1/traces", unused.local_addr().unwrap());
    drop(unused);
    let export = Export::to(&url);
    // More than the queue holds.
    for id in 1..=20_000 {
        drop(a_span(id));
    }
    export.exporter.stop(Duration::from_secs(20)).await;
    assert_eq!(export.log.messages(), ["traces cannot be exported"]);
}

#[tokio::test]
async fn unusable_settings_are_rejected() {
    let settings = |url: &str, header: &str| OtlpSettings {
        url: url.to_owned(),
        headers: vec![(header.to_owned(), "x".into())],
        service_name: "support".to_owned(),
        resolver: engage_outbound::DnsResolver::system(),
        service_version: "1".to_owned(),
    };
    assert!(start(&settings("not a URL", "x")).is_err());
    assert!(start(&settings("http://collector.example", "not a header")).is_err());
    assert!(start(&settings("http://collector.example", "x")).is_ok());
}
