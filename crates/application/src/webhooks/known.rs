use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engage_domain::{WebhookEndpoint, WebhookId, WebhookTarget};
use engage_repository::{RepositoryError, WebhookRepository};
use tokio::time::Instant;

/// For how long the list of endpoints is believed: a change of another process is heard of so late.
const FRESH: Duration = Duration::from_secs(2);

/// The endpoints that are kept, read anew every 2 seconds, so that neither a change of a case nor a
/// delivery need wait for them.
#[derive(Clone)]
pub struct KnownEndpoints {
    endpoints: Arc<dyn WebhookRepository>,
    known: Arc<Mutex<Option<Known>>>,
}

#[derive(Clone)]
struct Known {
    endpoints: Arc<[WebhookEndpoint]>,
    targets: Arc<[WebhookTarget]>,
    since: Instant,
}

impl KnownEndpoints {
    /// Knows those that are kept there.
    pub fn new(endpoints: Arc<dyn WebhookRepository>) -> Self {
        Self { endpoints, known: Arc::default() }
    }

    /// Forgets what was read, after this process changed an endpoint.
    pub fn forget(&self) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The one of this id; `None` where there is none.
    pub(crate) async fn find(
        &self,
        id: WebhookId,
    ) -> Result<Option<WebhookEndpoint>, RepositoryError> {
        let known = self.known().await?;
        if let Some(endpoint) = known.endpoints.iter().find(|endpoint| endpoint.id == id) {
            return Ok(Some(endpoint.clone()));
        }
        // It may be newer than what was read.
        self.endpoints.find_endpoint(id).await
    }

    /// Those that hear of events.
    pub(super) async fn targets(&self) -> Result<Arc<[WebhookTarget]>, RepositoryError> {
        Ok(self.known().await?.targets)
    }

    async fn known(&self) -> Result<Known, RepositoryError> {
        let now = Instant::now();
        if let Some(known) = &*self.known.lock().unwrap_or_else(PoisonError::into_inner)
            && now < known.since + FRESH
        {
            return Ok(known.clone());
        }
        let endpoints: Arc<[_]> = self.endpoints.list_endpoints().await?.into();
        let enabled = endpoints.iter().filter(|endpoint| endpoint.is_enabled());
        let targets = enabled.map(WebhookEndpoint::target).collect();
        let read = Known { endpoints, targets, since: now };
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(read.clone());
        Ok(read)
    }
}
