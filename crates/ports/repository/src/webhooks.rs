use std::time::Duration;

use async_trait::async_trait;
use engage_domain::{WebhookEndpoint, WebhookId};

use crate::RepositoryError;

/// The endpoints of other systems.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait WebhookRepository: Send + Sync {
    /// Adds an endpoint.
    ///
    /// MUST return [`RepositoryError::Duplicate`] with the key `webhook_id` where the id is taken.
    async fn add_endpoint(&self, endpoint: &WebhookEndpoint) -> Result<(), RepositoryError>;

    /// Finds an endpoint, enabled or not.
    async fn find_endpoint(
        &self,
        id: WebhookId,
    ) -> Result<Option<WebhookEndpoint>, RepositoryError>;

    /// Lists all endpoints, the oldest first.
    async fn list_endpoints(&self) -> Result<Vec<WebhookEndpoint>, RepositoryError>;

    /// Replaces what is known of an endpoint, but for when it was registered; an endpoint that is
    /// enabled again starts with a clean slate of failures.
    ///
    /// MUST return `false` where there is no such endpoint.
    async fn update_endpoint(&self, endpoint: &WebhookEndpoint) -> Result<bool, RepositoryError>;

    /// Removes an endpoint. MUST return `false` where there is no such endpoint.
    async fn remove_endpoint(&self, id: WebhookId) -> Result<bool, RepositoryError>;

    /// Notes whether an endpoint answered well, and returns for how long it has only failed.
    ///
    /// MUST return zero after a success, and where there is no such endpoint.
    async fn note_delivery(
        &self,
        id: WebhookId,
        succeeded: bool,
    ) -> Result<Duration, RepositoryError>;
}
