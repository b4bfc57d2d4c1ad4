//! Waiting for conditions, always with a limit.

use std::fmt::Debug;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// Maximum wait for something that should happen soon, even on a loaded machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

const PAUSE: Duration = Duration::from_millis(15);

/// Returns the current time.
#[allow(clippy::disallowed_methods)] // The program uses the machine's clock.
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// Polls until there is a result. `what` describes it in the failure.
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

/// Polls until there is a result, if each poll takes a request.
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

/// Waits until a list has this many entries, and returns it. Fails if there are more.
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

/// Polls until a condition holds. Returns false if it does not within the limit.
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
