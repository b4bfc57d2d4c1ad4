use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use engage_domain::TagId;
use engage_repository::{RepositoryError, TagRepository};
use tokio::sync::Mutex;
use tokio::time::Instant;
use tracing::warn;

/// Age above which counts are refreshed.
const LIFETIME: Duration = Duration::from_mins(1);

type Counts = Arc<HashMap<TagId, u64>>;

/// Numbers of active cases of the tags. They are counted anew in the background once they are older
/// than a minute, because that reads all active cases.
#[derive(Clone)]
pub(super) struct TagCounts {
    tags: Arc<dyn TagRepository>,
    latest: Arc<Mutex<Option<(Instant, Counts)>>>,
    is_counting: Arc<AtomicBool>,
}

impl TagCounts {
    pub(super) fn new(tags: Arc<dyn TagRepository>) -> Self {
        Self { tags, latest: Arc::default(), is_counting: Arc::default() }
    }

    /// Returns the latest counts. Only the first caller has to wait for them.
    pub(super) async fn get(&self) -> Result<Counts, RepositoryError> {
        let mut latest = self.latest.lock().await;
        if let Some((counted_at, counts)) = &*latest {
            if counted_at.elapsed() >= LIFETIME {
                self.count_in_the_background();
            }
            return Ok(Arc::clone(counts));
        }
        let counted = (Instant::now(), self.count().await?);
        Ok(Arc::clone(&latest.insert(counted).1))
    }

    fn count_in_the_background(&self) {
        if self.is_counting.swap(true, Ordering::Relaxed) {
            return;
        }
        let this = self.clone();
        tokio::spawn(async move {
            let begun_at = Instant::now();
            match this.count().await {
                Ok(counts) => *this.latest.lock().await = Some((begun_at, counts)),
                Err(error) => warn!(cause = error.causes(), "failed to count the cases of tags"),
            }
            this.is_counting.store(false, Ordering::Relaxed);
        });
    }

    async fn count(&self) -> Result<Counts, RepositoryError> {
        Ok(Arc::new(self.tags.count_tagged_cases().await?.into_iter().collect()))
    }
}
