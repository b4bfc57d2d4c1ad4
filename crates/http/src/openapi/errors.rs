//! The errors of the API: a schema for each code, and the error responses of operations.
//!
//! Handlers declare only the codes that no rule can derive. The others are added here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use utoipa::openapi::path::{HttpMethod, Operation};
use utoipa::openapi::request_body::RequestBody;
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, Discriminator, ObjectBuilder, SchemaType,
};
use utoipa::openapi::{
    Components, ContentBuilder, Object, OneOf, OpenApi, Ref, RefOr, Response, ResponseBuilder,
    Schema, Type,
};

use super::codes::{CODES, Code, Detail, Kind, Presence};
use super::headers;
use super::operations::{BULK, constant, has_header, roles, with_methods};
use crate::inspection::is_strict;

/// Completes the errors of all operations, and declares their schemas.
pub(super) fn complete(document: &mut OpenApi) {
    let mut used = BTreeSet::new();
    let mut responses = BTreeMap::new();
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in with_methods(item) {
            let rules = derived(path, &method, operation);
            complete_operation(operation, rules, &mut used, &mut responses);
        }
    }
    let components = document.components.get_or_insert_default();
    for code in CODES.iter().filter(|code| used.contains(code.name)) {
        components.schemas.insert(schema_name(code), schema(code).into());
    }
    components.schemas.insert("ErrorCode".to_owned(), all_codes().into());
    components
        .responses
        .extend(responses.into_iter().map(|(name, response)| (name, response.into())));
    type_general_error(components);
}

/// Lists all codes in the schema of errors. The details remain open.
fn type_general_error(components: &mut Components) {
    if let Some(RefOr::T(Schema::Object(error))) = components.schemas.get_mut("ErrorBody") {
        let mut code = Ref::from_schema_name("ErrorCode");
        "Error code, for programs.".clone_into(&mut code.description);
        error.properties.insert("code".to_owned(), code.into());
    }
}

fn all_codes() -> Object {
    let mut schema = Object::with_type(Type::String);
    schema.description =
        Some("Error code, for programs. Codes may be added in the future.".to_owned());
    schema.enum_values = Some(CODES.iter().map(|code| json!(code.name)).collect());
    schema.examples = vec![json!("CASE_NOT_FOUND")];
    schema
}

/// The codes of one status, and the description given by the handler.
#[derive(Default)]
struct Named {
    codes: BTreeSet<&'static str>,
    said: String,
}

fn complete_operation(
    operation: &mut Operation,
    derived: Vec<&'static Code>,
    used: &mut BTreeSet<&'static str>,
    responses: &mut BTreeMap<String, Response>,
) {
    let mut by_status: BTreeMap<String, Named> = BTreeMap::new();
    for (status, response) in &operation.responses.responses {
        if let RefOr::T(response) = response
            && is_error(response)
        {
            let codes = codes_in(&response.description).collect();
            let said = response.description.clone();
            by_status.insert(status.clone(), Named { codes, said });
        }
    }
    for code in derived {
        let status = code.status.to_string();
        // An unhealthy service returns a report, not an error.
        if operation.responses.responses.contains_key(&status) && !by_status.contains_key(&status) {
            continue;
        }
        by_status.entry(status).or_default().codes.insert(code.name);
    }
    for (status, Named { codes, said }) in by_status {
        used.extend(&codes);
        let codes: Vec<_> = CODES.iter().filter(|code| codes.contains(code.name)).collect();
        let name = codes.iter().map(|code| pascal(code.name)).collect::<Vec<_>>().join("Or");
        let mut response = Ref::from_response_name(&name);
        response.description = more_than_codes(&said, &codes);
        responses.entry(name).or_insert_with(|| shared_response(&codes));
        operation.responses.responses.insert(status, RefOr::Ref(response));
    }
}

/// Returns true if a response is an error declared by a handler.
fn is_error(response: &Response) -> bool {
    response.content.values().any(|content| {
        let RefOr::T(content) = content else { return false };
        matches!(&content.schema, Some(RefOr::Ref(schema)) if schema.ref_location.ends_with("/ErrorBody"))
    })
}

fn codes_in(said: &str) -> impl Iterator<Item = &'static str> + '_ {
    CODES.iter().map(|code| code.name).filter(|name| said.contains(&format!("`{name}`")))
}

/// Returns the description of a response, completed with the codes that it does not mention. Empty
/// if the description only lists codes.
fn more_than_codes(said: &str, codes: &[&Code]) -> String {
    let without = codes_in(said).fold(said.to_owned(), |text, name| text.replace(name, ""));
    if !without.replace(" or ", "").contains(char::is_alphabetic) {
        return String::new();
    }
    let mut text = said.to_owned();
    for code in codes {
        if !said.contains(&format!("`{}`", code.name)) {
            text = format!("{text} {}", code.sentence());
        }
    }
    text
}

/// Errors of a path parameter whose value names nothing.
const NOT_FOUND: [(&str, &str); 11] = [
    ("caseNumber", "CASE_NOT_FOUND"),
    ("staffId", "STAFF_NOT_FOUND"),
    ("tokenId", "TOKEN_NOT_FOUND"),
    ("attachmentId", "ATTACHMENT_NOT_FOUND"),
    ("notificationId", "NOTIFICATION_NOT_FOUND"),
    ("webhookId", "WEBHOOK_NOT_FOUND"),
    ("participantId", "PARTICIPANT_NOT_FOUND"),
    ("contactId", "CONTACT_NOT_FOUND"),
    ("organizationId", "ORGANIZATION_NOT_FOUND"),
    ("tagId", "TAG_NOT_FOUND"),
    ("erasureId", "ERASURE_NOT_FOUND"),
];

/// Returns the errors that follow from the method, path, input and security of an operation.
fn derived(path: &str, method: &HttpMethod, operation: &Operation) -> Vec<&'static Code> {
    let mut names = vec!["INTERNAL_ERROR", "UNAVAILABLE"];
    // Browsers let pages read only what CORS allows, so only changes are rejected.
    if path.starts_with("/api/") && *method != HttpMethod::Get {
        names.push("ORIGIN_NOT_ALLOWED");
    }
    if is_strict(path) {
        // A body may also be sent to operations that take none.
        names.extend(["VALIDATION_ERROR", "PAYLOAD_TOO_LARGE", "REQUEST_TIMEOUT", "RATE_LIMITED"]);
    }
    names.extend(derived_from_body(path, operation));
    names.extend(derived_from_security(operation));
    names.extend(derived_from_parameters(path, operation));
    CODES.iter().filter(|code| names.contains(&code.name)).collect()
}

fn derived_from_body(path: &str, operation: &Operation) -> Vec<&'static str> {
    let has_body = operation.request_body.is_some();
    let mut names = Vec::new();
    if has_body {
        names.extend(["PAYLOAD_TOO_LARGE", "REQUEST_TIMEOUT"]);
    }
    if is_strict(path) && has_body {
        names.push("UNSUPPORTED_MEDIA_TYPE");
    }
    if is_strict(path) && (!has_body || takes(operation, "application/json")) {
        names.push("MALFORMED_JSON");
    }
    if takes(operation, "multipart/form-data") {
        names.extend(["MALFORMED_FORM", "STORAGE_FULL"]);
    }
    names
}

fn derived_from_security(operation: &Operation) -> Vec<&'static str> {
    let mut names = Vec::new();
    if roles(operation, "staffToken").is_some() {
        // Every operation is closed to some machines.
        names.extend(["UNAUTHORIZED", "FORBIDDEN"]);
    }
    if roles(operation, "accessToken").is_some() {
        names.extend(["PROOF_REQUIRED", "CASE_NOT_FOUND"]);
    }
    names
}

fn derived_from_parameters(path: &str, operation: &Operation) -> Vec<&'static str> {
    let is_in_path = |(name, _): &(&str, &str)| path.contains(&format!("{{{name}}}"));
    let mut names: Vec<_> =
        NOT_FOUND.into_iter().filter(is_in_path).map(|(_, code)| code).collect();
    // The headers of a bulk request apply to each case, and so do their errors.
    let is_one_change = path != BULK;
    if is_one_change && has_header(operation, "If-Match") {
        names.push("PRECONDITION_FAILED");
    }
    if is_one_change && has_header(operation, "Idempotency-Key") {
        names.extend(["IDEMPOTENCY_IN_PROGRESS", "IDEMPOTENCY_KEY_REUSED"]);
    }
    names
}

fn takes(operation: &Operation, kind: &str) -> bool {
    let content = |body: &RequestBody| body.content.contains_key(kind);
    matches!(&operation.request_body, Some(RefOr::T(body)) if content(body))
}

fn shared_response(codes: &[&Code]) -> Response {
    let said: Vec<_> = codes.iter().map(|code| code.sentence()).collect();
    let body = ContentBuilder::new().schema(Some(schema_of(codes))).build();
    let response = ResponseBuilder::new().description(said.join(" "));
    let mut response = response.content("application/json", body).build();
    headers::add_to_error(codes, &mut response);
    response
}

/// Returns the schema of one or more codes, discriminated by code.
fn schema_of(codes: &[&Code]) -> RefOr<Schema> {
    if let [code] = codes {
        return Ref::from_schema_name(schema_name(code)).into();
    }
    let schemas = codes.iter().map(|code| Ref::from_schema_name(schema_name(code)));
    let mapping = codes.iter().map(|code| (code.name, schemas_path(code)));
    Schema::OneOf(OneOf {
        items: schemas.map(RefOr::from).collect(),
        discriminator: Some(Discriminator::with_mapping("code", mapping)),
        ..OneOf::new()
    })
    .into()
}

fn schemas_path(code: &Code) -> String {
    format!("#/components/schemas/{}", schema_name(code))
}

/// Returns the name of a schema: `CASE_NOT_FOUND` is `CaseNotFoundError`.
fn schema_name(code: &Code) -> String {
    let name = pascal(code.name);
    if name.ends_with("Error") { name } else { format!("{name}Error") }
}

fn pascal(name: &str) -> String {
    let word = |word: &str| format!("{}{}", &word[..1], word[1..].to_ascii_lowercase());
    name.split('_').filter(|part| !part.is_empty()).map(word).collect()
}

fn schema(code: &Code) -> Object {
    let explained = |mut object: Object, said: &str| {
        object.description = Some(said.to_owned());
        object
    };
    let no = constant(Object::with_type(Type::Boolean), json!(false));
    let name = constant(Object::with_type(Type::String), json!(code.name));
    let sentence = Object::with_type(Type::String);
    ObjectBuilder::new()
        .description(Some(code.sentence()))
        .property("success", explained(no, "Always false."))
        .property("error", explained(sentence, "A sentence that says what to do."))
        .property("code", explained(name, "Error code, for programs."))
        .property("details", details(code))
        .required("success")
        .required("error")
        .required("code")
        .required("details")
        .build()
}

fn details(code: &Code) -> Object {
    let mut object = Object::with_type(Type::Object);
    object.description = Some("Further information.".to_owned());
    if code.details.is_empty() {
        object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(true)));
    }
    for detail in code.details {
        object.properties.insert(detail.name.to_owned(), property(detail));
        if detail.presence != Presence::Sometimes {
            object.required.push(detail.name.to_owned());
        }
    }
    object
}

fn property(detail: &Detail) -> RefOr<Schema> {
    let may_be_null = detail.presence == Presence::OrNull;
    let said = detail.meaning.to_owned();
    let list = |items: RefOr<Schema>| {
        let list = ArrayBuilder::new().items(items).description(Some(said.clone()));
        list.build().into()
    };
    let plain = |kind: Type| {
        let mut object = Object::with_type(kind.clone());
        if may_be_null {
            object.schema_type = SchemaType::Array(vec![kind, Type::Null]);
        }
        object.description = Some(said.clone());
        object
    };
    match detail.kind {
        Kind::Text => plain(Type::String).into(),
        Kind::Count => {
            let mut count = plain(Type::Integer);
            count.minimum = Some(0.into());
            count.into()
        }
        Kind::Texts => list(Object::with_type(Type::String).into()),
        Kind::ListOf(name) => list(Ref::from_schema_name(name).into()),
        Kind::Named(name) => named(name, may_be_null, said),
    }
}

fn named(name: &str, may_be_null: bool, said: String) -> RefOr<Schema> {
    let mut reference = Ref::from_schema_name(name);
    if may_be_null {
        let items = vec![reference.into(), Object::with_type(Type::Null).into()];
        return Schema::OneOf(OneOf { items, description: Some(said), ..OneOf::new() }).into();
    }
    reference.description = said;
    reference.into()
}
