//! Waiting for what takes time to come about, always with a limit.

use std::fmt::Debug;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// How long something that should happen soon may take on a loaded machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

const PAUSE: Duration = Duration::from_millis(15);

/// The present time.
#[allow(clippy::disallowed_methods)] // The program's clock is the machine's.
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// Looks until there is something to see; what is looked for names the failure.
pub(crate) async fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// The same where looking takes a request.
pub(crate) async fn eventually_seen<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// What a list holds, once there is so much; more is a failure.
pub(crate) async fn eventually_all<T: Debug>(
    count: usize,
    what: &str,
    list: impl Fn() -> Vec<T>,
) -> Vec<T> {
    eventually(&format!("{count} {what}"), || {
        let list = list();
        assert!(list.len() <= count, "{count} {what} expected: {list:#?}");
        (list.len() == count).then_some(list)
    })
    .await
}

/// Looks until it holds; false where it does not within this time.
pub(crate) async fn holds_within(limit: Duration, mut look: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + limit;
    while !look() {
        if Instant::now() >= deadline {
            return false;
        }
        tokio::time::sleep(PAUSE).await;
    }
    true
}
