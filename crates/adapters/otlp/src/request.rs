//! Requests that post spans.

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message;

use crate::settings::OtlpSettings;

/// The service that the spans belong to.
pub(crate) struct Service {
    resource: Resource,
    scope: InstrumentationScope,
}

impl Service {
    pub(crate) fn new(settings: &OtlpSettings) -> Self {
        let attributes = vec![
            attribute("service.name", &settings.service_name),
            attribute("service.version", &settings.service_version),
        ];
        let scope = InstrumentationScope {
            name: "engage".to_owned(),
            version: settings.service_version.clone(),
            ..InstrumentationScope::default()
        };
        Self { resource: Resource { attributes, ..Resource::default() }, scope }
    }

    /// Returns the body of a request with these spans.
    pub(crate) fn body(&self, spans: Vec<Span>) -> Bytes {
        let scope_spans =
            vec![ScopeSpans { scope: Some(self.scope.clone()), spans, ..ScopeSpans::default() }];
        let resource_spans = vec![ResourceSpans {
            resource: Some(self.resource.clone()),
            scope_spans,
            ..ResourceSpans::default()
        }];
        ExportTraceServiceRequest { resource_spans }.encode_to_vec().into()
    }
}

fn attribute(key: &str, text: &str) -> KeyValue {
    let value = Some(AnyValue { value: Some(Value::StringValue(text.to_owned())) });
    KeyValue { key: key.to_owned(), value, ..KeyValue::default() }
}
