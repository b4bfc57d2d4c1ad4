use std::sync::Arc;

use engage_domain::WebhookTarget;
use engage_repository::{DirectoryVersion, RepositoryError};

use super::KnownEndpoints;

/// The endpoints that hear of events, as a change is planned by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentTargets {
    /// The endpoints.
    pub endpoints: Arc<[WebhookTarget]>,
    /// The version of the directory that they were read by, or an earlier one; none where they never
    /// change.
    pub directory: Option<DirectoryVersion>,
}

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
