//! Registering, changing and removing webhook endpoints.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use engage_domain::webhook::{
    EndpointState, TooManyHeaders, WebhookEndpoint, WebhookSecret, WebhookUrl,
};
use engage_domain::{Address, WebhookId};
use engage_environment::{Clock, IdGenerator};
use engage_notifier::{Notifier, WebhookGuard};
use engage_repository::{
    AuditRecord, AuditedStore, NotificationRepository, RepositoryError, WebhookRepository,
};
use thiserror::Error;

use super::EndpointCache;
use super::acts::{changed, described};
use super::endpoint_change::{EndpointChange, NewEndpoint};
use crate::audit::{Act, AuditAction, AuditRecorder, Initiator};

/// Formats a secret as defined by Standard Webhooks 1.0.
pub(super) fn secret_text(secret: &WebhookSecret) -> String {
    format!("whsec_{}", STANDARD.encode(secret.as_bytes()))
}

/// Error returned when an endpoint cannot be registered or changed.
#[derive(Debug, Error)]
pub enum WebhookError {
    /// The URL is not allowed.
    #[error("{reason}")]
    Refused {
        /// Reason for the refusal.
        reason: String,
    },
    /// There is no such endpoint.
    #[error("there is no endpoint {0}")]
    NotFound(WebhookId),
    /// Another endpoint already has the URL.
    #[error("endpoint {other} already has this URL")]
    UrlTaken {
        /// The rejected URL.
        url: WebhookUrl,
        /// The endpoint with the same URL.
        other: WebhookId,
    },
    /// The endpoint would have too many headers.
    #[error(transparent)]
    TooManyHeaders(#[from] TooManyHeaders),
    /// The secret was rotated too often: a previous secret would become invalid before its time.
    #[error("the secret was rotated too often; try again in {retry_after:?}")]
    TooManySecrets {
        /// Time until the oldest previous secret expires.
        retry_after: Duration,
    },
    /// Storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// An endpoint with its secret, which is shown only once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The endpoint.
    pub endpoint: WebhookEndpoint,
    /// The secret, as `whsec_` followed by Base64 (Standard Webhooks 1.0).
    pub secret: String,
}

/// Manages webhook endpoints.
///
/// ```
/// # use std::sync::Arc;
/// use engage_application::{Initiator, ManageWebhooks, NewEndpoint, WebhookError};
/// # use engage_application::EndpointCache;
/// use engage_domain::EventType;
/// # use engage_domain::webhook::WebhookHeaders;
/// # use engage_notifier::{MockNotifier, MockWebhookGuard};
/// # use engage_sqlite::SqliteStore;
/// # use engage_system::SystemIds;
/// # use engage_testkit::ManualClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # let mut guard = MockWebhookGuard::new();
/// # guard.expect_check().returning(|_| Ok(()));
/// # let webhooks = ManageWebhooks {
/// #     endpoints: store.clone(),
/// #     acts: store.clone(),
/// #     notifications: store.clone(),
/// #     guard: Arc::new(guard),
/// #     channel: Arc::new(MockNotifier::new()),
/// #     known: EndpointCache::new(store.clone(), store),
/// #     clock: Arc::new(ManualClock::new()),
/// #     ids: Arc::new(SystemIds),
/// # };
/// let new = NewEndpoint {
///     url: "https://example.com/hooks".parse()?,
///     event_types: vec![EventType::Created, EventType::Escalated],
///     event_subtypes: Vec::new(),
///     includes_internal: false,
///     headers: WebhookHeaders::default(),
///     description: Some("status board".parse()?),
/// };
/// let by = Initiator::command_line();
/// let registered = webhooks.register(new.clone(), &by).await?;
/// assert!(registered.secret.starts_with("whsec_")); // Shown only now.
/// let again = webhooks.register(new, &by).await;
/// assert!(matches!(again, Err(WebhookError::UrlTaken { .. })));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ManageWebhooks {
    /// Stored endpoints.
    pub endpoints: Arc<dyn WebhookRepository>,
    /// Storage that records changes in the audit log.
    pub acts: Arc<dyn AuditedStore>,
    /// Notifications of the endpoints.
    pub notifications: Arc<dyn NotificationRepository>,
    /// Decides which URLs are allowed.
    pub guard: Arc<dyn WebhookGuard>,
    /// Channel that delivers test events.
    pub channel: Arc<dyn Notifier>,
    /// Cache to invalidate after a change.
    pub known: EndpointCache,
    /// Source of the current time.
    pub clock: Arc<dyn Clock>,
    /// Source of ids and secrets.
    pub ids: Arc<dyn IdGenerator>,
}

impl ManageWebhooks {
    /// Registers an endpoint, which receives events from now on.
    pub async fn register(
        &self,
        new: NewEndpoint,
        by: &Initiator,
    ) -> Result<Registered, WebhookError> {
        self.check(&new.url).await?;
        self.require_free(&new.url, None).await?;
        let endpoint = WebhookEndpoint {
            id: WebhookId::from_u128(self.ids.next_id()),
            url: new.url,
            description: new.description,
            event_types: new.event_types,
            event_subtypes: new.event_subtypes,
            includes_internal: new.includes_internal,
            headers: new.headers,
            secret: WebhookSecret::from_bytes(self.ids.secret()),
            previous_secrets: Vec::new(),
            state: EndpointState::Enabled,
            created_at: self.clock.now(),
        };
        let act = described(AuditAction::WebhookRegistered, &endpoint).touched("secret");
        self.acts.webhooks(self.record(by, act)).add_endpoint(&endpoint).await?;
        self.known.forget();
        Ok(Registered { secret: secret_text(&endpoint.secret), endpoint })
    }

    /// Lists all endpoints, oldest first.
    pub async fn list(&self) -> Result<Vec<WebhookEndpoint>, RepositoryError> {
        self.endpoints.list_endpoints().await
    }

    /// Returns an endpoint.
    pub async fn get(&self, id: WebhookId) -> Result<WebhookEndpoint, WebhookError> {
        self.endpoints.find_endpoint(id).await?.ok_or(WebhookError::NotFound(id))
    }

    /// Changes an endpoint. An endpoint that is enabled again receives new events only. Earlier
    /// ones can be [replayed](Self::replay_since).
    pub async fn change(
        &self,
        id: WebhookId,
        change: EndpointChange,
        by: &Initiator,
    ) -> Result<WebhookEndpoint, WebhookError> {
        let mut endpoint = self.get(id).await?;
        let before = endpoint.clone();
        if let Some(url) = change.url {
            self.check(&url).await?;
            self.require_free(&url, Some(id)).await?;
            endpoint.url = url;
        }
        if let Some((event_types, event_subtypes)) = change.events {
            endpoint.event_types = event_types;
            endpoint.event_subtypes = event_subtypes;
        }
        if let Some(includes_internal) = change.includes_internal {
            endpoint.includes_internal = includes_internal;
        }
        if let Some(headers) = change.headers {
            headers.apply(&mut endpoint.headers)?;
        }
        if let Some(description) = change.description {
            endpoint.description = description;
        }
        match change.is_enabled {
            Some(true) => endpoint.state = EndpointState::Enabled,
            Some(false) if endpoint.is_enabled() => {
                let reason = "switched off".to_owned();
                endpoint.state = EndpointState::Disabled { reason, since: self.clock.now() };
            }
            Some(false) | None => {}
        }
        if endpoint == before {
            return Ok(endpoint);
        }
        self.store(&endpoint, by, changed(&before, &endpoint)).await?;
        Ok(endpoint)
    }

    /// Removes an endpoint and cancels its pending notifications.
    pub async fn remove(&self, id: WebhookId, by: &Initiator) -> Result<(), WebhookError> {
        let act = described(AuditAction::WebhookRemoved, &self.get(id).await?);
        if !self.acts.webhooks(self.record(by, act)).remove_endpoint(id).await? {
            return Err(WebhookError::NotFound(id));
        }
        self.known.forget();
        let address = Address::Webhook(id);
        self.notifications.cancel(&address, "the endpoint was removed").await?;
        Ok(())
    }

    /// Checks that no other endpoint has the URL, since it would receive every event twice.
    async fn require_free(
        &self,
        url: &WebhookUrl,
        own: Option<WebhookId>,
    ) -> Result<(), WebhookError> {
        let wanted = url.normalized();
        let endpoints = self.endpoints.list_endpoints().await?;
        let mut others = endpoints.into_iter().filter(|endpoint| Some(endpoint.id) != own);
        match others.find(|endpoint| endpoint.url.normalized() == wanted) {
            Some(other) => Err(WebhookError::UrlTaken { url: url.clone(), other: other.id }),
            None => Ok(()),
        }
    }

    async fn check(&self, url: &WebhookUrl) -> Result<(), WebhookError> {
        self.guard.check(url).await.map_err(|reason| WebhookError::Refused { reason })
    }

    pub(super) fn record(&self, by: &Initiator, act: Act) -> AuditRecord {
        AuditRecorder::new(Arc::clone(&self.clock), Arc::clone(&self.ids)).record(by, act)
    }

    async fn store(
        &self,
        endpoint: &WebhookEndpoint,
        by: &Initiator,
        act: Act,
    ) -> Result<(), WebhookError> {
        if !self.acts.webhooks(self.record(by, act)).update_endpoint(endpoint).await? {
            return Err(WebhookError::NotFound(endpoint.id));
        }
        self.known.forget();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_formatted_as_in_standard_webhooks() {
        let secret = WebhookSecret::from_bytes(std::array::from_fn(|i| u8::try_from(i).unwrap()));
        assert_eq!(secret_text(&secret), "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    }
}
