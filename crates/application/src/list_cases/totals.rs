use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engage_repository::{CaseFilter, CaseQueries, ListSize, RepositoryError};
use tokio::time::{Instant, timeout};

/// Time for which the total of a large list is cached.
const LIFETIME: Duration = Duration::from_secs(5);

/// Timeout of a count, equal to the maximum duration of a request. Without it, a count that hangs
/// would block all later counts of the same list.
const PATIENCE: Duration = Duration::from_secs(5);

/// Number of cached totals above which expired ones are removed.
const SWEEP_ABOVE: usize = 256;

/// A count and the time it was started.
#[derive(Clone, Copy)]
struct Count {
    total: u64,
    begun_at: Instant,
}

impl Count {
    /// Checks whether the count may be used by a caller who has been waiting since `requested_at`.
    fn holds_for(self, requested_at: Instant) -> bool {
        let is_large = ListSize::of(self.total) != ListSize::Small;
        self.begun_at >= requested_at || (is_large && self.begun_at.elapsed() < LIFETIME)
    }
}

type Entry = Arc<tokio::sync::Mutex<Option<Count>>>;

/// Cached totals of lists. Because counting a long list is slow, its total is cached for a while,
/// and concurrent callers share one count.
pub(super) struct Totals {
    queries: Arc<dyn CaseQueries>,
    entries: Mutex<HashMap<CaseFilter, Entry>>,
}

impl Totals {
    pub(super) fn new(queries: Arc<dyn CaseQueries>) -> Self {
        Self { queries, entries: Mutex::default() }
    }

    pub(super) async fn of(&self, filter: &CaseFilter) -> Result<u64, RepositoryError> {
        let requested_at = Instant::now();
        let entry = self.entry(filter);
        let mut latest = entry.lock().await;
        if let Some(count) = latest.filter(|count| count.holds_for(requested_at)) {
            return Ok(count.total);
        }
        let begun_at = Instant::now();
        let counting = timeout(PATIENCE, self.queries.count_cases(filter)).await;
        let total = counting.map_err(RepositoryError::unavailable)??;
        *latest = Some(Count { total, begun_at });
        Ok(total)
    }

    fn entry(&self, filter: &CaseFilter) -> Entry {
        // Each statement below leaves the map consistent, so a panic elsewhere does no harm.
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.get(filter) {
            return Arc::clone(entry);
        }
        if entries.len() >= SWEEP_ABOVE {
            entries.retain(|_, entry| is_of_use(entry));
        }
        Arc::clone(entries.entry(filter.clone()).or_default())
    }
}

/// Checks whether an entry is still useful: its count is in progress or has not expired.
fn is_of_use(entry: &Entry) -> bool {
    match entry.try_lock() {
        Ok(count) => count.is_some_and(|count| count.begun_at.elapsed() < LIFETIME),
        Err(_) => true,
    }
}
