//! What the documentation of the repository ports promises, as functions that hold a store to it.
//!
//! An adapter's tests say how a fresh and empty store is made, and
//! [`repository_contract!`](crate::repository_contract) makes one test of every function:
//!
//! ```text
//! async fn make_store() -> (engage_testkit::contract::Store, tempfile::TempDir) { … }
//! engage_testkit::repository_contract!(make_store);
//! ```
//!
//! What one process cannot show is left to each adapter's own tests: that a commit survives a
//! crash, and that the health check fails where storage does.
// The names of these functions are the sentences that would document them.
#![allow(missing_docs)]

pub mod access;
pub mod audit;
pub mod cases;
pub mod contents;
mod delivery;
pub mod directory;
pub mod due_cases;
pub mod erasure;
pub mod health;
pub mod history;
pub mod idempotency;
mod macros;
pub mod notifications;
pub mod numbers;
pub mod outbox;
pub mod queries;
pub mod request_counts;
pub mod retention;
pub mod staff;
mod store;
pub mod tokens;
pub mod uploads;
pub mod webhooks;

pub use store::Store;

use std::num::NonZeroU32;
use std::pin::Pin;
use std::time::Duration;

use engage_repository::UpdatesWanted;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

/// How long anything that has to happen may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A whole conversation, of those in tests.
const ALL_UPDATES: UpdatesWanted =
    UpdatesWanted { before: None, limit: NonZeroU32::MIN.saturating_add(9_999) };

/// Ends a test that would hang.
pub async fn in_time(test: impl Future<Output = ()>) {
    tokio::time::timeout(Duration::from_mins(2), test).await.expect("the store answers in time");
}

/// A promise on its way to be kept by a store of its own.
pub type BoxedPromise = Pin<Box<dyn Future<Output = ()>>>;

/// Keeps promises, a few at once.
pub async fn keep(promises: Vec<fn() -> BoxedPromise>) {
    const AT_ONCE: usize = 8;
    let mut kept = JoinSet::new();
    for promise in promises {
        if kept.len() == AT_ONCE {
            kept.join_next().await.expect("some are on their way").expect("a promise is kept");
        }
        // On a thread of its own, as a test is: not every promise can move between threads.
        let runtime = Handle::current();
        kept.spawn_blocking(move || runtime.block_on(promise()));
    }
    kept.join_all().await;
}

/// What all of these come to when they run at once, in no particular order.
async fn all_at_once<T: Send + 'static>(
    tasks: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    tasks.into_iter().collect::<JoinSet<_>>().join_all().await
}
