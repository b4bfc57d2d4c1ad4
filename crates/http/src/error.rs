//! Every error the API answers with, in one shape.

use std::borrow::Cow;

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, ResponseError};
use engage_domain::{CaseNumber, InvalidTransition, Role, StaffId, Version};
use serde::Serialize;
use serde_json::{Value, json};
use thiserror::Error;
use utoipa::ToSchema;

use crate::echo::shown;
use crate::request_id::current_request_id;

/// What is wrong with one field or parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldProblem {
    /// The field, parameter or header.
    #[schema(value_type = String, example = "email")]
    pub(crate) field: Cow<'static, str>,
    /// What is wrong with it; with the field in front it is a sentence.
    #[schema(example = "is required")]
    pub(crate) message: String,
    /// The words that it may be, if it has to be one of some.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<String>, required = false)]
    pub(crate) allowed: Option<Vec<&'static str>>,
}

impl FieldProblem {
    pub(crate) fn new(field: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into(), allowed: None }
    }
}

/// Where JSON went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonProblem {
    pub(crate) message: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) path: Option<String>,
}

/// Why a request was not served.
#[derive(Debug, Error)]
pub(crate) enum ApiError {
    #[error(
        "The request body is not the JSON that this endpoint expects: {}.",
        shown(.0.message.as_str())
    )]
    MalformedJson(JsonProblem),
    #[error("The form cannot be read: {}; send multipart/form-data (RFC 7578).", shown(.reason))]
    MalformedForm { reason: String },
    #[error("{}", validation_sentence(.0))]
    Validation(Vec<FieldProblem>),
    #[error("Send a valid staff token as: Authorization: Bearer <token>.")]
    Unauthorized,
    #[error("Prove that the case is yours: send {} as well.", .accepts.join(" or "))]
    ProofRequired { accepts: &'static [&'static str] },
    #[error("This code is wrong or has expired; ask for a new one.")]
    AccessCodeInvalid,
    #[error("This needs the role {required}; ask an administrator.")]
    Forbidden { required: Role },
    #[error(
        "Your role ADMIN comes from the identity provider alone; this needs an administrator who also \
         has it in Engage (PATCH /api/internal/staff/{{staffId}}, or engage staff)."
    )]
    AdminByClaim,
    #[error(
        "Rotate a token with itself, or with the token that it was made with; or revoke it and make \
         another one."
    )]
    TokenNotRotatable(String),
    #[error("Requests from pages of {} are not allowed; an operator can allow them ({setting}).", .origin.as_deref().unwrap_or("another site"))]
    OriginNotAllowed { origin: Option<String>, setting: &'static str },
    #[error("There is no case {}; list the cases to see which there are.", named(.0, is_case))]
    CaseNotFound(String),
    #[error(
        "There is no case {}, or what you sent to show that it is yours does not fit; check both.",
        named(.0, is_case)
    )]
    CaseNotYours(String),
    #[error(
        "No active staff member has the id {}; list the staff to find the right one.",
        named(.0, is_staff)
    )]
    StaffNotFound(String),
    #[error(
        "The {field} {} is taken by another member of staff, who may have left; choose another.",
        shown(.value)
    )]
    Taken { field: &'static str, value: String },
    #[error("The endpoint {other} already has this URL; change that one instead.")]
    UrlTaken { url: String, other: String },
    #[error("{0} is the last active administrator; make another member ADMIN first.")]
    LastAdmin(String),
    #[error("This member has no token {}; list the tokens to find the right one.", shown(.0))]
    TokenNotFound(String),
    #[error("A member has {limit} tokens at most; revoke one first.")]
    TooManyTokens { limit: usize },
    #[error("There is no attachment {}; see the attachments of the case.", shown(.0))]
    AttachmentNotFound(String),
    #[error(
        "Upload {0} was not found, has expired, or is already attached; upload the file again."
    )]
    UploadNotFound(String),
    #[error("An upload was attached to another update in the meantime; upload the file again.")]
    UploadTaken,
    #[error("There is no notification {}; see /api/internal/notifications/status.", shown(.0))]
    NotificationNotFound(String),
    #[error("The notification {0} was neither given up nor cancelled; it needs no retry.")]
    NotificationNotDead(String),
    #[error("Nothing stops messages to {}; see /api/internal/notifications/suppressions.", shown(.0))]
    SuppressionNotFound(String),
    #[error("There is no webhook {}; see /api/internal/webhooks.", shown(.0))]
    WebhookNotFound(String),
    #[error("The endpoint did not accept the test event: {reason}.")]
    WebhookTestFailed { reason: String },
    #[error("The signature does not match; check the token and the public URL of the service.")]
    NotSigned,
    #[error("There is nothing at {}; see /openapi.json for what there is.", shown(.0))]
    NotFound(String),
    #[error("{method} is not allowed here; use {}.", list(.allowed))]
    MethodNotAllowed { method: Method, allowed: Vec<Method> },
    #[error("{0}")]
    InvalidTransition(InvalidTransition),
    #[error(
        "No event has this place yet (the last one is {last}); read the cases again, then go on from there."
    )]
    CursorExpired { last: u64 },
    #[error("The case is now at version {current}, not at the one in If-Match; read it again.")]
    PreconditionFailed { current: Version },
    #[error(
        "A request with this Idempotency-Key is still being processed; wait, then send it again."
    )]
    IdempotencyInProgress,
    #[error(
        "This Idempotency-Key was used for a different request; use a new key for each request."
    )]
    IdempotencyKeyReused,
    #[error("The request took too long to arrive; send it again without pauses.")]
    RequestTimeout,
    #[error("The request is larger than the {limit} bytes allowed here; send less.")]
    PayloadTooLarge { limit: usize },
    #[error(
        "The files are larger than the {limit} bytes allowed here; send fewer or smaller ones, or send \
         those of a JSON body as multipart/form-data."
    )]
    FilesTooLarge { limit: u64 },
    #[error(
        "The files that customers send to a case are at most {limit} bytes together; send a link to \
         what is larger, or leave the files out."
    )]
    CaseFilesTooLarge { limit: u64 },
    #[error("There is no room for files now; send the request without them, or try again later.")]
    StorageFull,
    #[error(
        "Your network has sent as much in files as it may for now; try again in \
         {retry_after_seconds} seconds, or send the request without files."
    )]
    FilesTooSoon { retry_after_seconds: u64 },
    #[error(
        "This endpoint accepts {}; set the Content-Type, and send the body in UTF-8, uncompressed.",
        .accepts.join(", ")
    )]
    UnsupportedMediaType { accepts: &'static [&'static str] },
    #[error("Too many requests; try again in {}.", seconds(*retry_after_seconds))]
    RateLimited { retry_after_seconds: u64 },
    #[error("{reason}; try again in {}.", seconds(*retry_after_seconds))]
    TooSoon { reason: &'static str, retry_after_seconds: u64 },
    #[error("Something went wrong on our side; please report it with the request id.")]
    Internal,
    #[error("The service cannot answer right now; try again shortly.")]
    Unavailable,
}

fn validation_sentence(problems: &[FieldProblem]) -> String {
    match problems {
        // A question is a sentence's end of its own.
        [one] if one.message.ends_with('?') => format!("{} {}", one.field, one.message),
        [one] => format!("{} {}.", one.field, one.message),
        many => format!("{} fields are not valid; see details.fields.", many.len()),
    }
}

/// A name as a sentence has it: what cannot be one is not repeated.
fn named(text: &str, is_one: impl FnOnce(&str) -> bool) -> String {
    if is_one(text) { shown(text) } else { "of that name".to_owned() }
}

fn is_case(text: &str) -> bool {
    text.parse::<CaseNumber>().is_ok()
}

fn is_staff(text: &str) -> bool {
    text.parse::<StaffId>().is_ok()
}

fn seconds(count: u64) -> String {
    if count == 1 { "1 second".to_owned() } else { format!("{count} seconds") }
}

fn list(methods: &[Method]) -> String {
    methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ")
}

/// The shape of every error.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    /// Always false.
    success: bool,
    /// What to do, in a sentence.
    error: String,
    /// The kind of error, for programs.
    #[schema(example = "CASE_NOT_FOUND")]
    code: String,
    /// What is known besides; differs by code.
    #[schema(value_type = Object)]
    details: Value,
}

/// How long a client should wait before it asks an overloaded or unreachable store again.
const RETRY_UNAVAILABLE: u64 = 1;

impl ApiError {
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::MalformedJson(_) => "MALFORMED_JSON",
            Self::MalformedForm { .. } => "MALFORMED_FORM",
            Self::Validation(_) => "VALIDATION_ERROR",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::ProofRequired { .. } => "PROOF_REQUIRED",
            Self::AccessCodeInvalid => "ACCESS_CODE_INVALID",
            Self::Forbidden { .. } | Self::AdminByClaim => "FORBIDDEN",
            Self::TokenNotRotatable(_) => "TOKEN_NOT_ROTATABLE",
            Self::OriginNotAllowed { .. } => "ORIGIN_NOT_ALLOWED",
            Self::CaseNotFound(_) | Self::CaseNotYours(_) => "CASE_NOT_FOUND",
            Self::StaffNotFound(_) => "STAFF_NOT_FOUND",
            Self::Taken { .. } | Self::UrlTaken { .. } => "CONFLICT",
            Self::LastAdmin(_) => "LAST_ADMIN",
            Self::TokenNotFound(_) => "TOKEN_NOT_FOUND",
            Self::TooManyTokens { .. } => "TOO_MANY_TOKENS",
            Self::AttachmentNotFound(_) | Self::UploadNotFound(_) | Self::UploadTaken => {
                "ATTACHMENT_NOT_FOUND"
            }
            Self::NotificationNotFound(_) => "NOTIFICATION_NOT_FOUND",
            Self::NotificationNotDead(_) => "NOTIFICATION_NOT_DEAD",
            Self::SuppressionNotFound(_) => "SUPPRESSION_NOT_FOUND",
            Self::WebhookNotFound(_) => "WEBHOOK_NOT_FOUND",
            Self::WebhookTestFailed { .. } => "WEBHOOK_TEST_FAILED",
            Self::NotSigned => "SIGNATURE_INVALID",
            Self::NotFound(_) => "NOT_FOUND",
            Self::MethodNotAllowed { .. } => "METHOD_NOT_ALLOWED",
            Self::InvalidTransition(_) => "INVALID_TRANSITION",
            Self::CursorExpired { .. } => "CURSOR_EXPIRED",
            Self::PreconditionFailed { .. } => "PRECONDITION_FAILED",
            Self::IdempotencyInProgress => "IDEMPOTENCY_IN_PROGRESS",
            Self::IdempotencyKeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::RequestTimeout => "REQUEST_TIMEOUT",
            Self::PayloadTooLarge { .. }
            | Self::FilesTooLarge { .. }
            | Self::CaseFilesTooLarge { .. } => "PAYLOAD_TOO_LARGE",
            Self::StorageFull => "STORAGE_FULL",
            Self::UnsupportedMediaType { .. } => "UNSUPPORTED_MEDIA_TYPE",
            Self::RateLimited { .. } | Self::TooSoon { .. } | Self::FilesTooSoon { .. } => {
                "RATE_LIMITED"
            }
            Self::Internal => "INTERNAL_ERROR",
            Self::Unavailable => "UNAVAILABLE",
        }
    }

    pub(crate) fn details(&self) -> Value {
        match self {
            Self::MalformedJson(problem) => {
                let mut details = json!({ "line": problem.line, "column": problem.column });
                if let Some(path) = &problem.path {
                    details["path"] = json!(shown(path));
                }
                details
            }
            Self::Validation(problems) => json!({ "fields": problems }),
            Self::Forbidden { required } => json!({ "requiredRole": required.as_str() }),
            Self::AdminByClaim => json!({ "requiredRole": Role::Admin.as_str() }),
            Self::OriginNotAllowed { origin, .. } => json!({ "origin": origin }),
            Self::CaseNotFound(number) | Self::CaseNotYours(number) => {
                json!({ "caseNumber": shown(number) })
            }
            Self::StaffNotFound(id) | Self::LastAdmin(id) => json!({ "staffId": shown(id) }),
            Self::Taken { field, value } => json!({ *field: value }),
            Self::UrlTaken { url, other } => json!({ "url": url, "webhookId": other }),
            Self::TokenNotFound(id) | Self::TokenNotRotatable(id) => {
                json!({ "tokenId": shown(id) })
            }
            Self::TooManyTokens { limit } => json!({ "limit": limit }),
            Self::AttachmentNotFound(id) | Self::UploadNotFound(id) => {
                json!({ "attachmentId": shown(id) })
            }
            Self::NotificationNotFound(id) | Self::NotificationNotDead(id) => {
                json!({ "notificationId": shown(id) })
            }
            Self::SuppressionNotFound(address) => json!({ "address": shown(address) }),
            Self::WebhookNotFound(id) => json!({ "webhookId": shown(id) }),
            Self::WebhookTestFailed { reason } => json!({ "reason": reason }),
            Self::NotFound(path) => json!({ "path": shown(path) }),
            Self::MethodNotAllowed { allowed, .. } => {
                json!({ "allowed": allowed.iter().map(Method::as_str).collect::<Vec<_>>() })
            }
            Self::InvalidTransition(refusal) => json!({
                "from": refusal.from.as_str(),
                "to": refusal.to().map(engage_domain::Status::as_str),
                "allowed": refusal.allowed().iter().map(|s| s.as_str()).collect::<Vec<_>>(),
            }),
            Self::CursorExpired { last } => json!({ "last": last.to_string() }),
            Self::PreconditionFailed { current } => json!({ "currentVersion": current }),
            Self::PayloadTooLarge { limit } => json!({ "limitBytes": limit }),
            Self::FilesTooLarge { limit } | Self::CaseFilesTooLarge { limit } => {
                json!({ "limitBytes": limit })
            }
            Self::UnsupportedMediaType { accepts } | Self::ProofRequired { accepts } => {
                json!({ "accepts": accepts })
            }
            Self::RateLimited { retry_after_seconds }
            | Self::FilesTooSoon { retry_after_seconds }
            | Self::TooSoon { retry_after_seconds, .. } => {
                json!({ "retryAfterSeconds": retry_after_seconds })
            }
            Self::Internal => json!({ "requestId": current_request_id() }),
            Self::MalformedForm { .. }
            | Self::Unauthorized
            | Self::AccessCodeInvalid
            | Self::UploadTaken
            | Self::IdempotencyInProgress
            | Self::IdempotencyKeyReused
            | Self::RequestTimeout
            | Self::StorageFull
            | Self::Unavailable
            | Self::NotSigned => json!({}),
        }
    }

    pub(crate) fn body(&self) -> ErrorBody {
        ErrorBody {
            success: false,
            error: self.to_string(),
            code: self.code().to_owned(),
            details: self.details(),
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::MalformedJson(_) | Self::MalformedForm { .. } | Self::Validation(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::Unauthorized | Self::ProofRequired { .. } | Self::AccessCodeInvalid => {
                StatusCode::UNAUTHORIZED
            }
            Self::Forbidden { .. }
            | Self::AdminByClaim
            | Self::TokenNotRotatable(_)
            | Self::OriginNotAllowed { .. }
            | Self::NotSigned => StatusCode::FORBIDDEN,
            Self::CaseNotFound(_)
            | Self::CaseNotYours(_)
            | Self::StaffNotFound(_)
            | Self::TokenNotFound(_)
            | Self::AttachmentNotFound(_)
            | Self::UploadNotFound(_)
            | Self::UploadTaken
            | Self::NotificationNotFound(_)
            | Self::SuppressionNotFound(_)
            | Self::WebhookNotFound(_)
            | Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::WebhookTestFailed { .. } => StatusCode::BAD_GATEWAY,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::InvalidTransition(_)
            | Self::NotificationNotDead(_)
            | Self::Taken { .. }
            | Self::UrlTaken { .. }
            | Self::LastAdmin(_)
            | Self::TooManyTokens { .. }
            | Self::IdempotencyInProgress => StatusCode::CONFLICT,
            Self::CursorExpired { .. } => StatusCode::GONE,
            Self::PreconditionFailed { .. } => StatusCode::PRECONDITION_FAILED,
            Self::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::PayloadTooLarge { .. }
            | Self::FilesTooLarge { .. }
            | Self::CaseFilesTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
            Self::UnsupportedMediaType { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::RateLimited { .. } | Self::TooSoon { .. } | Self::FilesTooSoon { .. } => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        match self {
            Self::Unauthorized | Self::ProofRequired { .. } | Self::AccessCodeInvalid => {
                response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
            }
            Self::MethodNotAllowed { allowed, .. } => {
                if let Ok(allow) = HeaderValue::from_str(&list(allowed)) {
                    response.insert_header((header::ALLOW, allow));
                }
            }
            Self::RateLimited { retry_after_seconds }
            | Self::TooSoon { retry_after_seconds, .. } => {
                response.insert_header((header::RETRY_AFTER, *retry_after_seconds));
            }
            Self::Unavailable => {
                response.insert_header((header::RETRY_AFTER, RETRY_UNAVAILABLE));
            }
            // What is left of the request is not read, so the connection cannot serve another.
            Self::RequestTimeout
            | Self::PayloadTooLarge { .. }
            | Self::FilesTooLarge { .. }
            | Self::StorageFull => {
                response.force_close();
            }
            Self::FilesTooSoon { retry_after_seconds } => {
                response.insert_header((header::RETRY_AFTER, *retry_after_seconds)).force_close();
            }
            _ => {}
        }
        response.json(self.body())
    }
}
