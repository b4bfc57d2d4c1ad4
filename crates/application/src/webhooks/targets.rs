use std::sync::Arc;

use engage_domain::notify::WebhookTarget;
use engage_repository::RepositoryError;

use super::current_targets::CurrentTargets;
use super::endpoint_cache::EndpointCache;

/// Source of the endpoints that receive events.
///
/// ```
/// # use std::sync::Arc;
/// use engage_application::{EndpointCache, WebhookTargets};
/// use engage_repository::{DirectoryRepository, WebhookRepository};
/// # use engage_sqlite::SqliteStore;
/// use engage_testkit::builders::an_endpoint;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// let endpoint = an_endpoint();
/// store.add_endpoint(&endpoint).await?;
///
/// let targets = WebhookTargets::from(EndpointCache::new(store.clone(), store.clone()));
/// let current = targets.current().await?;
/// assert_eq!(current.endpoints[..], [endpoint.target()]);
/// assert_eq!(current.directory, Some(store.directory_version().await?));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct WebhookTargets(Source);

#[derive(Clone)]
enum Source {
    Fixed(Arc<[WebhookTarget]>),
    Known(EndpointCache),
}

impl From<Vec<WebhookTarget>> for WebhookTargets {
    /// Uses a fixed list of endpoints.
    fn from(targets: Vec<WebhookTarget>) -> Self {
        Self(Source::Fixed(targets.into()))
    }
}

impl From<EndpointCache> for WebhookTargets {
    /// Uses the enabled registered endpoints.
    fn from(endpoints: EndpointCache) -> Self {
        Self(Source::Known(endpoints))
    }
}

impl WebhookTargets {
    /// Returns the endpoints that receive events and the version of the directory. Whatever is read
    /// from the directory after this call is at least as new as that version.
    pub async fn current(&self) -> Result<CurrentTargets, RepositoryError> {
        match &self.0 {
            Source::Fixed(targets) => {
                Ok(CurrentTargets { endpoints: Arc::clone(targets), directory: None })
            }
            Source::Known(endpoints) => endpoints.targets().await,
        }
    }

    /// Reloads the endpoints on the next call, after a commit was refused because of an outdated
    /// directory.
    pub(crate) fn forget(&self) {
        if let Source::Known(endpoints) = &self.0 {
            endpoints.forget();
        }
    }
}
