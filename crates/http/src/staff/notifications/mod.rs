//! Notifications and their delivery.

pub(crate) mod list;
pub(crate) mod one;
pub(crate) mod retry_all;
pub(crate) mod suppressions;

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::guard::GuardContext;
use actix_web::{FromRequest, HttpRequest};
use engage_domain::{NotificationId, Timestamp};
use engage_repository::NotificationSummary;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;

/// A notification and its delivery status.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NotificationBody {
    /// Id of the notification, the same for all attempts.
    #[schema(example = "ntf_01jjg00000e008000000000001")]
    id: String,
    #[schema(example = "CW-2025-001")]
    case_number: String,
    /// Event that caused the notification.
    #[schema(example = "case.created")]
    event: &'static str,
    /// Template of the text.
    #[schema(example = "case-received-customer")]
    template: &'static str,
    /// Channel of delivery.
    #[schema(example = "EMAIL")]
    channel: &'static str,
    /// E-mail address, phone number, or id of the webhook endpoint.
    #[schema(example = "john@example.com")]
    recipient: String,
    /// `PENDING`, `IN_FLIGHT`, `SENT` (accepted by the recipient's server), `DELIVERED` (delivery
    /// confirmed), `DEAD` (failed permanently) or `CANCELLED`.
    #[schema(example = "SENT")]
    status: &'static str,
    /// Number of attempts.
    attempts: u32,
    /// Error of the last failed attempt.
    last_error: Option<String>,
    /// Time of the next attempt. `null` if there will be none.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_attempt_at: Option<Timestamp>,
    /// Time at which the notification was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Time at which the notification was delivered, failed permanently or was cancelled. `null`
    /// before that.
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Timestamp>,
}

impl From<NotificationSummary> for NotificationBody {
    fn from(summary: NotificationSummary) -> Self {
        Self {
            id: summary.id.to_string(),
            case_number: summary.case_number.to_string(),
            event: summary.event_type.as_str(),
            template: summary.template.as_str(),
            channel: summary.address.channel().as_str(),
            recipient: summary.address.to_string(),
            status: summary.status.as_str(),
            attempts: summary.attempts,
            last_error: summary.last_error,
            next_attempt_at: summary.next_attempt_at,
            created_at: summary.created_at,
            finished_at: summary.finished_at,
        }
    }
}

/// Returns false for the path of the bulk retry, which does not support GET.
fn names_a_message(context: &GuardContext<'_>) -> bool {
    !context.head().uri.path().ends_with("/notifications/retry")
}

/// The notification in the path.
pub(crate) struct NotificationInPath(pub(crate) NotificationId);

impl FromRequest for NotificationInPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().query("notificationId");
        let id = text.parse().map_err(|_| ApiError::NotificationNotFound(text.to_owned()));
        ready(id.map(Self))
    }
}
