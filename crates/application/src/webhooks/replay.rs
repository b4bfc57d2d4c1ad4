//! Sending notifications of a webhook endpoint again.

use engage_domain::{Address, NotificationId, Timestamp, WebhookId};
use engage_repository::{DeadFilter, RepositoryError};
use thiserror::Error;

use super::manage::ManageWebhooks;
use crate::audit::{Act, AuditAction, Initiator};

/// Error returned when notifications cannot be sent again.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// There is no such endpoint.
    #[error("there is no endpoint {0}")]
    NotFound(WebhookId),
    /// The endpoint has no such notification, or it was not given up.
    #[error("the endpoint has no notification {0} that was given up")]
    NoSuchMessage(NotificationId),
    /// Storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl ManageWebhooks {
    /// Sends a single notification of an endpoint again that was given up or cancelled.
    pub async fn replay(
        &self,
        id: WebhookId,
        message: NotificationId,
        by: &Initiator,
    ) -> Result<(), ReplayError> {
        self.exists(id).await?;
        let found = self.notifications.find_notification(message).await?;
        let is_its_own = found.is_some_and(|(summary, _)| summary.address == Address::Webhook(id));
        let act = Act::new(AuditAction::WebhookReplayed)
            .to(id)
            .set("notificationId", message.to_string());
        let acts = self.acts.notifications(self.record(by, act));
        if is_its_own && acts.send_again(message).await? {
            Ok(())
        } else {
            Err(ReplayError::NoSuchMessage(message))
        }
    }

    /// Sends all notifications of an endpoint again that were given up since a time. Returns their
    /// number.
    pub async fn replay_since(
        &self,
        id: WebhookId,
        since: Timestamp,
        by: &Initiator,
    ) -> Result<u64, ReplayError> {
        self.exists(id).await?;
        let address = Some(Address::Webhook(id));
        let filter = DeadFilter { since, channel: None, address, reason: None };
        let act = Act::new(AuditAction::WebhookReplayed).to(id).set("since", since.to_string());
        let acts = self.acts.notifications(self.record(by, act));
        Ok(acts.send_dead_again(&filter).await?)
    }

    async fn exists(&self, id: WebhookId) -> Result<(), ReplayError> {
        let found = self.endpoints.find_endpoint(id).await?;
        found.map(drop).ok_or(ReplayError::NotFound(id))
    }
}
