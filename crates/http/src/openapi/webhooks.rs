//! Requests that are sent to webhook endpoints.

use engage_domain::EventType;
use engage_notifier::SnapshotData;
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathsBuilder,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::{
    ContentBuilder, Object, OpenApi, PathItem, Ref, RefOr, Required, ResponseBuilder, Schema, Type,
};

use super::operations::constant;

/// An event, as sent to endpoints that subscribe to it.
#[derive(ToSchema)]
#[allow(dead_code)] // It only describes.
pub(super) struct WebhookEvent {
    /// Type of the event.
    #[schema(rename = "type")]
    event_type: String,
    /// Time of the event.
    #[schema(format = DateTime)]
    timestamp: String,
    /// The case after the event, as shown to staff, and the event.
    data: SnapshotData,
}

/// An event that tests an endpoint.
#[derive(ToSchema)]
#[allow(dead_code)] // It only describes.
pub(super) struct WebhookTest {
    /// Always `webhook.test`.
    #[schema(rename = "type")]
    event_type: String,
    /// Time at which the event was sent.
    #[schema(format = DateTime)]
    timestamp: String,
    /// Empty.
    #[schema(value_type = Object)]
    data: (),
}

/// Name of the schema of a test event.
pub(super) const TEST: &str = "WebhookTest";

/// Type of a test event.
pub(super) const TEST_TYPE: &str = "webhook.test";

/// Describes all requests to endpoints.
pub(super) fn complete(document: &mut OpenApi) {
    let test = document.components.as_mut().and_then(|all| all.schemas.get_mut(TEST));
    if let Some(RefOr::T(Schema::Object(test))) = test
        && let Some(RefOr::T(Schema::Object(name))) = test.properties.get_mut("type")
    {
        *name = constant(name.clone(), json!(TEST_TYPE));
    }
    let mut paths = PathsBuilder::new();
    for event_type in EventType::ALL {
        let sent = operation(event_type.as_str(), meaning(*event_type), "WebhookEvent");
        paths = paths.path(event_type.as_str(), PathItem::new(HttpMethod::Post, sent));
    }
    let test = operation(TEST_TYPE, "An administrator tests the endpoint.", TEST);
    paths = paths.path(TEST_TYPE, PathItem::new(HttpMethod::Post, test));
    document.webhooks = Some(paths.build());
}

fn meaning(event_type: EventType) -> &'static str {
    match event_type {
        EventType::Created => "A customer opened a case.",
        EventType::Updated => "An update was added to a case, or a property changed.",
        EventType::Escalated => "A case was escalated.",
        EventType::Assigned => "The assignee or department of a case changed.",
        EventType::Cancelled => "A case was cancelled.",
        EventType::Overdue => "An SLA target of a case is at risk or was missed.",
        EventType::Erased => "The personal data of a case was erased.",
    }
}

const SIGNED: &str = "Signed according to Standard Webhooks 1.0 with every valid secret of the \
    endpoint. An event that was not accepted is sent again with increasing delays and the same \
    `webhook-id`. Events of one case are sent in order. See the documentation of webhooks.";

fn operation(name: &str, summary: &str, schema: &str) -> Operation {
    let body = RequestBodyBuilder::new().required(Some(Required::True));
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
    let response = |said: &str| ResponseBuilder::new().description(said).build();
    OperationBuilder::new()
        .operation_id(Some(format!("on_{}", name.replace('.', "_"))))
        .tag("Webhooks")
        .summary(Some(summary))
        .description(Some(SIGNED))
        .securities(Some([]))
        .parameter(header(
            "webhook-id",
            "Id of the notification, the same for all attempts.",
            "ntf_01jjg00000e008000000000001",
        ))
        .parameter(header(
            "webhook-timestamp",
            "Time of the attempt, in seconds since 1970.",
            "1738144800",
        ))
        .parameter(header(
            "webhook-signature",
            "Space-separated signatures, each with its version.",
            "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
        ))
        .parameter(optional(header(
            "traceparent",
            "Trace of the change and the span of this attempt (W3C Trace Context).",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        )))
        .parameter(optional(header(
            "tracestate",
            "State of the tracing systems of the client that made the change.",
            "rojo=00f067aa0ba902b7",
        )))
        .request_body(Some(body.content("application/json", content).build()))
        .response("2XX", response("Accepts the event, if sent within 20 seconds."))
        .response("410", response("Disables the endpoint."))
        .response("4XX", response("Rejects the event. It is sent again."))
        .response(
            "5XX",
            response("Rejects the event. It is sent again, after `Retry-After` if given."),
        )
        .build()
}

fn optional(mut parameter: Parameter) -> Parameter {
    parameter.required = Required::False;
    parameter
}

fn header(name: &str, said: &str, example: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some(said))
        .schema(Some(Object::with_type(Type::String)))
        .example(Some(json!(example)))
        .build()
}
