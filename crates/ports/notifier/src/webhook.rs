use async_trait::async_trait;
use engage_domain::WebhookId;
use engage_domain::webhook::{WebhookHeaders, WebhookSecret, WebhookUrl};

use crate::NotifyError;

/// The URL of a webhook endpoint, and the secrets, filter and headers that apply to its requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDestination {
    /// URL of the endpoint.
    pub url: WebhookUrl,
    /// Signing secrets, newest first. Never empty.
    pub secrets: Vec<WebhookSecret>,
    /// True if the endpoint also receives internal updates.
    pub includes_internal: bool,
    /// Headers that are sent in addition to the standard ones. Their values may be secrets.
    pub headers: WebhookHeaders,
}

/// Decides which URLs may be called. A URL entered by staff must not give access to the network of
/// the server.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait WebhookGuard: Send + Sync {
    /// Checks a URL before it is registered. Returns the reason if it is rejected.
    ///
    /// MUST reject every URL to which a delivery would be rejected now.
    async fn check(&self, url: &WebhookUrl) -> Result<(), String>;
}

/// Looks up the registered webhook endpoints.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait WebhookDirectory: Send + Sync {
    /// Returns the current destination of an endpoint.
    ///
    /// MUST fail with [`NotifyError::Rejected`] if the endpoint is unknown or disabled, and with
    /// [`NotifyError::Transient`] if the endpoint cannot be looked up at the moment.
    async fn find_destination(&self, id: WebhookId) -> Result<WebhookDestination, NotifyError>;
}
