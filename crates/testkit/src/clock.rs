use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use engage_domain::Timestamp;
use engage_environment::Clock;

use crate::builders::monday;

/// A clock that stands still until a test moves it. Its clones show the same time.
///
/// ```
/// use std::time::Duration;
///
/// use engage_testkit::ManualClock;
///
/// let clock = ManualClock::new();
/// let shared = clock.clone(); // For the use case under test.
/// clock.advance(Duration::from_secs(90 * 60));
/// assert_eq!(shared.now().to_string(), "2025-01-27T11:30:00.000Z");
/// ```
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// Creates a clock that shows 2025-01-27T10:00:00Z, a Monday.
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(monday().as_millis())))
    }

    /// Returns the time of the clock.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }

    /// Sets the clock to any time, including an earlier one.
    pub fn set(&self, at: Timestamp) {
        self.0.store(at.as_millis(), Ordering::SeqCst);
    }

    /// Advances the clock.
    pub fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        ManualClock::now(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_the_time_of_the_clock() {
        let clock = ManualClock::new();
        let clone = clock.clone();
        assert_eq!(clone.now().to_string(), "2025-01-27T10:00:00.000Z");
        clock.advance(Duration::from_millis(1500));
        assert_eq!(clone.now().to_string(), "2025-01-27T10:00:01.500Z");
        clone.set("2024-12-31T23:59:59Z".parse().unwrap());
        assert_eq!(clock.now().to_string(), "2024-12-31T23:59:59.000Z");
    }
}
