use async_trait::async_trait;
use engage_domain::{WebhookHeaders, WebhookId, WebhookSecret, WebhookUrl};

use crate::NotifyError;

/// Where the messages of an endpoint go, and what they are signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDestination {
    /// Where.
    pub url: WebhookUrl,
    /// With which secrets, the newest first; never none.
    pub secrets: Vec<WebhookSecret>,
    /// Whether what is for staff only goes there.
    pub includes_internal: bool,
    /// What messages have beside the headers of every message; their values may be secrets.
    pub headers: WebhookHeaders,
}

/// Says which URLs may be called: a URL that staff enter must not lead into the network that the
/// server is in.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait WebhookGuard: Send + Sync {
    /// Checks a URL before it is registered, and says why it is refused.
    ///
    /// MUST refuse what would be refused when a message is sent there now.
    async fn check(&self, url: &WebhookUrl) -> Result<(), String>;
}

/// Knows the endpoints that are registered.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait WebhookDirectory: Send + Sync {
    /// Where an endpoint's messages go as of now.
    ///
    /// MUST fail with [`NotifyError::Rejected`] where the endpoint is unknown or disabled, and with
    /// [`NotifyError::Transient`] where that cannot be told now.
    async fn find_destination(&self, id: WebhookId) -> Result<WebhookDestination, NotifyError>;
}
