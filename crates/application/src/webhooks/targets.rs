use std::sync::Arc;

use engage_domain::WebhookTarget;
use engage_repository::RepositoryError;

use super::current_targets::CurrentTargets;
use super::endpoint_cache::EndpointCache;

/// The endpoints that hear of events.
#[derive(Clone)]
pub struct WebhookTargets(Source);

#[derive(Clone)]
enum Source {
    Fixed(Arc<[WebhookTarget]>),
    Known(EndpointCache),
}

impl From<Vec<WebhookTarget>> for WebhookTargets {
    /// Always these.
    fn from(targets: Vec<WebhookTarget>) -> Self {
        Self(Source::Fixed(targets.into()))
    }
}

impl From<EndpointCache> for WebhookTargets {
    /// Those that are enabled.
    fn from(endpoints: EndpointCache) -> Self {
        Self(Source::Known(endpoints))
    }
}

impl WebhookTargets {
    /// Those that hear of an event now, with the version of the directory: what is read of the
    /// directory from now on is at least as new.
    pub async fn current(&self) -> Result<CurrentTargets, RepositoryError> {
        match &self.0 {
            Source::Fixed(targets) => {
                Ok(CurrentTargets { endpoints: Arc::clone(targets), directory: None })
            }
            Source::Known(endpoints) => endpoints.targets().await,
        }
    }

    /// Has them read anew, after a commit was refused for the version of the directory.
    pub(crate) fn forget(&self) {
        if let Source::Known(endpoints) = &self.0 {
            endpoints.forget();
        }
    }
}
