use std::time::Duration;

use actix_web::{HttpResponse, post};
use engage_domain::{NotificationId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{DoneResponse, WebhookInPath, WebhookSecretResponse};
use crate::body::JsonBody;
use crate::deadline::{in_time, within};
use crate::error::{ApiError, ErrorBody};
use crate::staff::access::{Admin, Staff};
use crate::validation::Validation;

/// Give an endpoint another secret.
///
/// Needs the role `ADMIN`. For 24 hours events are signed with the one before as well, however often
/// it is replaced, so that the other side can change over; more than 20 times in 24 hours is refused.
/// The secret is not shown again.
#[utoipa::path(
    security(("staffToken" = [])),
    params(("webhookId" = String, Path, description = "The endpoint's id.", example = "whk_01jjg00000e008000000000001")),
    responses(
        (status = 200, description = "The endpoint and its new secret.", body = WebhookSecretResponse),
        (status = 403, description = "`FORBIDDEN`.", body = ErrorBody),
        (status = 404, description = "`WEBHOOK_NOT_FOUND`.", body = ErrorBody),
    ),
)]
#[post("/webhooks/{webhookId}/rotate-secret")]
pub(crate) async fn rotate_webhook_secret(
    staff: Staff<Admin>,
    id: WebhookInPath,
) -> Result<HttpResponse, ApiError> {
    let (manage, by) = (staff.use_cases().manage_webhooks.clone(), staff.initiator());
    let rotated = in_time(async move { manage.rotate_secret(id.0, &by).await }).await?;
    Ok(HttpResponse::Ok().json(WebhookSecretResponse::from(rotated)))
}

/// How long a test event may take: the 20 s of a delivery, and what comes before and after.
const TEST_TAKES_AT_MOST: Duration = Duration::from_secs(25);

/// Send an endpoint a test event.
///
/// Needs the role `ADMIN`. An event of the type `webhook.test` is sent once and at once, signed as
/// every other; the answer says whether the endpoint took it, for which it has 20 seconds.
#[utoipa::path(
    security(("staffToken" = [])),
    params(("webhookId" = String, Path, description = "The endpoint's id.", example = "whk_01jjg00000e008000000000001")),
    responses(
        (status = 200, description = "The endpoint took it.", body = DoneResponse),
        (status = 403, description = "`FORBIDDEN`.", body = ErrorBody),
        (status = 404, description = "`WEBHOOK_NOT_FOUND`.", body = ErrorBody),
        (status = 502, description = "`WEBHOOK_TEST_FAILED`: it did not; `details.reason` says why.",
            body = ErrorBody),
        (status = 503, description = "`UNAVAILABLE`: the database cannot be reached.", body = ErrorBody),
    ),
)]
#[post("/webhooks/{webhookId}/test")]
pub(crate) async fn test_webhook(
    staff: Staff<Admin>,
    id: WebhookInPath,
) -> Result<HttpResponse, ApiError> {
    let manage = staff.use_cases().manage_webhooks.clone();
    within(TEST_TAKES_AT_MOST, async move { manage.send_test(id.0).await }).await?;
    let message = "The endpoint accepted the test event";
    Ok(HttpResponse::Ok().json(DoneResponse { success: true, message }))
}

/// What is to be sent again: one message, or all that were given up since a time.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"since": "2025-01-27T10:00:00Z"}))]
pub(crate) struct ReplayRequest {
    /// The message, which was given up or cancelled.
    notification_id: Option<String>,
    /// Since when (RFC 3339).
    #[schema(format = DateTime)]
    since: Option<String>,
}

enum Replay {
    One(NotificationId),
    Since(Timestamp),
}

impl ReplayRequest {
    fn validate(&self) -> Result<Replay, ApiError> {
        let mut v = Validation::default();
        let replay = match (&self.notification_id, &self.since) {
            (Some(id), None) => v.parse("notificationId", id).map(Replay::One),
            (None, Some(since)) => v.parse("since", since).map(Replay::Since),
            (None, None) | (Some(_), Some(_)) => {
                v.problem("since", "is required, or else notificationId; not both");
                None
            }
        };
        v.finish(replay)
    }
}

/// What is sent again.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReplayResponse {
    success: bool,
    /// How many messages.
    replayed: u64,
}

/// Send an endpoint again what was given up.
///
/// Needs the role `ADMIN`. Each message goes out with its own id and its own bytes once more.
#[utoipa::path(
    security(("staffToken" = [])),
    params(("webhookId" = String, Path, description = "The endpoint's id.", example = "whk_01jjg00000e008000000000001")),
    request_body = ReplayRequest,
    responses(
        (status = 200, description = "The messages are due.", body = ReplayResponse),
        (status = 403, description = "`FORBIDDEN`.", body = ErrorBody),
        (status = 404, description = "`WEBHOOK_NOT_FOUND`, or `NOTIFICATION_NOT_FOUND` where the \
            endpoint has no such message that was given up.", body = ErrorBody),
    ),
)]
#[post("/webhooks/{webhookId}/replay")]
pub(crate) async fn replay_webhook(
    staff: Staff<Admin>,
    id: WebhookInPath,
    body: JsonBody<ReplayRequest>,
) -> Result<HttpResponse, ApiError> {
    let replay = body.0.validate()?;
    let (manage, by) = (staff.use_cases().manage_webhooks.clone(), staff.initiator());
    let replayed = in_time(async move {
        match replay {
            Replay::One(message) => manage.replay(id.0, message, &by).await.map(|()| 1),
            Replay::Since(since) => manage.replay_since(id.0, since, &by).await,
        }
    })
    .await?;
    Ok(HttpResponse::Ok().json(ReplayResponse { success: true, replayed }))
}
