use actix_web::{HttpResponse, post};
use engage_domain::text::Line;
use engage_domain::{Address, WebhookId};
use engage_repository::DeadFilter;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::JsonBody;
use crate::deadline::in_time;
use crate::error::ApiError;
use crate::staff::access::{Required, RetryNotifications, Staff};
use crate::validation::Validation;

/// Criteria for the dead notifications to retry. A notification must match all of them.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"since": "2025-01-27T10:00:00Z", "channel": "EMAIL"}))]
pub(crate) struct RetryRequest {
    /// Earliest time of the permanent failure (RFC 3339).
    #[schema(format = DateTime)]
    since: Option<String>,
    /// Channel of delivery.
    #[schema(example = "EMAIL")]
    channel: Option<String>,
    /// Id of the webhook endpoint.
    #[schema(example = "whk_01jjg00000e008000000000001")]
    endpoint_id: Option<String>,
    /// Text contained in `lastError`, in upper or lower case.
    #[schema(min_length = 1, max_length = 200, example = "sending limit")]
    reason: Option<String>,
}

impl RetryRequest {
    fn validate(&self) -> Result<DeadFilter, ApiError> {
        let mut v = Validation::default();
        let since = v.required("since", self.since.as_deref());
        for (field, given) in [
            ("channel", &self.channel),
            ("endpointId", &self.endpoint_id),
            ("reason", &self.reason),
        ] {
            v.refuse_blank(field, given.as_deref());
        }
        let channel = v.word("channel", self.channel.as_deref());
        let endpoint: Option<WebhookId> = v.optional("endpointId", self.endpoint_id.as_deref());
        let reason: Option<Line<200>> = v.optional("reason", self.reason.as_deref());
        let filter = since.map(|since| DeadFilter {
            since,
            channel,
            address: endpoint.map(Address::Webhook),
            reason: reason.map(|reason| reason.to_string()),
        });
        v.finish(filter)
    }
}

/// The result of the retry.
#[derive(Serialize, ToSchema)]
pub(crate) struct RetryResponse {
    success: bool,
    /// Number of notifications to retry.
    #[schema(example = 12)]
    retried: u64,
}

/// Retry all notifications that failed since a given time.
///
/// Each notification keeps its id and gets a new series of
/// attempts. The earlier attempts remain in the log. Repeating the request does not affect
/// notifications that are already pending.
#[utoipa::path(
    security(("staffToken" = [RetryNotifications::ROLE])),
    request_body = RetryRequest,
    responses(
        (status = 200, description = "The number of notifications that are pending again.", body = RetryResponse),
    ),
)]
#[post("/notifications/retry")]
pub(crate) async fn retry_notifications(
    staff: Staff<RetryNotifications>,
    body: JsonBody<RetryRequest>,
) -> Result<HttpResponse, ApiError> {
    let filter = body.0.validate()?;
    let track = staff.use_cases().track_notifications.clone();
    let by = staff.initiator();
    let retried = in_time(async move { track.retry_all(&filter, &by).await }).await?;
    Ok(HttpResponse::Ok().json(RetryResponse { success: true, retried }))
}
