//! A span that has not ended.

use std::fmt;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{Span, Status};
use tracing::field::{Field, Visit};

/// The flag of a sampled span. Others are not exported.
const SAMPLED: u32 = 1;

/// Number of bytes in the id of a trace and of a span.
const TRACE_ID: usize = 16;
const SPAN_ID: usize = 8;

/// Ids of a trace and of one of its spans.
pub(crate) type Ids = (Vec<u8>, Vec<u8>);

/// A span with the values that were recorded so far.
pub(crate) struct SpanDraft {
    span: Span,
    began: Instant,
    ended: Option<Instant>,
    is_discarded: bool,
}

impl SpanDraft {
    /// Begins a span now.
    pub(crate) fn new(name: &str) -> Self {
        let span = Span {
            name: name.to_owned(),
            kind: SpanKind::Internal.into(),
            flags: SAMPLED,
            start_time_unix_nano: now(),
            ..Span::default()
        };
        Self { span, began: Instant::now(), ended: None, is_discarded: false }
    }

    /// Returns true if the span has a place in a trace.
    pub(crate) fn has_ids(&self) -> bool {
        self.span.trace_id.len() == TRACE_ID && self.span.span_id.len() == SPAN_ID
    }

    /// Returns the ids that a child refers to.
    pub(crate) fn ids(&self) -> Ids {
        (self.span.trace_id.clone(), self.span.span_id.clone())
    }

    /// Makes the span a child of another one, with a random id.
    pub(crate) fn follow(&mut self, (trace_id, parent_id): Ids) {
        self.span.trace_id = trace_id;
        self.span.parent_span_id = parent_id;
        self.span.span_id = rand::random::<u64>().max(1).to_be_bytes().to_vec();
    }

    /// Returns the finished span, unless it is to be left out.
    pub(crate) fn finish(mut self) -> Option<Span> {
        let took = self.ended.unwrap_or_else(Instant::now).duration_since(self.began);
        let took = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.span.end_time_unix_nano = self.span.start_time_unix_nano.saturating_add(took);
        (!self.is_discarded).then_some(self.span)
    }

    fn set_text(&mut self, name: &str, text: String) {
        match name {
            "trace_id" => self.span.trace_id = bytes(&text),
            "span_id" => self.span.span_id = bytes(&text),
            "parent_id" => self.span.parent_span_id = bytes(&text),
            "trace_state" => self.span.trace_state = text,
            "otel.name" => self.span.name = text,
            "otel.kind" => self.span.kind = kind(&text).into(),
            "otel.status_code" => self.span.status = status(&text),
            name => self.set(name, Value::StringValue(text)),
        }
    }

    fn set(&mut self, name: &str, value: Value) {
        let value = Some(AnyValue { value: Some(value) });
        match self.span.attributes.iter_mut().find(|attribute| attribute.key == name) {
            Some(attribute) => attribute.value = value,
            None => {
                let attribute = KeyValue { key: name.to_owned(), value, ..KeyValue::default() };
                self.span.attributes.push(attribute);
            }
        }
    }
}

impl Visit for SpanDraft {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.set_text(field.name(), value.to_owned());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        match field.name() {
            "trace.ended" if value => self.ended = Some(Instant::now()),
            "trace.discarded" => self.is_discarded = value,
            name => self.set(name, Value::BoolValue(value)),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field.name(), Value::IntValue(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match i64::try_from(value) {
            Ok(value) => self.record_i64(field, value),
            Err(_) => self.set_text(field.name(), value.to_string()),
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field.name(), Value::DoubleValue(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set_text(field.name(), format!("{value:?}"));
    }
}

/// Returns the bytes that a text spells in hexadecimal digits, or none if it does not.
fn bytes(hex: &str) -> Vec<u8> {
    let digits: Option<Vec<u8>> =
        hex.chars().map(|c| c.to_digit(16).and_then(|digit| digit.try_into().ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0).unwrap_or_default();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn kind(text: &str) -> SpanKind {
    match text {
        "server" => SpanKind::Server,
        "client" => SpanKind::Client,
        "producer" => SpanKind::Producer,
        "consumer" => SpanKind::Consumer,
        _ => SpanKind::Internal,
    }
}

fn status(text: &str) -> Option<Status> {
    let code = match text {
        "OK" => StatusCode::Ok,
        "ERROR" => StatusCode::Error,
        _ => return None,
    };
    Some(Status { code: code.into(), message: String::new() })
}

/// Returns the time in nanoseconds since 1970.
#[allow(clippy::disallowed_methods)] // Spans describe this process, whose clock they need.
fn now() -> u64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_1970.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_from_hexadecimal_digits() {
        assert_eq!(bytes("00f067aa0ba902b7"), [0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7]);
        for wrong in ["", "0", "0g", "é0"] {
            assert_eq!(bytes(wrong), [0; 0], "{wrong}");
        }
    }

    #[test]
    fn a_later_value_replaces_an_earlier_one() {
        let mut draft = SpanDraft::new("x");
        draft.set_text("engage.outcome", "failed".to_owned());
        draft.set("engage.attempt", Value::IntValue(1));
        draft.set_text("engage.outcome", "sent".to_owned());
        let span = draft.finish().unwrap();
        let names: Vec<_> = span.attributes.iter().map(|one| one.key.as_str()).collect();
        assert_eq!(names, ["engage.outcome", "engage.attempt"]);
        let value = span.attributes[0].value.clone().unwrap().value;
        assert_eq!(value, Some(Value::StringValue("sent".to_owned())));
    }
}
