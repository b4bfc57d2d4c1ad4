use std::collections::BTreeSet;

use actix_web::ResponseError;
use actix_web::http::Method;
use engage_domain::case::{Action, InvalidTransition};
use engage_domain::staff::ServiceScope;
use engage_domain::{Role, Status, Version};

use super::{all_operations, document, json, misfits, resolve, words};
use crate::error::{ApiError, FieldProblem, JsonProblem};
use crate::openapi::codes::CODES;

/// Returns the codes in the source of the program.
fn codes_in_source() -> BTreeSet<String> {
    let source = include_str!("../../error.rs");
    let (_, after) = source.split_once("fn code(").unwrap();
    let (function, _) = after.split_once("\n    }\n").unwrap();
    let quoted = function.split('"').skip(1).step_by(2);
    words(quoted)
}

#[test]
fn every_code_is_described() {
    let described = words(CODES.iter().map(|code| code.name));
    assert_eq!(described, codes_in_source());
    assert_eq!(described.len(), CODES.len());
    let document = document();
    let declared = &document["components"]["schemas"]["ErrorCode"]["enum"];
    assert_eq!(*declared, json!(CODES.iter().map(|code| code.name).collect::<Vec<_>>()));
}

fn refusal(action: Action) -> ApiError {
    ApiError::InvalidTransition(InvalidTransition { from: Status::Closed, action })
}

/// Returns errors of all kinds, with all variations of their details.
fn errors() -> Vec<ApiError> {
    let id = || "x".to_owned();
    let problem = |path: Option<&str>| {
        let path = path.map(str::to_owned);
        ApiError::MalformedJson(JsonProblem { message: id(), line: 1, column: 2, path })
    };
    let mut one_of_some = FieldProblem::new("urgency", "must be one of LOW");
    one_of_some.allowed = Some(vec!["LOW"]);
    vec![
        problem(None),
        problem(Some("a[0].b")),
        ApiError::MalformedForm { reason: id() },
        ApiError::Validation(vec![FieldProblem::new("email", "is required"), one_of_some]),
        ApiError::Unauthorized,
        ApiError::ProofRequired { accepts: &["email", "accessToken"] },
        ApiError::AccessCodeInvalid,
        ApiError::Forbidden { required: Role::Supervisor },
        ApiError::MissingScope { required: Role::Agent, scopes: &[] },
        ApiError::MissingScope { required: Role::Agent, scopes: ServiceScope::ALL },
        ApiError::OnBehalfRefused(id()),
        ApiError::AdminByClaim,
        ApiError::CustomerOnly,
        ApiError::ParticipantOnly,
        ApiError::ParticipantNotFound(id()),
        ApiError::LimitReached { reason: "x", limit: 20 },
        ApiError::TokenNotRotatable(id()),
        ApiError::OriginNotAllowed { origin: None, setting: "x" },
        ApiError::OriginNotAllowed { origin: Some(id()), setting: "x" },
        ApiError::CaseNotFound(id()),
        ApiError::CaseNotYours(id()),
        ApiError::StaffNotFound(id()),
        ApiError::NotAssignable(id()),
        ApiError::RoleFixed(id()),
        ApiError::Taken { field: "id", value: id() },
        ApiError::Taken { field: "email", value: id() },
        ApiError::UrlTaken { url: id(), other: id() },
        ApiError::LastAdmin(id()),
        ApiError::TokenNotFound(id()),
        ApiError::TooManyTokens { limit: 100 },
        ApiError::UpdateNotFound(id()),
        ApiError::AttachmentNotFound(id()),
        ApiError::UploadNotFound(id()),
        ApiError::UploadTaken,
        ApiError::NotificationNotFound(id()),
        ApiError::NotificationNotDead(id()),
        ApiError::SuppressionNotFound(id()),
        ApiError::WebhookNotFound(id()),
        ApiError::ContactNotFound(id()),
        ApiError::OrganizationNotFound(id()),
        ApiError::TagNotFound(id()),
        ApiError::TagTaken { name: id(), other: id() },
        ApiError::ErasureNotFound(id()),
        ApiError::ContactTaken { email: id(), other: id() },
        ApiError::DomainTaken { domain: id(), other: id() },
        ApiError::WebhookTestFailed { reason: id() },
        ApiError::NotSigned,
        ApiError::NotFound(id()),
        ApiError::NoBook(id()),
        ApiError::MethodNotAllowed { method: Method::PUT, allowed: vec![Method::GET] },
        refusal(Action::Become(Status::Open)),
        refusal(Action::Reply),
        ApiError::CursorExpired { last: 3 },
        ApiError::PreconditionFailed { current: Version::new(3).unwrap() },
        ApiError::IdempotencyInProgress,
        ApiError::IdempotencyKeyReused,
        ApiError::RequestTimeout,
        ApiError::PayloadTooLarge { limit: 1 },
        ApiError::FilesTooLarge { limit: 1 },
        ApiError::CaseFilesTooLarge { limit: 1 },
        ApiError::FilesTooSoon { retry_after_seconds: 1 },
        ApiError::StorageFull,
        ApiError::UnsupportedMediaType { accepts: &["application/json"] },
        ApiError::RateLimited { retry_after_seconds: 1 },
        ApiError::TooSoon { reason: "x", retry_after_seconds: 1 },
        ApiError::Internal,
        ApiError::Unavailable,
    ]
}

#[test]
fn every_error_matches_the_schema_of_its_code() {
    let (document, mut seen) = (document(), BTreeSet::new());
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for error in errors() {
        let body = json!(error.body());
        let code = CODES.iter().find(|code| code.name == error.code()).unwrap();
        assert_eq!(error.status_code().as_u16(), code.status, "{}", code.name);
        seen.insert(code.name);
        // Errors without an operation use the general schema.
        let own = schemas.values().find(|one| one["properties"]["code"]["const"] == code.name);
        let general = json!({"$ref": "#/components/schemas/ErrorBody"});
        for schema in own.into_iter().chain([&general]) {
            let mut schema = schema.clone();
            if schema["properties"]["details"].get("properties").is_some() {
                schema["properties"]["details"]["additionalProperties"] = json!(false);
            }
            assert_eq!(misfits(&body, &schema, &document), [""; 0], "{}: {body}", code.name);
        }
    }
    assert_eq!(seen, CODES.iter().map(|code| code.name).collect());
}

#[test]
fn errors_with_several_codes_are_discriminated_by_code() {
    let document = document();
    let (mut seen, mut several) = (BTreeSet::new(), 0);
    for (_, _, operation) in all_operations(&document) {
        for response in operation["responses"].as_object().unwrap().values() {
            let Some(place) = response["$ref"].as_str() else { continue };
            if !seen.insert(place) {
                continue;
            }
            let schema = &resolve(response, &document)["content"]["application/json"]["schema"];
            let choices =
                schema["oneOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
            let codes: Vec<_> = choices
                .iter()
                .map(|choice| resolve(choice, &document)["properties"]["code"]["const"].as_str())
                .map(Option::unwrap)
                .collect();
            if codes.len() > 1 {
                several += 1;
                assert_eq!(schema["discriminator"]["propertyName"], "code", "{place}");
                let mapping = schema["discriminator"]["mapping"].as_object().unwrap();
                assert_eq!(words(mapping.keys().map(String::as_str)), words(codes), "{place}");
            }
        }
    }
    assert!(seen.len() > 20 && several > 5, "{} {several}", seen.len());
}
