use std::time::Duration;

use async_trait::async_trait;
use engage_domain::{NotificationId, Timestamp, WebhookEndpoint, WebhookId, WebhookSecret};

use crate::{OutboxMessage, RepositoryError};

/// What staff are told of an endpoint that is disabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointNotice {
    /// The message that showed that the endpoint is to be disabled: the notice belongs to its event.
    pub about: NotificationId,
    /// What the messages are rendered from, in place of the event's snapshot.
    pub snapshot: String,
    /// The messages that have to be delivered.
    pub messages: Vec<OutboxMessage>,
}

/// The endpoints of other systems.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait WebhookRepository: Send + Sync {
    /// Adds an endpoint.
    ///
    /// MUST return [`RepositoryError::Duplicate`] with
    /// [`WebhookId`](crate::UniqueConstraint::WebhookId) if the id is taken.
    async fn add_endpoint(&self, endpoint: &WebhookEndpoint) -> Result<(), RepositoryError>;

    /// Finds an endpoint, enabled or not.
    async fn find_endpoint(
        &self,
        id: WebhookId,
    ) -> Result<Option<WebhookEndpoint>, RepositoryError>;

    /// Lists all endpoints, the oldest first.
    async fn list_endpoints(&self) -> Result<Vec<WebhookEndpoint>, RepositoryError>;

    /// Replaces what is known of an endpoint, but for its secrets and when it was registered; an
    /// endpoint that is enabled again starts with a clean slate of failures.
    ///
    /// MUST return `false` where there is no such endpoint.
    async fn update_endpoint(&self, endpoint: &WebhookEndpoint) -> Result<bool, RepositoryError>;

    /// Replaces the secrets of an endpoint by those that `after` has.
    ///
    /// MUST return `false` and change nothing where there is no such endpoint, or its secret is not
    /// `before` any more. MUST keep all previous secrets. MUST change nothing else.
    async fn replace_secret(
        &self,
        before: &WebhookSecret,
        after: &WebhookEndpoint,
    ) -> Result<bool, RepositoryError>;

    /// Disables an endpoint that is enabled and writes down what staff are told of it, in one commit.
    ///
    /// MUST return `false` and write down nothing where the endpoint is disabled already, or there
    /// is none. MUST have a notice sent again that was written down for the same event, endpoint
    /// and address before.
    async fn disable_endpoint(
        &self,
        id: WebhookId,
        reason: &str,
        at: Timestamp,
        notice: EndpointNotice,
    ) -> Result<bool, RepositoryError>;

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
