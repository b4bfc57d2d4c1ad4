//! Webhook endpoints.

pub(crate) mod actions;
pub(crate) mod change;
pub(crate) mod read;
pub(crate) mod register;

use std::collections::BTreeMap;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use engage_application::Registered;
use engage_domain::event::{EventSubtype, WantedEvents};
use engage_domain::webhook::{
    EndpointState, HeaderName, HeaderValue, HeaderValueError, WebhookEndpoint,
};
use engage_domain::{EventType, Timestamp, WebhookId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::echo::shown;
use crate::error::ApiError;
use crate::validation::Validation;

/// A webhook endpoint.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebhookBody {
    /// Id of the endpoint.
    #[schema(example = "whk_01jjg00000e008000000000001")]
    id: String,
    /// URL of the endpoint.
    #[schema(example = "https://example.com/hooks")]
    url: String,
    /// Purpose of the endpoint.
    description: Option<String>,
    /// Event types that are sent. Empty means all.
    #[schema(example = json!(["case.created", "case.answered"]))]
    event_types: Vec<&'static str>,
    /// True if events of internal updates are sent too.
    include_internal: bool,
    /// Names of the additional request headers. Their values are not shown.
    #[schema(example = json!(["Authorization"]))]
    header_names: Vec<String>,
    state: EndpointStateBody,
    /// Reason why the endpoint is disabled.
    disabled_reason: Option<String>,
    /// Time at which the endpoint was disabled.
    #[schema(value_type = Option<String>, format = DateTime)]
    disabled_since: Option<Timestamp>,
    /// Time at which the endpoint was registered.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// State of a webhook endpoint: `ENABLED` or `DISABLED`. Disabled ones get no events.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum EndpointStateBody {
    Enabled,
    Disabled,
}

impl From<WebhookEndpoint> for WebhookBody {
    fn from(endpoint: WebhookEndpoint) -> Self {
        let (state, disabled) = match endpoint.state {
            EndpointState::Enabled => (EndpointStateBody::Enabled, None),
            EndpointState::Disabled { reason, since } => {
                (EndpointStateBody::Disabled, Some((reason, since)))
            }
        };
        let (disabled_reason, disabled_since) = disabled.unzip();
        let types = endpoint.event_types.into_iter().map(EventType::as_str);
        let subtypes = endpoint.event_subtypes.into_iter().map(EventSubtype::as_str);
        Self {
            id: endpoint.id.to_string(),
            url: endpoint.url.to_string(),
            description: endpoint.description.map(Into::into),
            event_types: types.chain(subtypes).collect(),
            include_internal: endpoint.includes_internal,
            header_names: endpoint.headers.iter().map(|(n, _)| n.as_str().to_owned()).collect(),
            state,
            disabled_reason,
            disabled_since,
            created_at: endpoint.created_at,
        }
    }
}

/// The webhook endpoint.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookResponse {
    success: bool,
    webhook: WebhookBody,
}

impl From<WebhookEndpoint> for WebhookResponse {
    fn from(endpoint: WebhookEndpoint) -> Self {
        Self { success: true, webhook: endpoint.into() }
    }
}

/// A webhook endpoint with its secret, which is not shown again.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookSecretResponse {
    success: bool,
    webhook: WebhookBody,
    /// Secret that signs the events (Standard Webhooks 1.0).
    #[schema(example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")]
    secret: String,
}

impl From<Registered> for WebhookSecretResponse {
    fn from(Registered { endpoint, secret }: Registered) -> Self {
        Self { success: true, webhook: endpoint.into(), secret }
    }
}

/// The result of the request.
#[derive(Serialize, ToSchema)]
pub(crate) struct DoneResponse {
    success: bool,
    #[schema(example = "The endpoint accepted the test event")]
    message: &'static str,
}

impl DoneResponse {
    pub(crate) fn new(message: &'static str) -> Self {
        Self { success: true, message }
    }
}

/// The webhook endpoint in the path.
pub(crate) struct WebhookInPath(pub(crate) WebhookId);

impl FromRequest for WebhookInPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().query("webhookId");
        let id = text.parse().map_err(|_| ApiError::WebhookNotFound(text.to_owned()));
        ready(id.map(Self))
    }
}

/// Event types that an endpoint can subscribe to, including subtypes.
pub(crate) const EVENT_TYPES: &[&str] = WantedEvents::SPELLINGS;

/// Parses the names of event types. `None` means all of them. An empty list is rejected because it
/// could be meant as none.
fn event_types(
    given: Option<&[String]>,
    v: &mut Validation,
) -> (Vec<EventType>, Vec<EventSubtype>) {
    let Some(given) = given else { return (Vec::new(), Vec::new()) };
    if given.is_empty() {
        v.problem("eventTypes", "must contain an event type: use null for all of them");
    }
    let most = WantedEvents::COUNT;
    if given.len() > most {
        v.problem("eventTypes", format!("must be at most {most} event types"));
    }
    let wanted = given.iter().filter_map(|name| v.required_word("eventTypes", Some(name)));
    WantedEvents::split(wanted.collect())
}

/// Headers in a request. `None` removes a header.
type GivenHeaders = BTreeMap<String, Option<String>>;

fn headers(given: &GivenHeaders, v: &mut Validation) -> Vec<(HeaderName, Option<HeaderValue>)> {
    let mut headers: Vec<(HeaderName, Option<HeaderValue>)> = Vec::new();
    for (name, value) in given {
        let mut problem = |what: &str| v.problem("headers", format!("{}: {what}", shown(name)));
        let name: HeaderName = match name.parse() {
            Ok(name) => name,
            Err(error) => {
                problem(&format!("the name {error}"));
                continue;
            }
        };
        if headers.iter().any(|(other, _)| *other == name) {
            problem("the header must be given only once, in any mix of upper and lower case");
            continue;
        }
        // The value may be a secret and is not echoed.
        match value.as_deref().map(str::parse).transpose() {
            Ok(value) => headers.push((name, value)),
            Err(HeaderValueError) => problem(&format!("the value {HeaderValueError}")),
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_event_types_is_limited() {
        let names = EventType::SPELLINGS.iter().chain(EventSubtype::SPELLINGS);
        let mut given: Vec<_> = names.map(|name| name.to_uppercase()).collect();
        let mut v = Validation::default();
        let all = (EventType::ALL.to_vec(), EventSubtype::ALL.to_vec());
        assert_eq!(event_types(Some(&given), &mut v), all);
        assert!(v.finish(Some(())).is_ok());
        given.push("case.created".to_owned());
        let mut v = Validation::default();
        event_types(Some(&given), &mut v);
        let Err(ApiError::Validation(problems)) = v.finish(Some(())) else { panic!() };
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].field, "eventTypes");
    }

    #[test]
    fn an_empty_list_of_event_types_is_rejected() {
        let mut v = Validation::default();
        assert_eq!(event_types(None, &mut v), (Vec::new(), Vec::new()));
        assert!(v.finish(Some(())).is_ok());
        let mut v = Validation::default();
        event_types(Some(&[]), &mut v);
        assert!(v.finish(Some(())).is_err());
    }

    #[test]
    fn problems_with_headers_are_reported_without_their_values() {
        let given = [
            ("Authorization", Some("Bearer geheim")),
            ("Host", Some("geheim")),
            ("X Y", Some("geheim")),
            ("X-Line", Some("geheim\r\nX-Other: geheim")),
            ("authorization", None),
        ];
        let given = given.map(|(name, value)| (name.to_owned(), value.map(str::to_owned)));
        let mut v = Validation::default();
        assert_eq!(headers(&GivenHeaders::from(given), &mut v).len(), 1);
        let Err(ApiError::Validation(problems)) = v.finish(Some(())) else { panic!() };
        assert_eq!(problems.len(), 4, "{problems:?}");
        for problem in problems {
            assert_eq!(problem.field, "headers");
            assert!(!problem.message.contains("geheim"), "{problem:?}");
        }
    }
}
