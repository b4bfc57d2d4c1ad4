use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engage_repository::{CaseFilter, CaseQueries, ListSize, RepositoryError};
use tokio::time::{Instant, timeout};

/// For how long the total of a large list is given out again.
const LIFETIME: Duration = Duration::from_secs(5);

/// How long a count may take: as long as the longest request. One that never ends must not keep
/// others from counting again.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many totals are kept before those that are too old are swept out.
const SWEEP_ABOVE: usize = 256;

/// A count and when it was begun.
#[derive(Clone, Copy)]
struct Count {
    total: u64,
    begun_at: Instant,
}

impl Count {
    /// Whether the count is true for somebody who asks for it now and began to ask at a time.
    fn holds_for(self, asked_at: Instant) -> bool {
        let is_large = ListSize::of(self.total) != ListSize::Small;
        self.begun_at >= asked_at || (is_large && self.begun_at.elapsed() < LIFETIME)
    }
}

type Entry = Arc<tokio::sync::Mutex<Option<Count>>>;

/// How long lists are. Counting a long list takes long, so its total is kept for a while, and those
/// who ask for the same total at once share one count.
pub(super) struct Totals {
    queries: Arc<dyn CaseQueries>,
    entries: Mutex<HashMap<CaseFilter, Entry>>,
}

impl Totals {
    pub(super) fn new(queries: Arc<dyn CaseQueries>) -> Self {
        Self { queries, entries: Mutex::default() }
    }

    pub(super) async fn of(&self, filter: &CaseFilter) -> Result<u64, RepositoryError> {
        let asked_at = Instant::now();
        let entry = self.entry(filter);
        let mut latest = entry.lock().await;
        if let Some(count) = latest.filter(|count| count.holds_for(asked_at)) {
            return Ok(count.total);
        }
        let begun_at = Instant::now();
        let counting = timeout(PATIENCE, self.queries.count_cases(filter)).await;
        let total = counting.map_err(RepositoryError::unavailable)??;
        *latest = Some(Count { total, begun_at });
        Ok(total)
    }

    fn entry(&self, filter: &CaseFilter) -> Entry {
        // The map is whole after every statement below, so a panic elsewhere leaves it usable.
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

/// Whether an entry may still answer somebody: it is being counted, or is not too old.
fn is_of_use(entry: &Entry) -> bool {
    match entry.try_lock() {
        Ok(count) => count.is_some_and(|count| count.begun_at.elapsed() < LIFETIME),
        Err(_) => true,
    }
}
