//! Generation of the OpenAPI description.

mod codes;
mod enumerations;
mod errors;
mod fields;
mod forms;
mod headers;
mod operations;
mod roles;
mod tags;
#[cfg(test)]
mod tests;
mod visit;
mod webhooks;

use self::operations::{constant, is_page, operations};
use std::collections::BTreeSet;

use actix_web::{HttpResponse, get, web};
use serde_json::{Value, json};
use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{RefOr, Schema};

/// Returns the parts of the description that belong to no operation.
pub(crate) fn preamble() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(
        info(
            title = "Engage",
            description = "Customer support cases. Customers open, look up, escalate and cancel \
                cases without an account. Staff list, read, update and assign them with a token. \
                All errors have the same shape: success, error, code and details. The details \
                depend on the code. In requests, white space around text is ignored, enumeration \
                values such as `HIGH` are accepted in upper or lower case, and blank optional \
                text counts as omitted. Unknown properties in requests are rejected. Clients must \
                ignore unknown properties in responses, since properties may be added.",
            license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
            contact(name = "Engage"),
        ),
        servers((url = "/", description = "The server that serves this description.")),
        components(schemas(
            crate::error::FieldProblem,
            webhooks::WebhookEvent,
            webhooks::WebhookTest,
        )),
        modifiers(&Security),
    )]
    struct Preamble;
    Preamble::openapi()
}

struct Security;

impl utoipa::Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = |description: &str| {
            let http = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
            SecurityScheme::Http(http.description(Some(description)).build())
        };
        let staff = bearer("Token of a staff member.");
        components.add_security_scheme("staffToken", staff);
        let customer = bearer(
            "Access token of a case, from the response that opened it or from a link in an e-mail. \
                Required if the service is configured so.",
        );
        components.add_security_scheme("accessToken", customer);
        let metrics = bearer("Token from the setting `metrics.token`.");
        components.add_security_scheme("metricsToken", metrics);
    }
}

/// Adds the parts that all operations have in common.
pub(crate) fn complete(document: &mut utoipa::openapi::OpenApi) {
    tags::complete(document);
    webhooks::complete(document);
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            // Public operations state explicitly that they need no security.
            operation.security.get_or_insert_default();
            roles::complete(operation);
            fields::complete_parameters(path, operation);
            headers::add_to_responses(path, operation);
            name_type_of_files(operation);
        }
    }
    errors::complete(document);
    let of_requests = schemas_of_requests(document);
    fields::complete_schemas(document, &of_requests);
    require_nullable_properties(document, &of_requests);
    close_request_schemas(document, &of_requests);
    describe_success(document);
    let components = document.components.get_or_insert_default();
    enumerations::declare(components);
    headers::declare(components);
    visit::each_object(document, &mut |object| {
        visit::name_format(object);
        visit::open_map(object);
    });
}

/// Removes the pages for browsers, which are not part of the API.
pub(crate) fn of_api(mut document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    document.paths.paths.retain(|path, _| !is_page(path));
    document
}

/// Adds `application/octet-stream` before `*/*`. A file is sent with its own content type, but
/// client generators do not support `*/*`.
fn name_type_of_files(operation: &mut Operation) {
    for response in operation.responses.responses.values_mut() {
        let RefOr::T(response) = response else { continue };
        if let Some(any) = response.content.get("*/*").cloned() {
            response.content.insert_before(0, "application/octet-stream".to_owned(), any);
        }
    }
}

/// Describes the value of `success`, which distinguishes success from errors.
fn describe_success(document: &mut utoipa::openapi::OpenApi) {
    let Some(components) = &mut document.components else { return };
    for (name, schema) in &mut components.schemas {
        describe_success_of(name != "ErrorBody", schema);
    }
}

fn describe_success_of(succeeds: bool, schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => {
            if let Some(RefOr::T(Schema::Object(success))) = object.properties.get_mut("success") {
                let is_said = |extensions: &utoipa::openapi::extensions::Extensions| {
                    extensions.contains_key("const")
                };
                if !success.extensions.as_ref().is_some_and(is_said) {
                    *success = constant(success.clone(), json!(succeeds));
                }
            }
        }
        RefOr::T(Schema::AllOf(all)) => {
            all.items.iter_mut().for_each(|part| describe_success_of(succeeds, part));
        }
        _ => {}
    }
}

/// Forms that another service defines and may extend.
const FOREIGN: [&str; 1] = ["SmsStatusForm"];

/// Declares that request schemas have no additional properties.
fn close_request_schemas(document: &mut utoipa::openapi::OpenApi, of_requests: &BTreeSet<String>) {
    let Some(components) = &mut document.components else { return };
    for (name, schema) in &mut components.schemas {
        if of_requests.contains(name)
            && !FOREIGN.contains(&name.as_str())
            && let RefOr::T(Schema::Object(object)) = schema
        {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
    }
}

/// Marks response properties that may be null as required, since serde always writes them. A
/// property that may be absent is never null (`nullable = false`), with a few exceptions.
fn require_nullable_properties(
    document: &mut utoipa::openapi::OpenApi,
    of_requests: &BTreeSet<String>,
) {
    let Some(components) = &mut document.components else { return };
    for (name, schema) in &mut components.schemas {
        if !of_requests.contains(name) {
            require_nullable(name, schema);
        }
    }
}

/// Properties that only administrators see, and that may be null for them.
const LEFT_OUT_OR_NULL: [(&str, &str); 3] = [
    ("ListedMemberBody", "email"),
    ("ListedMemberBody", "phone"),
    ("ListedMemberBody", "deactivatedAt"),
];

fn require_nullable(owner: &str, schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => {
            for (name, property) in &object.properties {
                let is_there = !LEFT_OUT_OR_NULL.contains(&(owner, name.as_str()));
                if is_there && may_be_null(&json!(property)) && !object.required.contains(name) {
                    object.required.push(name.clone());
                }
            }
        }
        RefOr::T(Schema::AllOf(all)) => {
            all.items.iter_mut().for_each(|part| require_nullable(owner, part));
        }
        _ => {}
    }
}

fn may_be_null(schema: &Value) -> bool {
    let is_null = |kind: &Value| kind == "null";
    let kinds = schema["type"].as_array();
    let choices = schema["oneOf"].as_array();
    is_null(&schema["type"])
        || kinds.is_some_and(|kinds| kinds.iter().any(is_null))
        || choices.is_some_and(|choices| choices.iter().any(may_be_null))
}

/// Returns the names of all schemas used in requests. Enumerations are excluded because they are
/// the same in both directions.
fn schemas_of_requests(document: &utoipa::openapi::OpenApi) -> BTreeSet<String> {
    let document = json!(document);
    let mut names = BTreeSet::new();
    let paths = document["paths"].as_object().into_iter().flat_map(|paths| paths.values());
    for operation in paths.filter_map(Value::as_object).flat_map(|item| item.values()) {
        collect_names(&operation["requestBody"], &document, &mut names);
    }
    names.retain(|name| document["components"]["schemas"][name].get("enum").is_none());
    names
}

/// Collects the names of all schemas that a value refers to.
fn collect_names(value: &Value, document: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            let place = object.get("$ref").and_then(Value::as_str).unwrap_or_default();
            let referred = document.pointer(place.trim_start_matches('#'));
            let is_new = match place.strip_prefix("#/components/schemas/") {
                Some(name) => names.insert(name.to_owned()),
                None => !place.is_empty(),
            };
            if let Some(referred) = referred.filter(|_| is_new) {
                collect_names(referred, document, names);
            }
            object.values().for_each(|value| collect_names(value, document, names));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_names(item, document, names)),
        _ => {}
    }
}

/// Read the OpenAPI 3.1 description of this API.
///
/// It is generated from the request handlers. `engage openapi` prints the same document.
#[utoipa::path(
    responses(
        (status = 200, description = "The OpenAPI document.", body = Object),
        (status = 404, description = "`NOT_FOUND`: the description is not public on this server.",
            body = crate::error::ErrorBody),
    ),
)]
#[get("/openapi.json")]
pub(crate) async fn describe(document: web::Data<utoipa::openapi::OpenApi>) -> HttpResponse {
    HttpResponse::Ok().json(&**document)
}
