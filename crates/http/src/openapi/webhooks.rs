//! What is sent to endpoints of other systems.

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

/// An event, as it is sent to endpoints that asked for it.
#[derive(ToSchema)]
#[allow(dead_code)] // It only describes.
pub(super) struct WebhookEvent {
    /// What happened.
    #[schema(rename = "type")]
    event_type: String,
    /// When it happened.
    #[schema(format = DateTime)]
    timestamp: String,
    /// The case as the event left it, as staff see it, and the event.
    data: SnapshotData,
}

/// What is sent to try an endpoint.
#[derive(ToSchema)]
#[allow(dead_code)] // It only describes.
pub(super) struct WebhookTest {
    /// Always `webhook.test`.
    #[schema(rename = "type")]
    event_type: String,
    /// When it was sent.
    #[schema(format = DateTime)]
    timestamp: String,
    /// Nothing.
    #[schema(value_type = Object)]
    data: (),
}

/// The name of the schema of a test.
pub(super) const TEST: &str = "WebhookTest";

/// The type of the event that is sent to try an endpoint.
pub(super) const TEST_TYPE: &str = "webhook.test";

/// Describes everything that is sent to endpoints.
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
    let test = operation(TEST_TYPE, "An administrator tries the endpoint.", TEST);
    paths = paths.path(TEST_TYPE, PathItem::new(HttpMethod::Post, test));
    document.webhooks = Some(paths.build());
}

fn meaning(event_type: EventType) -> &'static str {
    match event_type {
        EventType::Created => "A customer opened a case.",
        EventType::Updated => "Something was written, or a property of a case changed.",
        EventType::Escalated => "A case was escalated.",
        EventType::Assigned => "A case got another assignee or department, or lost them.",
        EventType::Cancelled => "A case was cancelled.",
        EventType::Overdue => "A service target of a case is in danger or missed.",
    }
}

const SIGNED: &str = "Signed as Standard Webhooks 1.0 has it, by every secret of the endpoint that is valid. \
    An event that was not taken is sent again, later and later, with the same `webhook-id`; events of one \
    case come in their order. See the description of webhooks in the API's reference.";

fn operation(name: &str, summary: &str, schema: &str) -> Operation {
    let body = RequestBodyBuilder::new().required(Some(Required::True));
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
    let answer = |said: &str| ResponseBuilder::new().description(said).build();
    OperationBuilder::new()
        .operation_id(Some(format!("on_{}", name.replace('.', "_"))))
        .tag("Webhooks")
        .summary(Some(summary))
        .description(Some(SIGNED))
        .securities(Some([]))
        .parameter(header(
            "webhook-id",
            "Identifies the message: the same on every try.",
            "ntf_01jjg00000e008000000000001",
        ))
        .parameter(header(
            "webhook-timestamp",
            "When it was sent, in seconds since 1970.",
            "1738144800",
        ))
        .parameter(header(
            "webhook-signature",
            "The signatures, each with its version, with blanks between them.",
            "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
        ))
        .request_body(Some(body.content("application/json", content).build()))
        .response("2XX", answer("The event was taken, if it comes within 20 seconds."))
        .response("410", answer("The endpoint is gone: it is disabled."))
        .response("4XX", answer("The event was not taken; it is sent again."))
        .response(
            "5XX",
            answer(
                "The event was not taken; it is sent again, after `Retry-After` if that is there.",
            ),
        )
        .build()
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
