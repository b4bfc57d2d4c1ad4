//! The polling task shared by all followers.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use engage_repository::RepositoryError;
use tokio::sync::watch::Sender;
use tokio::time::{MissedTickBehavior, interval};
use tracing::warn;

use super::latest::Latest;
use super::reading::{PART, in_time};
use crate::ReadHistory;

/// Polling interval while there are followers.
pub(super) const POLL: Duration = Duration::from_millis(500);

/// Handle of the polling task, if it runs.
pub(super) type Running = Arc<Mutex<Weak<Sender<Latest>>>>;

/// Polls while there are followers. Ends after a failure, which fails every follower.
pub(super) async fn run(history: ReadHistory, latest: Arc<Sender<Latest>>, running: Running) {
    let mut ticks = interval(POLL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if is_unwanted(&latest, &running) {
            return;
        }
        if let Err(failure) = poll(&history, &latest).await {
            warn!(%failure, cause = failure.causes(), "failed to poll for new events");
            return;
        }
    }
}

/// Checks whether the last follower is gone. If so, removes the handle, so that none can join.
fn is_unwanted(latest: &Sender<Latest>, running: &Running) -> bool {
    let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
    let is_unwanted = latest.receiver_count() == 0;
    if is_unwanted {
        *running = Weak::new();
    }
    is_unwanted
}

async fn poll(history: &ReadHistory, latest: &Sender<Latest>) -> Result<(), RepositoryError> {
    let known = latest.borrow().last();
    let Some(mut last) = known else {
        let end = in_time(history.end()).await?;
        latest.send_replace(Latest::from(end));
        return Ok(());
    };
    loop {
        let part = in_time(history.of_all(last, PART)).await?;
        last = part.last;
        if !part.events.is_empty() {
            latest.send_modify(|latest| latest.add(part.events));
        }
        if !part.has_more {
            return Ok(());
        }
    }
}
