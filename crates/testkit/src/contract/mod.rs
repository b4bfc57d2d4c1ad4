//! The contract of the repository ports, as functions that check a store against it.
//!
//! An adapter's tests provide a function that makes a fresh, empty store, and
//! [`repository_contract!`](crate::repository_contract) generates one test for every function.
//!
//! An adapter of some of the ports begins with [`Store::without_ports`] and generates the tests of
//! one module, such as [`numbers_contract!`](crate::numbers_contract):
//!
//! ```
//! # use std::sync::Arc;
//! use engage_sqlite::SqliteStore;
//! use engage_testkit::contract::Store;
//!
//! async fn make_store() -> (Store, ()) {
//!     let store = SqliteStore::in_memory().unwrap();
//!     (Store::of(Arc::new(store)), ()) // The guard is dropped last, such as a temporary folder.
//! }
//!
//! engage_testkit::numbers_contract! { make_store }
//! # fn main() {
//! #     let runtime = tokio::runtime::Runtime::new().unwrap();
//! #     runtime.block_on(engage_testkit::contract::keep(numbers::promises()));
//! #     assert!(numbers::promises().len() > 5);
//! # }
//! ```
//!
//! Each adapter's own tests cover the promises that a single process cannot show: a commit survives
//! a crash, and the health check fails if storage does.
// The names of these functions document them.
#![allow(missing_docs)]

pub mod access;
pub mod audit;
pub mod budgets;
pub mod cases;
pub mod contacts;
pub mod contents;
pub mod credentials;
mod delivery;
pub mod directory;
pub mod due_cases;
pub mod erasure;
pub mod health;
pub mod history;
pub mod idempotency;
mod macros;
pub mod notifications;
pub mod notifier;
pub mod numbers;
pub mod organizations;
pub mod outbox;
pub mod person_erasures;
pub mod queries;
pub mod request_counts;
pub mod retention;
pub mod staff;
mod store;
pub mod tags;
pub mod tokens;
pub mod uploads;
pub mod webhooks;
mod without_ports;

pub use store::Store;

use std::num::NonZeroU32;
use std::pin::Pin;
use std::time::Duration;

use engage_repository::UpdatesWanted;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

/// Maximum wait for anything that has to happen, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A page that holds the whole conversation of any test.
const ALL_UPDATES: UpdatesWanted =
    UpdatesWanted { limit: NonZeroU32::MIN.saturating_add(9_999), ..UpdatesWanted::LATEST };

/// Fails a test that would otherwise hang.
pub async fn in_time(test: impl Future<Output = ()>) {
    tokio::time::timeout(Duration::from_mins(2), test).await.expect("the store responds in time");
}

/// A boxed test of the contract, with its own store.
pub type BoxedPromise = Pin<Box<dyn Future<Output = ()>>>;

/// Runs tests of the contract, a few at a time.
pub async fn keep(promises: Vec<fn() -> BoxedPromise>) {
    const AT_ONCE: usize = 8;
    let mut kept = JoinSet::new();
    for promise in promises {
        if kept.len() == AT_ONCE {
            kept.join_next().await.expect("some are running").expect("the contract is fulfilled");
        }
        // On its own thread, like a test: not every future is `Send`.
        let runtime = Handle::current();
        kept.spawn_blocking(move || runtime.block_on(promise()));
    }
    kept.join_all().await;
}

/// Runs all tasks concurrently. Returns their results in no particular order.
async fn all_at_once<T: Send + 'static>(
    tasks: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    tasks.into_iter().collect::<JoinSet<_>>().join_all().await
}
