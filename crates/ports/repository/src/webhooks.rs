use std::time::Duration;

use async_trait::async_trait;
use engage_domain::webhook::{WebhookEndpoint, WebhookSecret};
use engage_domain::{NotificationId, Timestamp, WebhookId};

use crate::{OutboxMessage, RepositoryError};

/// Notice to staff that a webhook endpoint is being disabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointNotice {
    /// The failed notification that led to disabling the endpoint. The notice belongs to the same
    /// event.
    pub about: NotificationId,
    /// Snapshot that the notices are rendered from, instead of the snapshot of the event.
    pub snapshot: String,
    /// Notifications to deliver.
    pub messages: Vec<OutboxMessage>,
}

/// Webhook endpoints.
///
/// ```
/// use engage_domain::webhook::{EndpointState, WebhookEndpoint};
/// use engage_repository::WebhookRepository;
/// use engage_sqlite::SqliteStore;
/// use engage_testkit::builders::{an_endpoint, monday};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory()?;
/// let endpoint = an_endpoint();
/// store.add_endpoint(&endpoint).await?;
///
/// let state = EndpointState::Disabled { reason: "moved".to_owned(), since: monday() };
/// let disabled = WebhookEndpoint { state, ..endpoint };
/// assert!(store.update_endpoint(&disabled).await?);
/// assert_eq!(store.list_endpoints().await?, [disabled.clone()]);
/// assert!(store.remove_endpoint(disabled.id).await?);
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait WebhookRepository: Send + Sync {
    /// Adds an endpoint.
    ///
    /// MUST return [`RepositoryError::Duplicate`] with
    /// [`WebhookId`](crate::UniqueConstraint::WebhookId) if the id is already in use.
    async fn add_endpoint(&self, endpoint: &WebhookEndpoint) -> Result<(), RepositoryError>;

    /// Finds an endpoint, enabled or not.
    async fn find_endpoint(
        &self,
        id: WebhookId,
    ) -> Result<Option<WebhookEndpoint>, RepositoryError>;

    /// Lists all endpoints, oldest first.
    async fn list_endpoints(&self) -> Result<Vec<WebhookEndpoint>, RepositoryError>;

    /// Updates an endpoint except for its secrets and its time of registration. Enabling an
    /// endpoint again resets its record of failures.
    ///
    /// MUST return `false` if the endpoint does not exist.
    async fn update_endpoint(&self, endpoint: &WebhookEndpoint) -> Result<bool, RepositoryError>;

    /// Replaces the secrets of an endpoint with those in `after`.
    ///
    /// MUST return `false` and change nothing if the endpoint does not exist or its secret is no
    /// longer `before`. MUST retain all previous secrets. MUST change nothing else.
    async fn replace_secret(
        &self,
        before: &WebhookSecret,
        after: &WebhookEndpoint,
    ) -> Result<bool, RepositoryError>;

    /// Disables an enabled endpoint and stores the notice to staff, in one commit.
    ///
    /// MUST return `false` and store nothing if the endpoint is already disabled or does not exist.
    /// MUST make an earlier notice for the same event, endpoint and address due again.
    async fn disable_endpoint(
        &self,
        id: WebhookId,
        reason: &str,
        at: Timestamp,
        notice: EndpointNotice,
    ) -> Result<bool, RepositoryError>;

    /// Removes an endpoint. MUST return `false` if the endpoint does not exist.
    async fn remove_endpoint(&self, id: WebhookId) -> Result<bool, RepositoryError>;

    /// Records the outcome of a delivery to an endpoint, and returns for how long the endpoint has
    /// been failing without a success.
    ///
    /// MUST return zero after a success, and if the endpoint does not exist.
    async fn note_delivery(
        &self,
        id: WebhookId,
        succeeded: bool,
    ) -> Result<Duration, RepositoryError>;
}
