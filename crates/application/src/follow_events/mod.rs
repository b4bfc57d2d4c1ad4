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
