use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engage_domain::{WebhookEndpoint, WebhookTarget};
use engage_repository::{RepositoryError, WebhookRepository};
use tokio::time::Instant;

/// For how long the list of endpoints is believed: a change of another process is heard of so late.
const FRESH: Duration = Duration::from_secs(2);

/// The endpoints that hear of events.
#[derive(Clone)]
pub struct WebhookTargets(Source);

#[derive(Clone)]
enum Source {
    Fixed(Arc<[WebhookTarget]>),
    Kept { endpoints: Arc<dyn WebhookRepository>, known: Arc<Mutex<Option<Known>>> },
}

struct Known {
    targets: Arc<[WebhookTarget]>,
    since: Instant,
}

impl From<Vec<WebhookTarget>> for WebhookTargets {
    /// Always these.
    fn from(targets: Vec<WebhookTarget>) -> Self {
        Self(Source::Fixed(targets.into()))
    }
}

impl WebhookTargets {
    /// The enabled endpoints that are kept there. They are read anew every 2 seconds, so that a
    /// change of a case need not wait for them.
    pub fn kept_in(endpoints: Arc<dyn WebhookRepository>) -> Self {
        Self(Source::Kept { endpoints, known: Arc::default() })
    }

    /// Forgets what was read, after this process changed an endpoint.
    pub fn forget(&self) {
        if let Source::Kept { known, .. } = &self.0 {
            *known.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    /// Those that hear of an event now.
    pub async fn current(&self) -> Result<Arc<[WebhookTarget]>, RepositoryError> {
        let (endpoints, known) = match &self.0 {
            Source::Fixed(targets) => return Ok(Arc::clone(targets)),
            Source::Kept { endpoints, known } => (endpoints, known),
        };
        let now = Instant::now();
        if let Some(known) = &*known.lock().unwrap_or_else(PoisonError::into_inner)
            && now < known.since + FRESH
        {
            return Ok(Arc::clone(&known.targets));
        }
        let all = endpoints.list_endpoints().await?;
        let enabled = all.iter().filter(|endpoint| endpoint.is_enabled());
        let targets: Arc<[_]> = enabled.map(WebhookEndpoint::target).collect();
        let read = Known { targets: Arc::clone(&targets), since: now };
        *known.lock().unwrap_or_else(PoisonError::into_inner) = Some(read);
        Ok(targets)
    }
}
