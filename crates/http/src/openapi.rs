//! The description of the API.

mod codes;
mod enumerations;
mod errors;
mod fields;
mod forms;
mod headers;
mod operations;
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

/// What the description says besides the operations.
pub(crate) fn preamble() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(
        info(
            title = "Engage",
            description = "Customer-support cases. Customers open, look up, escalate and cancel \
                cases without an account; staff with a token list, read, update and assign them. \
                Every error has one shape: success, error, code, details; details differ by code. \
                White space around a text that is sent does not count, nor does the case of letters \
                of words such as `HIGH`, which are answered as they are declared; an optional text \
                that is blank counts as left out. Clients have to put up with properties that are \
                new in answers; requests have none but those that are declared.",
            license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
            contact(name = "Engage"),
        ),
        servers((url = "/", description = "The server that this description is from.")),
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
        let staff = bearer("A token of a member of staff.");
        components.add_security_scheme("staffToken", staff);
        let customer = bearer(
            "A case's access token, as the answer to its creation and the links in e-mails have it. \
             Needed where the desk is set up so.",
        );
        components.add_security_scheme("accessToken", customer);
        let metrics = bearer("The token of the setting `metrics.token`.");
        components.add_security_scheme("metricsToken", metrics);
    }
}

/// Adds what all operations have in common, so that each says it alike.
pub(crate) fn complete(document: &mut utoipa::openapi::OpenApi) {
    tags::complete(document);
    webhooks::complete(document);
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            // Public is what says so.
            operation.security.get_or_insert_default();
            fields::complete_parameters(path, operation);
            headers::add_to_responses(path, operation);
            name_type_of_files(operation);
        }
    }
    errors::complete(document);
    let of_requests = schemas_of_requests(document);
    fields::complete_schemas(document, &of_requests);
    require_what_is_always_there(document, &of_requests);
    refuse_what_is_unknown(document, &of_requests);
    say_what_succeeded(document);
    let components = document.components.get_or_insert_default();
    enumerations::declare(components);
    headers::declare(components);
    visit::each_object(document, &mut |object| {
        visit::name_format(object);
        visit::open_map(object);
    });
}

/// Leaves out what is no part of the API: pages for browsers, and what belongs to them.
pub(crate) fn of_api(mut document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    document.paths.paths.retain(|path, _| !is_page(path));
    document
}

/// A file is answered with the type that it is said to have, which may be any. Generators take no
/// part in `*/*`, so that it stands behind what any bytes are.
fn name_type_of_files(operation: &mut Operation) {
    for answer in operation.responses.responses.values_mut() {
        let RefOr::T(answer) = answer else { continue };
        if let Some(any) = answer.content.get("*/*").cloned() {
            answer.content.insert_before(0, "application/octet-stream".to_owned(), any);
        }
    }
}

/// Says of `success` what it is, so that it tells answers and errors apart.
fn say_what_succeeded(document: &mut utoipa::openapi::OpenApi) {
    let Some(components) = &mut document.components else { return };
    for (name, schema) in &mut components.schemas {
        say_whether_succeeded(name != "ErrorBody", schema);
    }
}

fn say_whether_succeeded(succeeds: bool, schema: &mut RefOr<Schema>) {
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
            all.items.iter_mut().for_each(|part| say_whether_succeeded(succeeds, part));
        }
        _ => {}
    }
}

/// The form of these is another service's, which may add to it.
const FOREIGN: [&str; 1] = ["SmsStatusForm"];

/// Says of everything that clients send that it has no properties but those that are named.
fn refuse_what_is_unknown(document: &mut utoipa::openapi::OpenApi, of_requests: &BTreeSet<String>) {
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

/// Says of every property of an answer that may be null that it is always there, as serde writes it.
/// One that may be left out is one that cannot be null (`nullable = false`), but for a few.
fn require_what_is_always_there(
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

/// What only administrators see, and may be null for them.
const LEFT_OUT_OR_NULL: [(&str, &str); 2] =
    [("ListedMemberBody", "phone"), ("ListedMemberBody", "deactivatedAt")];

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

/// The names of all schemas that what clients send is made of. An enumeration is none: it is the
/// same in both directions.
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

/// Collects the names of all schemas that something is made of.
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

/// Read the description of this API, in OpenAPI 3.1.
///
/// It is made from what the server does: the same as `engage openapi` prints.
#[utoipa::path(
    responses(
        (status = 200, description = "The description.", body = Object),
        (status = 404, description = "`NOT_FOUND`: whoever runs the server does not show it.",
            body = crate::error::ErrorBody),
    ),
)]
#[get("/openapi.json")]
pub(crate) async fn describe(document: web::Data<utoipa::openapi::OpenApi>) -> HttpResponse {
    HttpResponse::Ok().json(&**document)
}
