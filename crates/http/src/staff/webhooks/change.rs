use actix_web::{HttpResponse, delete, patch};
use engage_application::{EndpointChange, HeaderChange};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{DoneResponse, GivenHeaders, WebhookInPath, WebhookResponse, event_types, headers};
use crate::body::{JsonBody, present};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::staff::access::{ManageWebhooks, Required, Staff};
use crate::validation::Validation;

/// Changes to a webhook endpoint. Omitted fields do not change.
#[allow(clippy::option_option)] // Missing, null and given are three things.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangeWebhookRequest {
    /// URL of the endpoint: `https`, and not in a private network.
    #[schema(max_length = 2000, example = "https://example.com/hooks")]
    url: Option<String>,
    /// Event types to send. Null means all.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Vec<String>>, min_items = 1, example = json!(["case.created", "case.answered"]))]
    event_types: Option<Option<Vec<String>>>,
    /// True if events of internal updates are sent too.
    #[schema(example = false)]
    include_internal: Option<bool>,
    /// Additional request headers. A given header is replaced, one that is null is removed, and
    /// others stay. Null removes all.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<BTreeMap<String, Option<String>>>, example = json!({"Authorization": "Bearer 5dGfA2", "X-Tenant": null}))]
    headers: Option<Option<GivenHeaders>>,
    /// Purpose of the endpoint. Null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 200, example = "Feeds the data warehouse")]
    description: Option<Option<String>>,
    /// True if events are sent to the endpoint.
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

/// Update a webhook endpoint.
///
/// A re-enabled endpoint gets new events from now on. Failed
/// notifications can be replayed.
#[utoipa::path(
    security(("staffToken" = [ManageWebhooks::ROLE])),
    params(("webhookId" = String, Path, description = "Id of the webhook endpoint.", example = "whk_01jjg00000e008000000000001")),
    request_body = ChangeWebhookRequest,
    responses(
        (status = 200, description = "The endpoint after the change.", body = WebhookResponse),
        (status = 409, description = "`CONFLICT`: another endpoint has the same URL.", body = ErrorBody),
    ),
)]
#[patch("/webhooks/{webhookId}")]
pub(crate) async fn change_webhook(
    staff: Staff<ManageWebhooks>,
    id: WebhookInPath,
    body: JsonBody<ChangeWebhookRequest>,
) -> Result<HttpResponse, ApiError> {
    let change = body.0.validate()?;
    let (manage, by) = (staff.use_cases().manage_webhooks.clone(), staff.initiator());
    let endpoint = in_time(async move { manage.change(id.0, change, &by).await }).await?;
    Ok(HttpResponse::Ok().json(WebhookResponse::from(endpoint)))
}

/// Delete a webhook endpoint.
///
/// Its pending notifications are cancelled.
#[utoipa::path(
    security(("staffToken" = [ManageWebhooks::ROLE])),
    params(("webhookId" = String, Path, description = "Id of the webhook endpoint.", example = "whk_01jjg00000e008000000000001")),
    responses(
        (status = 200, description = "The endpoint was deleted.", body = DoneResponse),
    ),
)]
#[delete("/webhooks/{webhookId}")]
pub(crate) async fn remove_webhook(
    staff: Staff<ManageWebhooks>,
    id: WebhookInPath,
) -> Result<HttpResponse, ApiError> {
    let (manage, by) = (staff.use_cases().manage_webhooks.clone(), staff.initiator());
    in_time(async move { manage.remove(id.0, &by).await }).await?;
    let message = "Endpoint removed successfully";
    Ok(HttpResponse::Ok().json(DoneResponse { success: true, message }))
}
