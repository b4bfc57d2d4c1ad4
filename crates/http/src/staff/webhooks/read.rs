use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::{WebhookBody, WebhookInPath, WebhookResponse};
use crate::deadline::in_time;
use crate::error::ApiError;
use crate::staff::access::{ManageWebhooks, Required, Staff};

/// All webhook endpoints.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhooksResponse {
    success: bool,
    /// Endpoints, oldest first.
    webhooks: Vec<WebhookBody>,
}

/// List webhook endpoints.
#[utoipa::path(
    security(("staffToken" = [ManageWebhooks::ROLE])),
    responses(
        (status = 200, description = "All endpoints.", body = WebhooksResponse),
    ),
)]
#[get("/webhooks")]
pub(crate) async fn list_webhooks(staff: Staff<ManageWebhooks>) -> Result<HttpResponse, ApiError> {
    let manage = staff.use_cases().manage_webhooks.clone();
    let endpoints = in_time(async move { manage.list().await }).await?;
    let webhooks = endpoints.into_iter().map(WebhookBody::from).collect();
    Ok(HttpResponse::Ok().json(WebhooksResponse { success: true, webhooks }))
}

/// Get a webhook endpoint.
///
/// The secret is not shown.
#[utoipa::path(
    security(("staffToken" = [ManageWebhooks::ROLE])),
    params(("webhookId" = String, Path, description = "Id of the webhook endpoint.", example = "whk_01jjg00000e008000000000001")),
    responses(
        (status = 200, description = "The endpoint.", body = WebhookResponse),
    ),
)]
#[get("/webhooks/{webhookId}")]
pub(crate) async fn get_webhook(
    staff: Staff<ManageWebhooks>,
    id: WebhookInPath,
) -> Result<HttpResponse, ApiError> {
    let manage = staff.use_cases().manage_webhooks.clone();
    let endpoint = in_time(async move { manage.get(id.0).await }).await?;
    Ok(HttpResponse::Ok().json(WebhookResponse::from(endpoint)))
}
