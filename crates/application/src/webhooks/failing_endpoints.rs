use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engage_domain::webhook::WebhookEndpoint;
use engage_domain::{Address, NotificationId, Permission, StaffMember, Template, WebhookId};
use engage_environment::{Clock, IdGenerator};
use engage_notifier::{DisabledEndpoint, Snapshot};
use engage_repository::{
    ClaimedMessage, EndpointNotice, OutboxMessage, RepositoryError, StaffRepository,
    WebhookRepository,
};
use tokio::time::Instant;
use tracing::error;

use super::EndpointCache;

/// Time for which an endpoint may fail continuously before it is disabled.
const LONGEST_FAILURE: Duration = Duration::from_hours(5 * 24);

/// Minimum time between two records of a success, which is precise enough to detect days of
/// failure.
const NOTED: Duration = Duration::from_mins(1);

/// Monitors webhook endpoints, disables those that fail permanently and notifies the
/// administrators.
#[derive(Clone)]
pub struct EndpointHealth {
    /// Stored endpoints.
    pub endpoints: Arc<dyn WebhookRepository>,
    /// Cache to invalidate after a change.
    pub known: EndpointCache,
    /// Members of staff, among them the administrators.
    pub staff: Arc<dyn StaffRepository>,
    /// Source of the current time.
    pub clock: Arc<dyn Clock>,
    /// Source of notification ids.
    pub ids: Arc<dyn IdGenerator>,
    /// Times at which successes were last recorded.
    pub noted: SuccessesNoted,
}

/// Time at which the last success of each endpoint was recorded.
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

    /// Records that a delivery to an endpoint failed, and disables it after 5 days of failures.
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
        self.disable(id, &format!("every delivery has failed for {days} days"), message).await
    }

    /// Disables an endpoint after a failed delivery. Its pending notifications become dead letters
    /// at their next attempt.
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
            error!(endpoint = %id, reason, "disabled a webhook endpoint that kept failing");
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
        // The administrators need no personal data of the case. The notice would also survive an
        // erasure of the case.
        let snapshot = Snapshot { disabled_endpoint: Some(endpoint), ..snapshot.erased() };
        let staff = self.staff.list_staff().await?;
        let admins = staff.into_iter().filter(StaffMember::is_active);
        let admins = admins.filter(|member| member.may(Permission::ManageWebhooks));
        Ok(EndpointNotice {
            about: message.id,
            snapshot: serde_json::to_string(&snapshot).map_err(RepositoryError::internal)?,
            messages: admins.map(|admin| self.notice_to(Address::Email(admin.email))).collect(),
        })
    }

    fn notice_to(&self, address: Address) -> OutboxMessage {
        let id = NotificationId::from_u128(self.ids.next_id());
        OutboxMessage { id, template: Template::EndpointDisabledStaff, address, person: None }
    }

    fn with_noted<T>(&self, change: impl FnOnce(&mut HashMap<WebhookId, Instant>) -> T) -> T {
        change(&mut self.noted.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
