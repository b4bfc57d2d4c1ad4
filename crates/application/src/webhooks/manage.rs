use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use engage_domain::{
    Address, CaseNumber, CaseNumberPrefix, EndpointState, EventSubtype, EventType, HeaderName,
    HeaderValue, Line, NotificationId, Template, Timestamp, TooManyHeaders, WebhookEndpoint,
    WebhookHeaders, WebhookId, WebhookSecret, WebhookUrl,
};
use engage_notifier::{CustomerAccess, Notification, Notifier, NotifyError, WebhookGuard};
use engage_repository::{
    AuditRecord, AuditedStore, DeadFilter, NotificationRepository, RepositoryError,
    WebhookRepository,
};
use serde_json::json;
use thiserror::Error;

use super::EndpointCache;
use super::acts::{changed, described};
use crate::audit::{Act, AuditAction, AuditRecorder, Initiator};
use crate::environment::{Clock, IdGenerator};

/// For how long messages are signed with the secret before as well, once it is replaced.
const OVERLAP: Duration = Duration::from_hours(24);

/// With how many previous secrets messages are signed at most: each adds to a header of the request,
/// which receivers limit.
const MOST_PREVIOUS_SECRETS: usize = 20;

/// How often a secret is replaced anew where others replace it at the same time.
const ROTATION_ATTEMPTS: u32 = 8;

/// A secret as its owner has to enter it (Standard Webhooks 1.0).
fn secret_text(secret: &WebhookSecret) -> String {
    format!("whsec_{}", STANDARD.encode(secret.as_bytes()))
}

/// Why an endpoint was not registered or changed.
#[derive(Debug, Error)]
pub enum WebhookError {
    /// The URL must not be called.
    #[error("{reason}")]
    Refused {
        /// Why.
        reason: String,
    },
    /// There is no such endpoint.
    #[error("there is no endpoint {0}")]
    NotFound(WebhookId),
    /// Another endpoint has the URL.
    #[error("the endpoint {other} has this URL already")]
    UrlTaken {
        /// The URL.
        url: WebhookUrl,
        /// The endpoint that has it.
        other: WebhookId,
    },
    /// It would have more headers than it may.
    #[error(transparent)]
    TooManyHeaders(#[from] TooManyHeaders),
    /// The secret was replaced so often that those before would be cut off.
    #[error("the secret was replaced too often; try again in {retry_after:?}")]
    TooManySecrets {
        /// When the oldest of them signs no more.
        retry_after: Duration,
    },
    /// Storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Why no test event arrived.
#[derive(Debug, Error)]
pub enum SendTestError {
    /// There is no such endpoint.
    #[error("there is no endpoint {0}")]
    NotFound(WebhookId),
    /// The endpoint did not take it.
    #[error("{0}")]
    Failed(NotifyError),
    /// Storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Why nothing was sent again.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// There is no such endpoint.
    #[error("there is no endpoint {0}")]
    NotFound(WebhookId),
    /// The message is not one of the endpoint's, or was not given up.
    #[error("the endpoint has no message {0} that was given up")]
    NoSuchMessage(NotificationId),
    /// Storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// An endpoint to be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEndpoint {
    /// Where it is.
    pub url: WebhookUrl,
    /// The events it wants; all where neither these nor subtypes are named.
    pub event_types: Vec<EventType>,
    /// The finer kinds of events that it wants beside those.
    pub event_subtypes: Vec<EventSubtype>,
    /// Whether it hears of what is for staff only.
    pub includes_internal: bool,
    /// What its messages have beside the headers of every message.
    pub headers: WebhookHeaders,
    /// What it is for.
    pub description: Option<Line<200>>,
}

/// What is to change of the headers of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderChange {
    /// All of them go.
    RemoveAll,
    /// These are set, or removed where there is no value; others stay.
    Each(Vec<(HeaderName, Option<HeaderValue>)>),
}

impl HeaderChange {
    fn apply(self, headers: &mut WebhookHeaders) -> Result<(), TooManyHeaders> {
        let Self::Each(changes) = self else {
            *headers = WebhookHeaders::default();
            return Ok(());
        };
        // What goes makes room for what comes.
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

/// What is to change of an endpoint; what is `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EndpointChange {
    /// Where it is.
    pub url: Option<WebhookUrl>,
    /// The types and the finer kinds of events it wants; all where none is named.
    pub events: Option<(Vec<EventType>, Vec<EventSubtype>)>,
    /// Whether it hears of what is for staff only.
    pub includes_internal: Option<bool>,
    /// Its headers.
    pub headers: Option<HeaderChange>,
    /// What it is for.
    pub description: Option<Option<Line<200>>>,
    /// Whether it gets messages.
    pub is_enabled: Option<bool>,
}

/// An endpoint with its secret, to be shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The endpoint.
    pub endpoint: WebhookEndpoint,
    /// Its secret: `whsec_` and Base64 (Standard Webhooks 1.0).
    pub secret: String,
}

/// Manages the endpoints of other systems.
#[derive(Clone)]
pub struct ManageWebhooks {
    /// Where endpoints are kept.
    pub endpoints: Arc<dyn WebhookRepository>,
    /// Where what is done is written down with it.
    pub acts: Arc<dyn AuditedStore>,
    /// Where their messages are.
    pub notifications: Arc<dyn NotificationRepository>,
    /// Says which URLs may be called.
    pub guard: Arc<dyn WebhookGuard>,
    /// Delivers test events.
    pub channel: Arc<dyn Notifier>,
    /// Hears of changes.
    pub known: EndpointCache,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Draws ids and secrets.
    pub ids: Arc<dyn IdGenerator>,
}

impl ManageWebhooks {
    /// Registers an endpoint, which hears of events from now on.
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

    /// All endpoints, the oldest first.
    pub async fn list(&self) -> Result<Vec<WebhookEndpoint>, RepositoryError> {
        self.endpoints.list_endpoints().await
    }

    /// An endpoint.
    pub async fn get(&self, id: WebhookId) -> Result<WebhookEndpoint, WebhookError> {
        self.endpoints.find_endpoint(id).await?.ok_or(WebhookError::NotFound(id))
    }

    /// Changes an endpoint. One that is enabled again gets what happens from now on; what was given
    /// up meanwhile can be [replayed](Self::replay_since).
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
        self.keep(&endpoint, by, changed(&before, &endpoint)).await?;
        Ok(endpoint)
    }

    /// Gives an endpoint another secret. Messages are signed with the one before for 24 hours as
    /// well, however often that is done.
    pub async fn rotate_secret(
        &self,
        id: WebhookId,
        by: &Initiator,
    ) -> Result<Registered, WebhookError> {
        for _ in 0..ROTATION_ATTEMPTS {
            let mut endpoint = self.get(id).await?;
            let (now, before) = (self.clock.now(), endpoint.secret.clone());
            let secret = WebhookSecret::from_bytes(self.ids.secret());
            endpoint.rotate_secret(secret, now, now.plus(OVERLAP));
            if endpoint.previous_secrets.len() > MOST_PREVIOUS_SECRETS {
                let oldest = endpoint.previous_secrets.last();
                let until = oldest.map_or(now, |(_, until)| *until);
                return Err(WebhookError::TooManySecrets { retry_after: until.since(now) });
            }
            let act = Act::new(AuditAction::WebhookSecretRotated).to(id).touched("secret");
            let acts = self.acts.webhooks(self.record(by, act));
            if acts.replace_secret(&before, &endpoint).await? {
                self.known.forget();
                return Ok(Registered { secret: secret_text(&endpoint.secret), endpoint });
            }
        }
        Err(RepositoryError::Conflict.into())
    }

    /// Removes an endpoint, and cancels the messages that wait for it.
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

    /// Sends an endpoint an event of the type `webhook.test`, once and at once.
    pub async fn send_test(&self, id: WebhookId) -> Result<(), SendTestError> {
        if self.endpoints.find_endpoint(id).await?.is_none() {
            return Err(SendTestError::NotFound(id));
        }
        let now = self.clock.now();
        // Nothing of the message shows the number, which belongs to no case.
        let case_number = CaseNumber::new(CaseNumberPrefix::default(), now.year(), 1)
            .map_err(RepositoryError::internal)?;
        let body = json!({ "type": "webhook.test", "timestamp": now.to_string(), "data": {} });
        let test = Notification {
            id: NotificationId::from_u128(self.ids.next_id()),
            case_number,
            template: Template::CaseEvent,
            address: Address::Webhook(id),
            snapshot: body.to_string(),
            access: CustomerAccess::default(),
            gathered: Vec::new(),
        };
        self.channel.deliver(&test).await.map_err(SendTestError::Failed)
    }

    /// Sends one message of an endpoint again that was given up or cancelled.
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

    /// Sends all messages of an endpoint again that were given up since a time; says how many.
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

    /// Whoever registers a URL again would get every event twice.
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

    fn record(&self, by: &Initiator, act: Act) -> AuditRecord {
        AuditRecorder::new(Arc::clone(&self.clock), Arc::clone(&self.ids)).record(by, act)
    }

    async fn keep(
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
    fn a_secret_is_shown_as_standard_webhooks_has_it() {
        let secret = WebhookSecret::from_bytes(std::array::from_fn(|i| u8::try_from(i).unwrap()));
        assert_eq!(secret_text(&secret), "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    }
}
