use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engage_domain::{
    Address, NotificationId, Role, StaffMember, Template, WebhookEndpoint, WebhookId,
};
use engage_notifier::{DisabledEndpoint, Snapshot};
use engage_repository::{
    ClaimedMessage, EndpointNotice, OutboxMessage, RepositoryError, StaffRepository,
    WebhookRepository,
};
use tokio::time::Instant;
use tracing::error;

use super::EndpointCache;
use crate::environment::{Clock, IdGenerator};

/// For how long an endpoint may do nothing but fail before it is disabled.
const LONGEST_FAILURE: Duration = Duration::from_hours(5 * 24);

/// How often a success is written down: it matters only to days of failures.
const NOTED: Duration = Duration::from_mins(1);

/// Keeps how endpoints do, disables those that are gone, and has administrators told of it.
#[derive(Clone)]
pub struct EndpointHealth {
    /// Where endpoints are kept.
    pub endpoints: Arc<dyn WebhookRepository>,
    /// Hears of changes.
    pub known: EndpointCache,
    /// Where the administrators are.
    pub staff: Arc<dyn StaffRepository>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Draws the ids of messages.
    pub ids: Arc<dyn IdGenerator>,
    /// When the last success of an endpoint was written down.
    pub noted: SuccessesNoted,
}

/// When the last success of each endpoint was written down.
#[derive(Clone, Default)]
pub struct SuccessesNoted(Arc<Mutex<HashMap<WebhookId, Instant>>>);

impl EndpointHealth {
    pub(crate) async fn succeeded(&self, id: WebhookId) -> Result<(), RepositoryError> {
        let now = Instant::now();
        if self.with_noted(|noted| noted.get(&id).is_some_and(|at| now < *at + NOTED)) {
            return Ok(());
        }
        self.endpoints.note_delivery(id, true).await?;
        self.with_noted(|noted| noted.insert(id, now));
        Ok(())
    }

    /// Notes that an endpoint failed to take a message.
    pub(crate) async fn failed(
        &self,
        id: WebhookId,
        message: &ClaimedMessage,
    ) -> Result<(), RepositoryError> {
        self.with_noted(|noted| noted.remove(&id));
        let failing = self.endpoints.note_delivery(id, false).await?;
        if failing < LONGEST_FAILURE {
            return Ok(());
        }
        let days = LONGEST_FAILURE.as_secs() / 86_400;
        self.disable(id, &format!("it has done nothing but fail for {days} days"), message).await
    }

    /// Disables an endpoint for what became of a message; what still waits for it is given up when
    /// its turn comes.
    pub(crate) async fn disable(
        &self,
        id: WebhookId,
        reason: &str,
        message: &ClaimedMessage,
    ) -> Result<(), RepositoryError> {
        let found = self.endpoints.find_endpoint(id).await?;
        let Some(endpoint) = found.filter(WebhookEndpoint::is_enabled) else {
            return Ok(());
        };
        let now = self.clock.now();
        let disabled = DisabledEndpoint {
            id,
            url: endpoint.url.to_string(),
            reason: reason.to_owned(),
            since: now,
        };
        let notice = self.notice(message, disabled).await?;
        if self.endpoints.disable_endpoint(id, reason, now, notice).await? {
            error!(endpoint = %id, reason, "the endpoint is disabled");
            self.known.forget();
        }
        Ok(())
    }

    async fn notice(
        &self,
        message: &ClaimedMessage,
        endpoint: DisabledEndpoint,
    ) -> Result<EndpointNotice, RepositoryError> {
        let snapshot: Snapshot =
            serde_json::from_str(&message.snapshot).map_err(RepositoryError::internal)?;
        // Whoever hears of the endpoint need not know whom the case is about, and this is kept apart from
        // what is erased with a case.
        let snapshot = Snapshot { disabled_endpoint: Some(endpoint), ..snapshot.erased() };
        let staff = self.staff.list_staff().await?;
        let admins = staff.into_iter().filter(StaffMember::is_active);
        let admins = admins.filter(|member| member.role == Role::Admin);
        Ok(EndpointNotice {
            about: message.id,
            snapshot: serde_json::to_string(&snapshot).map_err(RepositoryError::internal)?,
            messages: admins.map(|admin| self.notice_to(Address::Email(admin.email))).collect(),
        })
    }

    fn notice_to(&self, address: Address) -> OutboxMessage {
        let id = NotificationId::from_u128(self.ids.next_id());
        OutboxMessage { id, template: Template::EndpointDisabledStaff, address }
    }

    fn with_noted<T>(&self, change: impl FnOnce(&mut HashMap<WebhookId, Instant>) -> T) -> T {
        change(&mut self.noted.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
