use actix_web::{HttpResponse, delete, patch};
use engage_application::{EndpointChange, HeaderChange};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{DoneResponse, GivenHeaders, WebhookInPath, WebhookResponse, event_types, headers};
use crate::body::{JsonBody, present};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::staff::access::{Admin, Staff};
use crate::validation::Validation;

/// What is to change of an endpoint; what is left out stays.
#[allow(clippy::option_option)] // Missing, null and given are three things.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangeWebhookRequest {
    /// Where it is: an `https` URL that does not lead into a private network.
    #[schema(max_length = 2000, example = "https://example.com/hooks")]
    url: Option<String>,
    /// The events it wants; null for all.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Vec<String>>, min_items = 1, example = json!(["case.created", "case.answered"]))]
    event_types: Option<Option<Vec<String>>>,
    /// Whether it hears of what is for staff only.
    #[schema(example = false)]
    include_internal: Option<bool>,
    /// Headers that its messages have beside those of every message. One that is given takes the place
    /// of the one before, one that is null goes, and others stay; null removes all.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<BTreeMap<String, Option<String>>>, example = json!({"Authorization": "Bearer 5dGfA2", "X-Tenant": null}))]
    headers: Option<Option<GivenHeaders>>,
    /// What it is for; null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 200, example = "Feeds the data warehouse")]
    description: Option<Option<String>>,
    /// Whether it gets messages.
    #[schema(example = true)]
    enabled: Option<bool>,
}

impl ChangeWebhookRequest {
    fn validate(&self) -> Result<EndpointChange, ApiError> {
        let mut v = Validation::default();
        let url = self.url.as_deref().and_then(|url| v.parse("url", url));
        let events = self.event_types.as_ref();
        let events = events.map(|names| event_types(names.as_deref(), &mut v));
        let headers = self.headers.as_ref().map(|given| match given {
            None => HeaderChange::RemoveAll,
            Some(given) => HeaderChange::Each(headers(given, &mut v)),
        });
        let description = self.description.as_ref();
        let description = description.map(|text| v.optional("description", text.as_deref()));
        v.at_least_one(&[
            ("url", self.url.is_some()),
            ("eventTypes", events.is_some()),
            ("includeInternal", self.include_internal.is_some()),
            ("headers", headers.is_some()),
            ("description", description.is_some()),
            ("enabled", self.enabled.is_some()),
        ]);
        v.finish(Some(EndpointChange {
            url,
            events,
            includes_internal: self.include_internal,
            headers,
            description,
            is_enabled: self.enabled,
        }))
    }
}

/// Change an endpoint of another system.
///
/// Needs the role `ADMIN`. One that is enabled again hears of what happens from now on; what was
/// given up meanwhile can be replayed.
#[utoipa::path(
    security(("staffToken" = [])),
    params(("webhookId" = String, Path, description = "The endpoint's id.", example = "whk_01jjg00000e008000000000001")),
    request_body = ChangeWebhookRequest,
    responses(
        (status = 200, description = "The endpoint as it is now.", body = WebhookResponse),
        (status = 403, description = "`FORBIDDEN`.", body = ErrorBody),
        (status = 404, description = "`WEBHOOK_NOT_FOUND`.", body = ErrorBody),
        (status = 409, description = "`CONFLICT`: another endpoint has the URL.", body = ErrorBody),
    ),
)]
#[patch("/webhooks/{webhookId}")]
pub(crate) async fn change_webhook(
    staff: Staff<Admin>,
    id: WebhookInPath,
    body: JsonBody<ChangeWebhookRequest>,
) -> Result<HttpResponse, ApiError> {
    let change = body.0.validate()?;
    let (manage, by) = (staff.use_cases().manage_webhooks.clone(), staff.initiator());
    let endpoint = in_time(async move { manage.change(id.0, change, &by).await }).await?;
    Ok(HttpResponse::Ok().json(WebhookResponse::from(endpoint)))
}

/// Remove an endpoint of another system.
///
/// Needs the role `ADMIN`. The messages that wait for it are cancelled.
#[utoipa::path(
    security(("staffToken" = [])),
    params(("webhookId" = String, Path, description = "The endpoint's id.", example = "whk_01jjg00000e008000000000001")),
    responses(
        (status = 200, description = "It is removed.", body = DoneResponse),
        (status = 403, description = "`FORBIDDEN`.", body = ErrorBody),
        (status = 404, description = "`WEBHOOK_NOT_FOUND`.", body = ErrorBody),
    ),
)]
#[delete("/webhooks/{webhookId}")]
pub(crate) async fn remove_webhook(
    staff: Staff<Admin>,
    id: WebhookInPath,
) -> Result<HttpResponse, ApiError> {
    let (manage, by) = (staff.use_cases().manage_webhooks.clone(), staff.initiator());
    in_time(async move { manage.remove(id.0, &by).await }).await?;
    let message = "Endpoint removed successfully";
    Ok(HttpResponse::Ok().json(DoneResponse { success: true, message }))
}
