//! The `details` in the body of each error.

use actix_web::http::Method;
use engage_domain::Role;
use serde_json::{Value, json};

use super::ApiError;
use crate::echo::shown;
use crate::request_id::current_request_id;

impl ApiError {
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
            Self::MissingScope { required, scopes } => {
                let scopes: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
                json!({ "requiredRole": required.as_str(), "requiredScopes": scopes })
            }
            Self::AdminByClaim => json!({ "requiredRole": Role::Admin.as_str() }),
            Self::OriginNotAllowed { origin, .. } => json!({ "origin": origin }),
            Self::CaseNotFound(number) | Self::CaseNotYours(number) => {
                json!({ "caseNumber": shown(number) })
            }
            Self::StaffNotFound(id)
            | Self::NotAssignable(id)
            | Self::OnBehalfRefused(id)
            | Self::RoleFixed(id)
            | Self::LastAdmin(id) => json!({ "staffId": shown(id) }),
            Self::Taken { field, value } => json!({ *field: value }),
            Self::UrlTaken { url, other } => json!({ "url": url, "webhookId": other }),
            Self::ContactTaken { email, other } => json!({ "email": email, "contactId": other }),
            Self::DomainTaken { domain, other } => {
                json!({ "domain": domain, "organizationId": other })
            }
            Self::TagTaken { name, other } => json!({ "name": name, "tagId": other }),
            Self::TagNotFound(id) => json!({ "tagId": shown(id) }),
            Self::ContactNotFound(id) => json!({ "contactId": shown(id) }),
            Self::ErasureNotFound(id) => json!({ "erasureId": shown(id) }),
            Self::OrganizationNotFound(id) => json!({ "organizationId": shown(id) }),
            Self::TokenNotFound(id) | Self::TokenNotRotatable(id) => {
                json!({ "tokenId": shown(id) })
            }
            Self::TooManyTokens { limit } | Self::LimitReached { limit, .. } => {
                json!({ "limit": limit })
            }
            Self::ParticipantNotFound(id) => json!({ "participantId": shown(id) }),
            Self::UpdateNotFound(id) => json!({ "updateId": shown(id) }),
            Self::AttachmentNotFound(id) | Self::UploadNotFound(id) => {
                json!({ "attachmentId": shown(id) })
            }
            Self::NotificationNotFound(id) | Self::NotificationNotDead(id) => {
                json!({ "notificationId": shown(id) })
            }
            Self::SuppressionNotFound(address) => json!({ "address": shown(address) }),
            Self::WebhookNotFound(id) => json!({ "webhookId": shown(id) }),
            Self::WebhookTestFailed { reason } => json!({ "reason": reason }),
            Self::NotFound(path) | Self::NoBook(path) => json!({ "path": shown(path) }),
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
            | Self::CustomerOnly
            | Self::ParticipantOnly
            | Self::UploadTaken
            | Self::IdempotencyInProgress
            | Self::IdempotencyKeyReused
            | Self::RequestTimeout
            | Self::StorageFull
            | Self::Unavailable
            | Self::NotSigned => json!({}),
        }
    }
}
