use actix_web::{HttpResponse, post};
use engage_domain::{Address, Line, WebhookId};
use engage_repository::DeadFilter;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::JsonBody;
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::staff::access::{Staff, Supervisor};
use crate::validation::Validation;

/// Which of the messages that were given up are to be sent again: those that fit every criterion.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"since": "2025-01-27T10:00:00Z", "channel": "EMAIL"}))]
pub(crate) struct RetryRequest {
    /// The earliest time at which they were given up (RFC 3339).
    #[schema(format = DateTime)]
    since: Option<String>,
    /// By which channel they go: `EMAIL`, `SMS` or `WEBHOOK`.
    #[schema(example = "EMAIL")]
    channel: Option<String>,
    /// The endpoint that they are for.
    #[schema(example = "whk_01jjg00000e008000000000001")]
    endpoint_id: Option<String>,
    /// What the reason has in it (`lastError`), in any case of letters.
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

/// What is sent again.
#[derive(Serialize, ToSchema)]
pub(crate) struct RetryResponse {
    success: bool,
    /// How many messages.
    #[schema(example = 12)]
    retried: u64,
}

/// Send all messages again that were given up since a time.
///
/// Needs the role `SUPERVISOR`. Each starts over, with all its attempts before it, under its own
/// id. To ask again changes nothing about those that are due already.
#[utoipa::path(
    security(("staffToken" = [])),
    request_body = RetryRequest,
    responses(
        (status = 200, description = "The messages are due.", body = RetryResponse),
        (status = 403, description = "`FORBIDDEN`.", body = ErrorBody),
    ),
)]
#[post("/notifications/retry")]
pub(crate) async fn retry_notifications(
    staff: Staff<Supervisor>,
    body: JsonBody<RetryRequest>,
) -> Result<HttpResponse, ApiError> {
    let filter = body.0.validate()?;
    let track = staff.use_cases().track_notifications.clone();
    let by = staff.initiator();
    let retried = in_time(async move { track.retry_all(&filter, &by).await }).await?;
    Ok(HttpResponse::Ok().json(RetryResponse { success: true, retried }))
}
