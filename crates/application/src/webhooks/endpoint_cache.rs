use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use engage_domain::WebhookId;
use engage_domain::webhook::WebhookEndpoint;
use engage_repository::{DirectoryRepository, RepositoryError, WebhookRepository};
use tokio::time::Instant;

use super::current_targets::CurrentTargets;

/// Lifetime of the cached list, and so the maximum delay until changes by other processes become
/// visible.
const FRESH: Duration = Duration::from_secs(2);

/// Webhook endpoints, cached for 2 seconds, so that changes and deliveries do not wait for the
/// database.
///
/// A delivery may use an outdated endpoint for that long. A change to a case may not: it is
/// committed with the [`DirectoryVersion`](engage_repository::DirectoryVersion) that was read
/// before the endpoints, and the commit is refused if that version is outdated.
#[derive(Clone)]
pub struct EndpointCache {
    endpoints: Arc<dyn WebhookRepository>,
    directory: Arc<dyn DirectoryRepository>,
    memory: Arc<Mutex<Memory>>,
}

#[derive(Default)]
struct Memory {
    known: Option<CachedEndpoints>,
    /// Number of invalidations. A list that was read during one may be outdated and is not cached.
    forgotten: u64,
}

#[derive(Clone)]
struct CachedEndpoints {
    endpoints: Arc<[WebhookEndpoint]>,
    targets: CurrentTargets,
    since: Instant,
}

impl EndpointCache {
    /// Creates an empty cache.
    pub fn new(
        endpoints: Arc<dyn WebhookRepository>,
        directory: Arc<dyn DirectoryRepository>,
    ) -> Self {
        Self { endpoints, directory, memory: Arc::default() }
    }

    /// Invalidates the cache after a change to an endpoint or the directory.
    pub fn forget(&self) {
        let mut memory = self.memory();
        memory.known = None;
        memory.forgotten += 1;
    }

    /// Returns an endpoint, or `None` if there is none with this id.
    pub(crate) async fn find(
        &self,
        id: WebhookId,
    ) -> Result<Option<WebhookEndpoint>, RepositoryError> {
        let known = self.known().await?;
        if let Some(endpoint) = known.endpoints.iter().find(|endpoint| endpoint.id == id) {
            return Ok(Some(endpoint.clone()));
        }
        // It may be newer than the cached list.
        self.endpoints.find_endpoint(id).await
    }

    /// Returns the endpoints that receive events.
    pub(super) async fn targets(&self) -> Result<CurrentTargets, RepositoryError> {
        Ok(self.known().await?.targets)
    }

    async fn known(&self) -> Result<CachedEndpoints, RepositoryError> {
        let now = Instant::now();
        let forgotten = {
            let memory = self.memory();
            if let Some(known) = memory.known.as_ref().filter(|known| now < known.since + FRESH) {
                return Ok(known.clone());
            }
            memory.forgotten
        };
        // Read before the endpoints: a change in between makes the version outdated, not the list.
        let version = self.directory.directory_version().await?;
        let endpoints: Arc<[_]> = self.endpoints.list_endpoints().await?.into();
        let enabled = endpoints.iter().filter(|endpoint| endpoint.is_enabled());
        let targets = enabled.map(WebhookEndpoint::target).collect();
        let targets = CurrentTargets { endpoints: targets, directory: Some(version) };
        let read = CachedEndpoints { endpoints, targets, since: now };
        let mut memory = self.memory();
        if memory.forgotten == forgotten {
            memory.known = Some(read.clone());
        }
        Ok(read)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        // Each statement leaves the cache consistent, so a panic elsewhere does no harm.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use engage_domain::Timestamp;
    use engage_domain::webhook::{EndpointState, WebhookHeaders, WebhookSecret};
    use engage_repository::{DirectoryVersion, MockDirectoryRepository, MockWebhookRepository};

    use super::*;

    fn endpoint(id: u128, state: EndpointState) -> WebhookEndpoint {
        WebhookEndpoint {
            id: WebhookId::from_u128(id),
            url: "https://example.com/hooks".parse().unwrap(),
            description: None,
            event_types: Vec::new(),
            secret: WebhookSecret::from_bytes([1; 32]),
            event_subtypes: Vec::new(),
            includes_internal: true,
            headers: WebhookHeaders::default(),
            previous_secrets: Vec::new(),
            state,
            created_at: Timestamp::from_millis(0),
        }
    }

    fn disabled() -> EndpointState {
        EndpointState::Disabled { reason: "off".to_owned(), since: Timestamp::from_millis(0) }
    }

    fn directory() -> Arc<MockDirectoryRepository> {
        let mut directory = MockDirectoryRepository::new();
        directory.expect_directory_version().returning(|| Ok(DirectoryVersion(5)));
        Arc::new(directory)
    }

    /// A cache of an enabled and a disabled endpoint, and the number of times they were listed.
    fn two() -> (EndpointCache, Arc<AtomicUsize>) {
        let reads = Arc::new(AtomicUsize::new(0));
        let count = reads.clone();
        let mut endpoints = MockWebhookRepository::new();
        endpoints.expect_list_endpoints().returning(move || {
            count.fetch_add(1, Ordering::SeqCst);
            Ok(vec![endpoint(1, EndpointState::Enabled), endpoint(2, disabled())])
        });
        endpoints
            .expect_find_endpoint()
            .returning(|id| Ok((id.as_u128() == 3).then(|| endpoint(3, EndpointState::Enabled))));
        (EndpointCache::new(Arc::new(endpoints), directory()), reads)
    }

    #[tokio::test(start_paused = true)]
    async fn endpoints_are_read_every_two_seconds_and_after_a_change() {
        let (known, reads) = two();
        for (wait, expected) in [(0, 1), (1_999, 1), (1, 2)] {
            tokio::time::advance(Duration::from_millis(wait)).await;
            known.targets().await.unwrap();
            known.find(WebhookId::from_u128(2)).await.unwrap();
            assert_eq!(reads.load(Ordering::SeqCst), expected);
        }
        known.forget();
        known.targets().await.unwrap();
        assert_eq!(reads.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn only_enabled_endpoints_receive_events_but_all_are_found() {
        let (known, _) = two();
        let targets = known.targets().await.unwrap();
        let ids = targets.endpoints.iter().map(|target| target.id.as_u128());
        assert_eq!(ids.collect::<Vec<_>>(), [1]);
        assert_eq!(targets.directory, Some(DirectoryVersion(5)));
        for id in [1, 2, 3] {
            let found = known.find(WebhookId::from_u128(id)).await.unwrap();
            assert_eq!(found.unwrap().id.as_u128(), id, "the last one is newer than the list");
        }
        assert_eq!(known.find(WebhookId::from_u128(4)).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_list_read_before_a_change_is_not_cached() {
        let mut endpoints = MockWebhookRepository::new();
        let changes: Arc<Mutex<Option<EndpointCache>>> = Arc::default();
        let mut reads = 0;
        let during = changes.clone();
        endpoints.expect_list_endpoints().times(2).returning(move || {
            reads += 1;
            // The change happens after this read.
            let known = during.lock().unwrap().take();
            known.iter().for_each(EndpointCache::forget);
            let state = if reads == 1 { EndpointState::Enabled } else { disabled() };
            Ok(vec![endpoint(1, state)])
        });
        let known = EndpointCache::new(Arc::new(endpoints), directory());
        *changes.lock().unwrap() = Some(known.clone());
        assert_eq!(known.targets().await.unwrap().endpoints.len(), 1);
        assert_eq!(known.targets().await.unwrap().endpoints.len(), 0);
    }
}
