use async_trait::async_trait;
use engage_domain::{WebhookId, WebhookSecret, WebhookUrl};

use crate::NotifyError;

/// Where the messages of an endpoint go, and what they are signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDestination {
    /// Where.
    pub url: WebhookUrl,
    /// With which secrets, the newest first; never none.
    pub secrets: Vec<WebhookSecret>,
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
