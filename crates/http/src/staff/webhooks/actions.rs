use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, post};
use engage_domain::{NotificationId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{DoneResponse, WebhookInPath, WebhookSecretResponse};
use crate::body::JsonBody;
use crate::deadline::{in_time, within};
use crate::error::{ApiError, ErrorBody};
use crate::staff::access::{ManageWebhooks, Required, Staff};
use crate::trace_context;
use crate::validation::Validation;

/// Rotate the secret of a webhook endpoint.
///
/// For 24 hours, events are also signed with the previous secrets, so
/// that the receiver can switch over. At most 20 rotations in 24 hours are allowed. The secret is
/// not shown again.
#[utoipa::path(
    security(("staffToken" = [ManageWebhooks::ROLE])),
    params(("webhookId" = String, Path, description = "Id of the webhook endpoint.", example = "whk_01jjg00000e008000000000001")),
    responses(
        (status = 200, description = "The endpoint with its new secret.", body = WebhookSecretResponse),
    ),
)]
#[post("/webhooks/{webhookId}/rotate-secret")]
pub(crate) async fn rotate_webhook_secret(
    staff: Staff<ManageWebhooks>,
    id: WebhookInPath,
) -> Result<HttpResponse, ApiError> {
    let (manage, by) = (staff.use_cases().manage_webhooks.clone(), staff.initiator());
    let rotated = in_time(async move { manage.rotate_secret(id.0, &by).await }).await?;
    Ok(HttpResponse::Ok().json(WebhookSecretResponse::from(rotated)))
}

/// Time limit for a test event: the 20 s of a delivery and some time around it.
const TEST_TAKES_AT_MOST: Duration = Duration::from_secs(25);

/// Send a test event to a webhook endpoint.
///
/// Sends one signed event of the type `webhook.test` and waits up to 20
/// seconds for the receiver. The response reports whether the receiver accepted it.
#[utoipa::path(
    security(("staffToken" = [ManageWebhooks::ROLE])),
    params(("webhookId" = String, Path, description = "Id of the webhook endpoint.", example = "whk_01jjg00000e008000000000001")),
    responses(
        (status = 200, description = "The endpoint accepted the event.", body = DoneResponse),
        (status = 502, description = "`WEBHOOK_TEST_FAILED`: it did not accept the event. `details.reason` has the reason.",
            body = ErrorBody),
    ),
)]
#[post("/webhooks/{webhookId}/test")]
pub(crate) async fn test_webhook(
    staff: Staff<ManageWebhooks>,
    id: WebhookInPath,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let manage = staff.use_cases().manage_webhooks.clone();
    let trace = trace_context::of_request(&request);
    let test = async move { manage.send_test(id.0, trace.as_ref()).await };
    within(TEST_TAKES_AT_MOST, test).await?;
    let message = "The endpoint accepted the test event";
    Ok(HttpResponse::Ok().json(DoneResponse { success: true, message }))
}

/// Notifications to send again: a single one, or all that failed since a given time.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"since": "2025-01-27T10:00:00Z"}))]
pub(crate) struct ReplayRequest {
    /// Id of the dead or cancelled notification.
    notification_id: Option<String>,
    /// Earliest time of the permanent failure (RFC 3339).
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
                v.problem(
                    "since",
                    "is required unless notificationId is given: send only one of \
                    them",
                );
                None
            }
        };
        v.finish(replay)
    }
}

/// The result of the replay.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReplayResponse {
    success: bool,
    /// Number of notifications to send again.
    replayed: u64,
}

/// Replay failed notifications of a webhook endpoint.
///
/// Each notification is sent again with its original id and body.
#[utoipa::path(
    security(("staffToken" = [ManageWebhooks::ROLE])),
    params(("webhookId" = String, Path, description = "Id of the webhook endpoint.", example = "whk_01jjg00000e008000000000001")),
    request_body = ReplayRequest,
    responses(
        (status = 200, description = "The number of notifications that are pending again.", body = ReplayResponse),
        (status = 404, description = "`NOTIFICATION_NOT_FOUND` if the endpoint has no such dead or \
            cancelled notification.", body = ErrorBody),
    ),
)]
#[post("/webhooks/{webhookId}/replay")]
pub(crate) async fn replay_webhook(
    staff: Staff<ManageWebhooks>,
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
