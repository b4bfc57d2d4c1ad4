use std::sync::Arc;

use async_trait::async_trait;
use engage_domain::WebhookId;
use engage_environment::Clock;
use engage_notifier::{NotifyError, WebhookDestination, WebhookDirectory};

use super::EndpointCache;

/// Provides the webhook channel with the URLs and secrets of registered endpoints.
///
/// ```
/// # use std::sync::Arc;
/// use engage_application::{EndpointCache, EndpointDirectory};
/// use engage_domain::WebhookId;
/// use engage_notifier::{NotifyError, WebhookDirectory};
/// use engage_repository::WebhookRepository;
/// # use engage_sqlite::SqliteStore;
/// use engage_testkit::builders::an_endpoint;
/// # use engage_testkit::ManualClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (store, clock) = (Arc::new(SqliteStore::in_memory()?), Arc::new(ManualClock::new()));
/// let endpoint = an_endpoint();
/// store.add_endpoint(&endpoint).await?;
///
/// let cache = EndpointCache::new(store.clone(), store);
/// let directory = EndpointDirectory::new(cache, clock);
/// assert_eq!(directory.find_destination(endpoint.id).await?.url, endpoint.url);
/// let unknown = directory.find_destination(WebhookId::from_u128(7)).await;
/// assert!(matches!(unknown, Err(NotifyError::Rejected { .. })));
/// # Ok(())
/// # }
/// ```
pub struct EndpointDirectory {
    endpoints: EndpointCache,
    clock: Arc<dyn Clock>,
}

impl EndpointDirectory {
    /// Creates the directory.
    pub fn new(endpoints: EndpointCache, clock: Arc<dyn Clock>) -> Self {
        Self { endpoints, clock }
    }
}

#[async_trait]
impl WebhookDirectory for EndpointDirectory {
    async fn find_destination(&self, id: WebhookId) -> Result<WebhookDestination, NotifyError> {
        match self.endpoints.find(id).await {
            Ok(Some(endpoint)) if endpoint.is_enabled() => Ok(WebhookDestination {
                secrets: endpoint.secrets_at(self.clock.now()),
                includes_internal: endpoint.includes_internal,
                headers: endpoint.headers,
                url: endpoint.url,
            }),
            Ok(Some(_)) => Err(NotifyError::rejected("the endpoint is disabled")),
            Ok(None) => Err(NotifyError::rejected("the endpoint is no longer registered")),
            Err(_) => Err(NotifyError::transient("the endpoint cannot be looked up at the moment")),
        }
    }
}
