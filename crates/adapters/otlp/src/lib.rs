//! Exports spans over OTLP/HTTP with protobuf, the protocol of OpenTelemetry.
//!
//! [`start`] returns a [`SpanLayer`] for `tracing-subscriber`, and the [`Exporter`] that sends the
//! finished spans in batches. Give the layer a filter that selects the spans to export.
//!
//! A span names its place in a trace by the fields `trace_id`, `span_id`, `parent_id` and
//! `trace_state`, in the form of the headers of W3C Trace Context. A span without them belongs to the
//! enclosing exported span and gets a random id; if there is none, it is left out. The fields
//! `otel.name`, `otel.kind` and `otel.status_code` mean what they mean to `tracing-opentelemetry`.
//! The flag `trace.ended` ends a span while others still use it, and `trace.discarded` leaves it out.
//! All other fields become attributes.
//!
//! A full queue or a collector that is down never delays the program: spans are dropped and counted
//! in `engage_trace_spans_total`.
#![warn(missing_docs)]

mod collector;
mod counters;
mod draft;
mod exporter;
mod layer;
mod request;
mod settings;

pub use collector::OtlpError;
pub use exporter::{Exporter, start};
pub use layer::SpanLayer;
pub use settings::OtlpSettings;
