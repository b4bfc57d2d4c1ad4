//! All errors of the API, in one shape.

mod details;
mod problem;
mod sentences;

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, ResponseError};
use engage_domain::case::InvalidTransition;
use engage_domain::staff::ServiceScope;
use engage_domain::{Role, Version};
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;
use utoipa::ToSchema;

pub(crate) use self::problem::{FieldProblem, JsonProblem};
use self::sentences::{
    is_case, is_staff, list, named, scope_sentence, seconds, transition_sentence,
};
use crate::echo::shown;

/// Error returned when a request fails.
#[derive(Debug, Error)]
pub(crate) enum ApiError {
    #[error(
        "The request body is not valid JSON for this endpoint: {}.",
        shown(.0.message.as_str())
    )]
    MalformedJson(JsonProblem),
    #[error("The form is malformed: {}. Send multipart/form-data (RFC 7578).", shown(.reason))]
    MalformedForm { reason: String },
    #[error("{}", validation_sentence(.0))]
    Validation(Vec<FieldProblem>),
    #[error("Send a valid staff token as: Authorization: Bearer <token>.")]
    Unauthorized,
    #[error("Please confirm that this case is yours by also sending {}.", .accepts.join(" or "))]
    ProofRequired { accepts: &'static [&'static str] },
    #[error("This code is wrong or has expired. Request a new one.")]
    AccessCodeInvalid,
    #[error("This requires the role {required}. Ask an administrator.")]
    Forbidden { required: Role },
    #[error("Only the customer of the case may do this. Ask them.")]
    CustomerOnly,
    #[error("Only somebody who takes part in the case can leave it or come back to it.")]
    ParticipantOnly,
    #[error("{}", scope_sentence(.scopes))]
    MissingScope { required: Role, scopes: &'static [ServiceScope] },
    #[error(
        "You cannot write on behalf of {0}. An administrator has to add an active staff member to \
         actsFor of your SERVICE member."
    )]
    OnBehalfRefused(String),
    #[error(
        "Your role ADMIN comes only from the identity provider. This requires an administrator who \
         also has it in Engage (PATCH /api/internal/staff/{{staffId}}, or engage staff)."
    )]
    AdminByClaim,
    #[error(
        "A token can only be rotated with itself or with the token it was created with. Otherwise \
         revoke it and create a new one."
    )]
    TokenNotRotatable(String),
    #[error(
        "The origin {} is not allowed. Add it to {setting}.",
        .origin.as_deref().unwrap_or("of this page")
    )]
    OriginNotAllowed { origin: Option<String>, setting: &'static str },
    #[error("There is no case {}. List the cases to find the right number.", named(.0, is_case))]
    CaseNotFound(String),
    #[error(
        "There is no case {}, or the details you sent do not match it. Please check both.",
        named(.0, is_case)
    )]
    CaseNotYours(String),
    #[error(
        "There is no active staff member {}. List the staff to find the right id.",
        named(.0, is_staff)
    )]
    StaffNotFound(String),
    #[error("{0} is a SERVICE member. Cases can only be assigned to people.")]
    NotAssignable(String),
    #[error(
        "{0} cannot change between SERVICE and the other roles. Deactivate this member and add \
         another one."
    )]
    RoleFixed(String),
    #[error(
        "The {field} {} is already used by another staff member, who may be inactive. Choose a \
         different one.",
        shown(.value)
    )]
    Taken { field: &'static str, value: String },
    #[error("The webhook {other} already has this URL. Update that one instead.")]
    UrlTaken { url: String, other: String },
    #[error("The contact {other} already has this address. Update that one, or merge both.")]
    ContactTaken { email: String, other: String },
    #[error("The organization {other} already has this domain. Update that one instead.")]
    DomainTaken { domain: String, other: String },
    #[error("The tag {} has this name, or had it before. Merge both instead.", shown(.name))]
    TagTaken { name: String, other: String },
    #[error("There is no tag {}. See /api/internal/support/tags.", shown(.0))]
    TagNotFound(String),
    #[error("There is no contact {}. See /api/internal/contacts.", shown(.0))]
    ContactNotFound(String),
    #[error("There is no organization {}. See /api/internal/organizations.", shown(.0))]
    OrganizationNotFound(String),
    #[error("There is no erasure {}. Request one with POST /api/internal/customers/erase.", shown(.0))]
    ErasureNotFound(String),
    #[error("{0} is the last active administrator. Make another member ADMIN first.")]
    LastAdmin(String),
    #[error("This member has no token {}. List the tokens to find the right id.", shown(.0))]
    TokenNotFound(String),
    #[error("A member can have at most {limit} tokens. Revoke one first.")]
    TooManyTokens { limit: usize },
    #[error("The case has no update {}. Read its conversation to find the right id.", shown(.0))]
    UpdateNotFound(String),
    #[error("There is no attachment {}. Check the attachments of the case.", shown(.0))]
    AttachmentNotFound(String),
    #[error(
        "Upload {0} was not found, has expired, or is already attached. Upload the file again."
    )]
    UploadNotFound(String),
    #[error("An upload was attached to another update in the meantime. Upload the file again.")]
    UploadTaken,
    #[error("This case has no participant {}. List its participants to find the right id.", shown(.0))]
    ParticipantNotFound(String),
    #[error("{reason}. Remove one first.")]
    LimitReached { reason: &'static str, limit: usize },
    #[error("There is no notification {}. See /api/internal/notifications/status.", shown(.0))]
    NotificationNotFound(String),
    #[error("The notification {0} is neither dead nor cancelled, so it cannot be retried.")]
    NotificationNotDead(String),
    #[error(
        "The address {} is not suppressed. See /api/internal/notifications/suppressions.",
        shown(.0)
    )]
    SuppressionNotFound(String),
    #[error("There is no webhook {}. See /api/internal/webhooks.", shown(.0))]
    WebhookNotFound(String),
    #[error("The webhook did not accept the test event: {reason}.")]
    WebhookTestFailed { reason: String },
    #[error("The signature does not match. Check the token and the public URL of the service.")]
    NotSigned,
    #[error("There is nothing at {}. See /openapi.json for all paths.", shown(.0))]
    NotFound(String),
    #[error(
        "This build of Engage does not include the book. Its pages are in the folder docs of \
         Engage's source."
    )]
    NoBook(String),
    #[error("{method} is not allowed here. Use {}.", list(.allowed))]
    MethodNotAllowed { method: Method, allowed: Vec<Method> },
    #[error("{}", transition_sentence(*.0))]
    InvalidTransition(InvalidTransition),
    #[error(
        "The cursor is past the last event ({last}). Read all cases again, then continue from that \
         event."
    )]
    CursorExpired { last: u64 },
    #[error(
        "The case is now at version {current}, which does not match If-Match. \
         Read the case again."
    )]
    PreconditionFailed { current: Version },
    #[error(
        "A request with this Idempotency-Key is still being processed. Wait, then send it again."
    )]
    IdempotencyInProgress,
    #[error(
        "This Idempotency-Key was already used for a different request. Use a new key for each \
         request."
    )]
    IdempotencyKeyReused,
    #[error("The request took too long to arrive. Send it again without pauses.")]
    RequestTimeout,
    #[error("The request is larger than the {limit} bytes allowed here. Send less data.")]
    PayloadTooLarge { limit: usize },
    #[error(
        "The files are larger than the {limit} bytes allowed here. Send fewer or smaller files, or \
         use multipart/form-data instead of JSON."
    )]
    FilesTooLarge { limit: u64 },
    #[error(
        "The files on this case can be at most {limit} bytes in total. Send a link to larger \
         files, or leave the files out."
    )]
    CaseFilesTooLarge { limit: u64 },
    #[error(
        "There is no space for files at the moment. Send the request without them, or \
         try again later."
    )]
    StorageFull,
    #[error(
        "Your network has uploaded too much for now. Try again in {retry_after_seconds} seconds, \
         or send the request without files."
    )]
    FilesTooSoon { retry_after_seconds: u64 },
    #[error(
        "This endpoint accepts {}. Set the Content-Type, and send the body uncompressed in UTF-8.",
        .accepts.join(", ")
    )]
    UnsupportedMediaType { accepts: &'static [&'static str] },
    #[error("Too many requests. Try again in {}.", seconds(*retry_after_seconds))]
    RateLimited { retry_after_seconds: u64 },
    #[error("{reason}. Try again in {}.", seconds(*retry_after_seconds))]
    TooSoon { reason: &'static str, retry_after_seconds: u64 },
    #[error("Something went wrong on our side. Please report it with the request id.")]
    Internal,
    #[error("The service is temporarily unavailable. Try again shortly.")]
    Unavailable,
}

fn validation_sentence(problems: &[FieldProblem]) -> String {
    match problems {
        // A question ends with its own punctuation.
        [one] if one.message.ends_with('?') => format!("{} {}", one.field, one.message),
        [one] => format!("{} {}.", one.field, one.message),
        many => format!("{} fields are not valid. See details.fields.", many.len()),
    }
}

/// The shape of every error.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    /// Always false.
    success: bool,
    /// A sentence that says what to do.
    error: String,
    /// Kind of error, for programs.
    #[schema(example = "CASE_NOT_FOUND")]
    code: String,
    /// Further information. Its fields depend on the code.
    #[schema(value_type = Object)]
    details: Value,
}

/// Seconds a client should wait before it retries when the database is overloaded or unreachable.
const RETRY_UNAVAILABLE: u64 = 1;

impl ApiError {
    /// Returns the error of a request whose only problem is with this field.
    pub(crate) fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Validation(vec![FieldProblem::new(field, message)])
    }

    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::MalformedJson(_) => "MALFORMED_JSON",
            Self::MalformedForm { .. } => "MALFORMED_FORM",
            Self::Validation(_) => "VALIDATION_ERROR",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::ProofRequired { .. } => "PROOF_REQUIRED",
            Self::AccessCodeInvalid => "ACCESS_CODE_INVALID",
            Self::Forbidden { .. } | Self::MissingScope { .. } | Self::AdminByClaim => "FORBIDDEN",
            Self::OnBehalfRefused(_) => "ON_BEHALF_REFUSED",
            Self::CustomerOnly => "CUSTOMER_ONLY",
            Self::ParticipantOnly => "PARTICIPANT_ONLY",
            Self::TokenNotRotatable(_) => "TOKEN_NOT_ROTATABLE",
            Self::OriginNotAllowed { .. } => "ORIGIN_NOT_ALLOWED",
            Self::CaseNotFound(_) | Self::CaseNotYours(_) => "CASE_NOT_FOUND",
            Self::StaffNotFound(_) | Self::NotAssignable(_) => "STAFF_NOT_FOUND",
            Self::RoleFixed(_) => "ROLE_FIXED",
            Self::Taken { .. }
            | Self::UrlTaken { .. }
            | Self::ContactTaken { .. }
            | Self::DomainTaken { .. }
            | Self::TagTaken { .. } => "CONFLICT",
            Self::TagNotFound(_) => "TAG_NOT_FOUND",
            Self::ContactNotFound(_) => "CONTACT_NOT_FOUND",
            Self::OrganizationNotFound(_) => "ORGANIZATION_NOT_FOUND",
            Self::ErasureNotFound(_) => "ERASURE_NOT_FOUND",
            Self::LastAdmin(_) => "LAST_ADMIN",
            Self::TokenNotFound(_) => "TOKEN_NOT_FOUND",
            Self::TooManyTokens { .. } => "TOO_MANY_TOKENS",
            Self::UpdateNotFound(_) => "UPDATE_NOT_FOUND",
            Self::AttachmentNotFound(_) | Self::UploadNotFound(_) | Self::UploadTaken => {
                "ATTACHMENT_NOT_FOUND"
            }
            Self::ParticipantNotFound(_) => "PARTICIPANT_NOT_FOUND",
            Self::LimitReached { .. } => "LIMIT_REACHED",
            Self::NotificationNotFound(_) => "NOTIFICATION_NOT_FOUND",
            Self::NotificationNotDead(_) => "NOTIFICATION_NOT_DEAD",
            Self::SuppressionNotFound(_) => "SUPPRESSION_NOT_FOUND",
            Self::WebhookNotFound(_) => "WEBHOOK_NOT_FOUND",
            Self::WebhookTestFailed { .. } => "WEBHOOK_TEST_FAILED",
            Self::NotSigned => "SIGNATURE_INVALID",
            Self::NotFound(_) | Self::NoBook(_) => "NOT_FOUND",
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
            | Self::MissingScope { .. }
            | Self::OnBehalfRefused(_)
            | Self::AdminByClaim
            | Self::CustomerOnly
            | Self::ParticipantOnly
            | Self::TokenNotRotatable(_)
            | Self::OriginNotAllowed { .. }
            | Self::NotSigned => StatusCode::FORBIDDEN,
            Self::CaseNotFound(_)
            | Self::CaseNotYours(_)
            | Self::StaffNotFound(_)
            | Self::NotAssignable(_)
            | Self::TokenNotFound(_)
            | Self::UpdateNotFound(_)
            | Self::AttachmentNotFound(_)
            | Self::UploadNotFound(_)
            | Self::UploadTaken
            | Self::ParticipantNotFound(_)
            | Self::NotificationNotFound(_)
            | Self::SuppressionNotFound(_)
            | Self::WebhookNotFound(_)
            | Self::ContactNotFound(_)
            | Self::ErasureNotFound(_)
            | Self::OrganizationNotFound(_)
            | Self::TagNotFound(_)
            | Self::NotFound(_)
            | Self::NoBook(_) => StatusCode::NOT_FOUND,
            Self::WebhookTestFailed { .. } => StatusCode::BAD_GATEWAY,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::InvalidTransition(_)
            | Self::NotificationNotDead(_)
            | Self::Taken { .. }
            | Self::UrlTaken { .. }
            | Self::ContactTaken { .. }
            | Self::DomainTaken { .. }
            | Self::TagTaken { .. }
            | Self::LastAdmin(_)
            | Self::RoleFixed(_)
            | Self::TooManyTokens { .. }
            | Self::LimitReached { .. }
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
            // The rest of the request is not read, so the connection cannot serve another one.
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
