use actix_web::{HttpResponse, post};
use engage_application::NewEndpoint;
use engage_domain::webhook::WebhookHeaders;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{GivenHeaders, WebhookSecretResponse, event_types, headers};
use crate::body::JsonBody;
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::staff::access::{ManageWebhooks, Required, Staff};
use crate::validation::Validation;

/// A webhook endpoint to register.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RegisterWebhookRequest {
    /// URL of the endpoint: `https`, and not in a private network.
    #[schema(required, value_type = String, min_length = 1, max_length = 2000, example = "https://example.com/hooks")]
    url: Option<String>,
    /// Event types to send. All if omitted. Besides the types, there are the subtypes
    /// `case.replied`, `case.answered`, `case.noted`, `case.resolved`, `case.reopened` and
    /// `case.closed`, which match events of any type.
    #[schema(min_items = 1, example = json!(["case.created", "case.answered"]))]
    event_types: Option<Vec<String>>,
    /// True if events of internal updates are sent too. True by default.
    #[schema(example = false)]
    include_internal: Option<bool>,
    /// Additional request headers, such as `Authorization`: at most 20, with values of at most
    /// 1,000 characters, which are not shown again. Headers that Engage or the connection sets are
    /// not allowed.
    #[schema(value_type = Option<BTreeMap<String, String>>, example = json!({"Authorization": "Bearer 5dGfA2"}))]
    headers: Option<GivenHeaders>,
    /// Purpose of the endpoint.
    #[schema(max_length = 200, example = "Feeds the data warehouse")]
    description: Option<String>,
}

impl RegisterWebhookRequest {
    fn validate(&self) -> Result<NewEndpoint, ApiError> {
        let mut v = Validation::default();
        let url = v.required("url", self.url.as_deref());
        let (event_types, event_subtypes) = event_types(self.event_types.as_deref(), &mut v);
        let description = v.optional("description", self.description.as_deref());
        let headers = self.headers(&mut v);
        v.finish(url.map(|url| NewEndpoint {
            url,
            event_types,
            event_subtypes,
            includes_internal: self.include_internal.unwrap_or(true),
            headers,
            description,
        }))
    }

    fn headers(&self, v: &mut Validation) -> WebhookHeaders {
        let mut set = WebhookHeaders::default();
        let Some(given) = &self.headers else { return set };
        for (name, value) in headers(given, v) {
            match value.map(|value| set.set(name, value)) {
                None => v.problem("headers", "must each have a value"),
                Some(Ok(())) => {}
                Some(Err(error)) => {
                    v.problem("headers", error.to_string());
                    break;
                }
            }
        }
        set
    }
}

/// Register a webhook endpoint.
///
/// The endpoint gets events from now on. They are signed with the secret
/// in the response, which is not shown again.
#[utoipa::path(
    security(("staffToken" = [ManageWebhooks::ROLE])),
    request_body = RegisterWebhookRequest,
    responses(
        (status = 200, description = "The endpoint with its secret.", body = WebhookSecretResponse),
        (status = 409, description = "`CONFLICT`: another endpoint has the same URL.", body = ErrorBody),
    ),
)]
#[post("/webhooks")]
pub(crate) async fn register_webhook(
    staff: Staff<ManageWebhooks>,
    body: JsonBody<RegisterWebhookRequest>,
) -> Result<HttpResponse, ApiError> {
    let new = body.0.validate()?;
    let (manage, by) = (staff.use_cases().manage_webhooks.clone(), staff.initiator());
    let registered = in_time(async move { manage.register(new, &by).await }).await?;
    Ok(HttpResponse::Ok().json(WebhookSecretResponse::from(registered)))
}
