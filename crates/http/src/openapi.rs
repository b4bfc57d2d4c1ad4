//! The description of the API.

mod fields;
mod forms;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::collections::btree_map::Entry;

use actix_web::{HttpResponse, get, web};
use serde_json::{Value, json};
use utoipa::OpenApi;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, Object, Ref, RefOr, Response, ResponseBuilder, Schema, Type,
};

use crate::inspection::is_strict;

/// What the description says besides the operations.
pub(crate) fn preamble() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(
        info(
            title = "Engage",
            description = "Customer-support cases. Customers open, look up, escalate and cancel \
                cases without an account; staff with a token list, read, update and assign them. \
                Every error has one shape: success, error, code, details. White space around a \
                text that is sent does not count, nor does the case of letters of words such as \
                `HIGH`; an optional text that is blank counts as left out.",
            license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
        ),
        tags(
            (name = "customers", description = "For customers; no account. The desk may ask for proof that a case is theirs."),
            (name = "staff", description = "For staff; needs a token."),
            (name = "service", description = "About the service itself."),
        ),
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
    }
}

/// Adds what all operations have in common, so that each says it alike.
pub(crate) fn complete(document: &mut utoipa::openapi::OpenApi) {
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            let is_api = path.starts_with("/api/");
            if is_api {
                add_errors(operation);
            }
            if is_strict(path) {
                add_refusals(operation);
            }
            fields::complete_parameters(path, operation);
            for (status, answer) in &mut operation.responses.responses {
                if let RefOr::T(answer) = answer {
                    add_headers(status, is_api, answer);
                }
            }
        }
    }
    let of_requests = schemas_of_requests(document);
    fields::complete_schemas(document, &of_requests);
    require_what_is_always_there(document, &of_requests);
    refuse_what_is_unknown(document, &of_requests);
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    [get, put, post, delete, patch].into_iter().flatten()
}

/// The errors that every operation of the API can answer with.
fn add_errors(operation: &mut Operation) {
    add_error(operation, "403", "`ORIGIN_NOT_ALLOWED`");
    add_error(operation, "429", "`RATE_LIMITED`");
    if operation.request_body.is_some() {
        add_error(operation, "408", "`REQUEST_TIMEOUT`");
    }
}

/// The errors of an operation that takes no parameter which is unknown, and no body but its own.
fn add_refusals(operation: &mut Operation) {
    if operation.request_body.is_none() {
        // A body may come all the same.
        add_error(operation, "400", "`MALFORMED_JSON`");
        add_error(operation, "408", "`REQUEST_TIMEOUT`");
        add_error(operation, "413", "`PAYLOAD_TOO_LARGE`");
    }
    add_error(operation, "400", "`VALIDATION_ERROR`");
}

fn add_error(operation: &mut Operation, status: &str, code: &str) {
    match operation.responses.responses.entry(status.to_owned()) {
        Entry::Vacant(place) => {
            let schema = Ref::from_schema_name("ErrorBody");
            let body = ContentBuilder::new().schema(Some(schema)).build();
            let answer = ResponseBuilder::new().description(format!("{code}."));
            place.insert(answer.content("application/json", body).build().into());
        }
        Entry::Occupied(mut place) => {
            if let RefOr::T(answer) = place.get_mut()
                && !answer.description.contains(code)
            {
                answer.description = format!("{} {code}.", answer.description);
            }
        }
    }
}

fn add_headers(status: &str, is_api: bool, answer: &mut Response) {
    let mut add = |name: &str, kind: Type, description: &str| {
        let header = HeaderBuilder::new().schema(Some(Object::with_type(kind)));
        let header = header.description(Some(description)).build();
        answer.headers.entry(name.to_owned()).or_insert_with(|| header.into());
    };
    let id = "Names the request in the service's log: the one that was sent with it, or a new one.";
    add("X-Request-Id", Type::String, id);
    match status {
        "401" => add("WWW-Authenticate", Type::String, "`Bearer`."),
        "429" | "503" if is_api => {
            add("Retry-After", Type::Integer, "In how many seconds it may be tried again.");
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

/// The names of all schemas that what clients send is made of.
fn schemas_of_requests(document: &utoipa::openapi::OpenApi) -> BTreeSet<String> {
    let document = json!(document);
    let mut names = BTreeSet::new();
    let paths = document["paths"].as_object().into_iter().flat_map(|paths| paths.values());
    for operation in paths.filter_map(Value::as_object).flat_map(|item| item.values()) {
        collect_names(&operation["requestBody"], &document, &mut names);
    }
    names
}

fn collect_names(value: &Value, document: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            let name =
                object.get("$ref").and_then(Value::as_str).and_then(|r| r.rsplit('/').next());
            if let Some(name) = name.filter(|name| names.insert((*name).to_owned())) {
                collect_names(&document["components"]["schemas"][name], document, names);
            }
            object.values().for_each(|value| collect_names(value, document, names));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_names(item, document, names)),
        _ => {}
    }
}

/// The description of this API, in OpenAPI 3.1.
#[utoipa::path(
    tag = "service",
    responses((status = 200, description = "The description.", body = Object)),
)]
#[get("/openapi.json")]
pub(crate) async fn describe(document: web::Data<utoipa::openapi::OpenApi>) -> HttpResponse {
    HttpResponse::Ok().json(&**document)
}
