//! Following what happens to all cases.

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

/// A staff member, or another system in their name, follows what happens to all cases.
///
/// However many follow, one task of the process looks for new events, and keeps the latest in memory
/// for those who are not far behind. It runs while anybody follows.
#[derive(Clone)]
pub struct FollowEvents {
    history: ReadHistory,
    /// Where the task that looks can be joined, while there is one.
    running: Running,
}

impl FollowEvents {
    /// Follows what is kept there.
    pub fn new(history: ReadHistory) -> Self {
        Self { history, running: Arc::default() }
    }

    /// Begins after a place. To be called within a Tokio runtime.
    pub fn after(&self, place: EventPosition) -> Follower {
        Follower { history: self.history.clone(), latest: self.join(), place }
    }

    fn join(&self) -> Receiver<Latest> {
        // The reference is whole after every statement, so a panic elsewhere leaves it usable.
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

/// Somebody who follows.
pub struct Follower {
    history: ReadHistory,
    latest: Receiver<Latest>,
    place: EventPosition,
}

impl Follower {
    /// The next events, in the order of their places, as soon as there are any: each once, and none
    /// left out. Dropping the future loses none.
    ///
    /// Fails where events cannot be read, also by the task that looks for new ones. Following is over
    /// then; who wants to go on begins anew after the last place.
    pub async fn next(&mut self) -> Result<Vec<FollowedEvent>, RepositoryError> {
        loop {
            let known = self.latest.borrow_and_update().after(self.place);
            let events = match known {
                Some(events) => events,
                None => self.read().await?,
            };
            if !events.is_empty() {
                return Ok(self.pass(events));
            }
            let changed = self.latest.changed().await;
            changed.map_err(|_| RepositoryError::unavailable("nobody looks for new events"))?;
        }
    }

    /// The next events that are there already; none at the end.
    pub async fn ready(&mut self) -> Result<Vec<FollowedEvent>, RepositoryError> {
        let events = self.read().await?;
        Ok(self.pass(events))
    }

    fn pass(&mut self, events: Vec<FollowedEvent>) -> Vec<FollowedEvent> {
        self.place = events.last().map_or(self.place, |last| last.0);
        events
    }

    async fn read(&self) -> Result<Vec<FollowedEvent>, RepositoryError> {
        let part = in_time(self.history.of_all(self.place, PART)).await?;
        Ok(part.events.into_iter().map(Arc::new).collect())
    }
}
