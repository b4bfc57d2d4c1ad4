use actix_web::{HttpResponse, get, post};
use engage_domain::{NotificationId, Timestamp};
use engage_repository::AttemptRecord;
use serde::Serialize;
use utoipa::ToSchema;

use super::{NotificationBody, NotificationInPath};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::staff::access::{Agent, Staff, Supervisor};
use crate::use_cases::StaffUseCases;

/// A message with its attempts.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NotificationResponse {
    success: bool,
    notification: NotificationBody,
    /// Every attempt, the first one first.
    attempt_log: Vec<AttemptBody>,
}

/// One attempt to deliver a message.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AttemptBody {
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// How long it took, in milliseconds.
    duration_ms: u64,
    /// `SENT`, `FAILED` (to be tried again), `DEFERRED` (the channel took nothing), `DEAD` or
    /// `CANCELLED`.
    #[schema(example = "SENT")]
    outcome: &'static str,
    /// What went wrong.
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

/// Read a message with its attempts.
///
/// Each attempt says when it began, how long it took, and what came of it.
#[utoipa::path(
    security(("staffToken" = [])),
    params(("notificationId" = String, Path, description = "The message's id.", example = "ntf_01jjg00000e008000000000001")),
    responses(
        (status = 200, description = "The message.", body = NotificationResponse),
        (status = 404, description = "`NOTIFICATION_NOT_FOUND`.", body = ErrorBody),
    ),
)]
#[get("/notifications/{notificationId}", guard = "super::names_a_message")]
pub(crate) async fn get_notification(
    staff: Staff<Agent>,
    id: NotificationInPath,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(find(&staff.use_cases(), id.0).await?))
}

/// Send a message again that was given up or cancelled.
///
/// Needs the role `SUPERVISOR`. The message starts over, with all its attempts before it.
#[utoipa::path(
    security(("staffToken" = [])),
    params(("notificationId" = String, Path, description = "The message's id.", example = "ntf_01jjg00000e008000000000001")),
    responses(
        (status = 200, description = "The message, which is due.", body = NotificationResponse),
        (status = 403, description = "`FORBIDDEN`.", body = ErrorBody),
        (status = 404, description = "`NOTIFICATION_NOT_FOUND`.", body = ErrorBody),
        (status = 409, description = "`NOTIFICATION_NOT_DEAD`: it was neither given up nor \
            cancelled.", body = ErrorBody),
    ),
)]
#[post("/notifications/{notificationId}/retry")]
pub(crate) async fn retry_notification(
    staff: Staff<Supervisor>,
    id: NotificationInPath,
) -> Result<HttpResponse, ApiError> {
    let use_cases = staff.use_cases();
    let (track, by) = (use_cases.track_notifications.clone(), staff.initiator());
    in_time(async move { track.retry(id.0, &by).await }).await?;
    Ok(HttpResponse::Ok().json(find(&use_cases, id.0).await?))
}
