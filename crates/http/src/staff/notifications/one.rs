use actix_web::{HttpResponse, get, post};
use engage_domain::{NotificationId, Timestamp};
use engage_repository::AttemptRecord;
use serde::Serialize;
use utoipa::ToSchema;

use super::{NotificationBody, NotificationInPath};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::staff::access::{ReadNotifications, Required, RetryNotifications, Staff};
use crate::use_cases::StaffUseCases;

/// A notification with its attempts.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NotificationResponse {
    success: bool,
    notification: NotificationBody,
    /// Attempts, oldest first.
    attempt_log: Vec<AttemptBody>,
}

/// An attempt to deliver a notification.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AttemptBody {
    /// Start of the attempt.
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// Duration of the attempt, in milliseconds.
    duration_ms: u64,
    /// `SENT`, `FAILED` (will be retried), `DEFERRED` (the channel was unavailable), `DEAD` or
    /// `CANCELLED`.
    #[schema(example = "SENT")]
    outcome: &'static str,
    /// Reason of the failure.
    reason: Option<String>,
}

impl From<AttemptRecord> for AttemptBody {
    fn from(attempt: AttemptRecord) -> Self {
        Self {
            started_at: attempt.started_at,
            duration_ms: attempt.took.as_millis().try_into().unwrap_or(u64::MAX),
            outcome: attempt.outcome.as_str(),
            reason: attempt.reason,
        }
    }
}

async fn find(
    use_cases: &StaffUseCases,
    id: NotificationId,
) -> Result<NotificationResponse, ApiError> {
    let track = use_cases.track_notifications.clone();
    let found = in_time(async move { track.get(id).await }).await?;
    let (summary, attempts) = found.ok_or(ApiError::NotificationNotFound(id.to_string()))?;
    Ok(NotificationResponse {
        success: true,
        notification: summary.into(),
        attempt_log: attempts.into_iter().map(AttemptBody::from).collect(),
    })
}

/// Get a notification with its attempts.
///
/// Each attempt has its start, duration and outcome.
#[utoipa::path(
    security(("staffToken" = [ReadNotifications::ROLE])),
    params(("notificationId" = String, Path, description = "Id of the notification.", example = "ntf_01jjg00000e008000000000001")),
    responses(
        (status = 200, description = "The notification.", body = NotificationResponse),
    ),
)]
#[get("/notifications/{notificationId}", guard = "super::names_a_message")]
pub(crate) async fn get_notification(
    staff: Staff<ReadNotifications>,
    id: NotificationInPath,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(find(&staff.use_cases(), id.0).await?))
}

/// Retry a dead or cancelled notification.
///
/// The notification gets a new series of attempts. The earlier
/// attempts remain in the log.
#[utoipa::path(
    security(("staffToken" = [RetryNotifications::ROLE])),
    params(("notificationId" = String, Path, description = "Id of the notification.", example = "ntf_01jjg00000e008000000000001")),
    responses(
        (status = 200, description = "The notification, which is pending again.", body = NotificationResponse),
        (status = 409, description = "`NOTIFICATION_NOT_DEAD`.", body = ErrorBody),
    ),
)]
#[post("/notifications/{notificationId}/retry")]
pub(crate) async fn retry_notification(
    staff: Staff<RetryNotifications>,
    id: NotificationInPath,
) -> Result<HttpResponse, ApiError> {
    let use_cases = staff.use_cases();
    let (track, by) = (use_cases.track_notifications.clone(), staff.initiator());
    in_time(async move { track.retry(id.0, &by).await }).await?;
    Ok(HttpResponse::Ok().json(find(&use_cases, id.0).await?))
}
