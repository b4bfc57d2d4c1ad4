//! Live feed of the events of all cases.

mod followed_event;
mod latest;
mod reading;
#[cfg(test)]
mod tests;
mod watch;

use std::sync::{Arc, PoisonError};

use engage_repository::{EventPosition, RepositoryError};
use tokio::sync::watch::Receiver;

pub use self::followed_event::FollowedEvent;
use self::latest::Latest;
use self::reading::{PART, in_time};
use self::watch::Running;
use crate::ReadHistory;

/// Follows the events of all cases.
///
/// All followers share one polling task per process, which buffers the latest events in memory.
/// Followers that are too far behind read from the database. The task runs as long as there are
/// followers.
///
/// ```
/// # use std::sync::Arc;
/// use engage_application::{FollowEvents, ReadHistory};
/// use engage_repository::{CaseRepository, EventPosition};
/// # use engage_sqlite::SqliteStore;
/// # use engage_testkit::builders::{a_case_number, a_change_set, an_opened};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// let feed = FollowEvents::new(ReadHistory::new(store.clone()));
/// let mut follower = feed.after(EventPosition::default());
/// store.commit(a_change_set(an_opened(1), Vec::new())).await?;
///
/// let events = follower.next().await?;
/// let (position, event) = &*events[0];
/// assert_eq!(*position, EventPosition(1));
/// assert_eq!(event.data.case.case_number, a_case_number(1));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct FollowEvents {
    history: ReadHistory,
    /// Handle of the polling task, if it runs.
    running: Running,
}

impl FollowEvents {
    /// Creates the feed.
    pub fn new(history: ReadHistory) -> Self {
        Self { history, running: Arc::default() }
    }

    /// Follows the feed from a position. Must be called within a Tokio runtime.
    pub fn after(&self, position: EventPosition) -> Follower {
        Follower { history: self.history.clone(), latest: self.join(), position }
    }

    fn join(&self) -> Receiver<Latest> {
        // Each statement leaves the handle consistent, so a panic elsewhere does no harm.
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = running.upgrade() {
            return sender.subscribe();
        }
        let (sender, latest) = tokio::sync::watch::channel(Latest::Unknown);
        let sender = Arc::new(sender);
        *running = Arc::downgrade(&sender);
        tokio::spawn(watch::run(self.history.clone(), sender, Arc::clone(&self.running)));
        latest
    }
}

/// A follower of the feed.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use std::sync::Arc;
/// # use engage_application::{FollowEvents, ReadHistory};
/// # use engage_repository::{CaseRepository, EventPosition};
/// # use engage_sqlite::SqliteStore;
/// # use engage_testkit::builders::{a_change_set, an_opened};
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # let feed = FollowEvents::new(ReadHistory::new(store.clone()));
/// for sequence in 1..=3 {
///     store.commit(a_change_set(an_opened(sequence), Vec::new())).await?;
/// }
/// // A client that lost its connection continues after the first event.
/// let mut follower = feed.after(EventPosition(1));
/// let missed = follower.ready().await?;
/// assert_eq!(missed.iter().map(|event| event.0.0).collect::<Vec<_>>(), [2, 3]);
/// assert!(follower.ready().await?.is_empty());
/// # Ok(())
/// # }
/// ```
pub struct Follower {
    history: ReadHistory,
    latest: Receiver<Latest>,
    position: EventPosition,
}

impl Follower {
    /// Waits for the next events and returns them in feed order, without gaps or duplicates. Cancel
    /// safe.
    ///
    /// Fails if events cannot be read, by this call or by the polling task. The follower is then
    /// unusable. To continue, follow again from the last position.
    pub async fn next(&mut self) -> Result<Vec<FollowedEvent>, RepositoryError> {
        loop {
            let known = self.latest.borrow_and_update().after(self.position);
            let events = match known {
                Some(events) => events,
                None => self.read().await?,
            };
            if !events.is_empty() {
                return Ok(self.pass(events));
            }
            let changed = self.latest.changed().await;
            changed.map_err(|_| RepositoryError::unavailable("the polling task has ended"))?;
        }
    }

    /// Returns the next stored events without waiting. Empty at the end of the feed.
    pub async fn ready(&mut self) -> Result<Vec<FollowedEvent>, RepositoryError> {
        let events = self.read().await?;
        Ok(self.pass(events))
    }

    fn pass(&mut self, events: Vec<FollowedEvent>) -> Vec<FollowedEvent> {
        self.position = events.last().map_or(self.position, |last| last.0);
        events
    }

    async fn read(&self) -> Result<Vec<FollowedEvent>, RepositoryError> {
        let part = in_time(self.history.of_all(self.position, PART)).await?;
        Ok(part.events.into_iter().map(Arc::new).collect())
    }
}
