use std::sync::Arc;

use engage_domain::WebhookTarget;
use engage_repository::RepositoryError;

use super::KnownEndpoints;

/// The endpoints that hear of events.
#[derive(Clone)]
pub struct WebhookTargets(Source);

#[derive(Clone)]
enum Source {
    Fixed(Arc<[WebhookTarget]>),
    Known(KnownEndpoints),
}

impl From<Vec<WebhookTarget>> for WebhookTargets {
    /// Always these.
    fn from(targets: Vec<WebhookTarget>) -> Self {
        Self(Source::Fixed(targets.into()))
    }
}

impl From<KnownEndpoints> for WebhookTargets {
    /// Those that are enabled.
    fn from(endpoints: KnownEndpoints) -> Self {
        Self(Source::Known(endpoints))
    }
}

impl WebhookTargets {
    /// Those that hear of an event now.
    pub async fn current(&self) -> Result<Arc<[WebhookTarget]>, RepositoryError> {
        match &self.0 {
            Source::Fixed(targets) => Ok(Arc::clone(targets)),
            Source::Known(endpoints) => endpoints.targets().await,
        }
    }
}
