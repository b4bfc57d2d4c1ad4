//! Values of a webhook endpoint that is registered or changed.

use engage_domain::EventType;
use engage_domain::event::EventSubtype;
use engage_domain::text::Line;
use engage_domain::webhook::{HeaderName, HeaderValue, TooManyHeaders, WebhookHeaders, WebhookUrl};

/// A new webhook endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEndpoint {
    /// URL to which events are posted.
    pub url: WebhookUrl,
    /// Types of events to receive. If there are neither types nor subtypes, the endpoint receives
    /// all events.
    pub event_types: Vec<EventType>,
    /// Subtypes of events to receive in addition.
    pub event_subtypes: Vec<EventSubtype>,
    /// True if the endpoint receives internal events and data.
    pub includes_internal: bool,
    /// Custom headers of its requests.
    pub headers: WebhookHeaders,
    /// Purpose of the endpoint.
    pub description: Option<Line<200>>,
}

/// Changes to the custom headers of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderChange {
    /// Removes all headers.
    RemoveAll,
    /// Sets these headers, or removes those without a value. Other headers remain.
    Each(Vec<(HeaderName, Option<HeaderValue>)>),
}

impl HeaderChange {
    pub(super) fn apply(self, headers: &mut WebhookHeaders) -> Result<(), TooManyHeaders> {
        let Self::Each(changes) = self else {
            *headers = WebhookHeaders::default();
            return Ok(());
        };
        // Remove first, so that the new headers fit within the limit.
        for (name, _) in changes.iter().filter(|(_, value)| value.is_none()) {
            headers.remove(name);
        }
        for (name, value) in changes {
            if let Some(value) = value {
                headers.set(name, value)?;
            }
        }
        Ok(())
    }
}

/// Changes to an endpoint. Fields with `None` remain unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EndpointChange {
    /// New URL.
    pub url: Option<WebhookUrl>,
    /// Types and subtypes of events to receive. If both are empty, the endpoint receives all
    /// events.
    pub events: Option<(Vec<EventType>, Vec<EventSubtype>)>,
    /// True if the endpoint receives internal events and data.
    pub includes_internal: Option<bool>,
    /// Changes to the custom headers.
    pub headers: Option<HeaderChange>,
    /// Purpose of the endpoint, or `Some(None)` to remove it.
    pub description: Option<Option<Line<200>>>,
    /// True to enable the endpoint, false to disable it.
    pub is_enabled: Option<bool>,
}
