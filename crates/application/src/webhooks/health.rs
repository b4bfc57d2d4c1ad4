use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engage_domain::{EndpointState, WebhookId};
use engage_repository::{RepositoryError, WebhookRepository};
use tokio::time::Instant;

use crate::environment::Clock;

/// For how long an endpoint may do nothing but fail before it is disabled.
const LONGEST_FAILURE: Duration = Duration::from_hours(5 * 24);

/// How often a success is written down: it matters only to days of failures.
const NOTED: Duration = Duration::from_mins(1);

/// Keeps how endpoints do, and disables those that are gone.
#[derive(Clone)]
pub struct EndpointHealth {
    endpoints: Arc<dyn WebhookRepository>,
    clock: Arc<dyn Clock>,
    noted: Arc<Mutex<HashMap<WebhookId, Instant>>>,
}

impl EndpointHealth {
    /// Keeps it with the endpoints.
    pub fn new(endpoints: Arc<dyn WebhookRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { endpoints, clock, noted: Arc::default() }
    }

    pub(crate) async fn succeeded(&self, id: WebhookId) -> Result<(), RepositoryError> {
        let now = Instant::now();
        if self.with_noted(|noted| noted.get(&id).is_some_and(|at| now < *at + NOTED)) {
            return Ok(());
        }
        self.endpoints.note_delivery(id, true).await?;
        self.with_noted(|noted| noted.insert(id, now));
        Ok(())
    }

    pub(crate) async fn failed(&self, id: WebhookId) -> Result<(), RepositoryError> {
        self.with_noted(|noted| noted.remove(&id));
        let failing = self.endpoints.note_delivery(id, false).await?;
        if failing < LONGEST_FAILURE {
            return Ok(());
        }
        let days = LONGEST_FAILURE.as_secs() / 86_400;
        self.disable(id, &format!("it has done nothing but fail for {days} days")).await
    }

    /// Disables an endpoint; what still waits for it is given up when its turn comes.
    pub(crate) async fn disable(&self, id: WebhookId, reason: &str) -> Result<(), RepositoryError> {
        let found = self.endpoints.find_endpoint(id).await?;
        let Some(mut endpoint) = found.filter(engage_domain::WebhookEndpoint::is_enabled) else {
            return Ok(());
        };
        tracing::error!(endpoint = %id, reason, "the endpoint is disabled");
        endpoint.state =
            EndpointState::Disabled { reason: reason.to_owned(), since: self.clock.now() };
        self.endpoints.update_endpoint(&endpoint).await.map(drop)
    }

    fn with_noted<T>(&self, change: impl FnOnce(&mut HashMap<WebhookId, Instant>) -> T) -> T {
        change(&mut self.noted.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
