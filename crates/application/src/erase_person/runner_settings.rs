//! Settings of the worker that erases persons.

use std::time::Duration;

/// Settings of a [`PersonErasureRunner`](crate::PersonErasureRunner).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonErasureSettings {
    /// Polling interval.
    pub poll: Duration,
    /// Time for which an erasure belongs to a worker that makes no progress.
    pub lease: Duration,
    /// Time from the first pass to the second one, which erases what came in meanwhile.
    pub second_pass_after: Duration,
    /// Time from a failed pass to the next one, times the number of failures.
    pub pause_after_failure: Duration,
    /// Number of failures in succession after which an erasure is given up.
    pub most_failures: u32,
}

impl Default for PersonErasureSettings {
    fn default() -> Self {
        Self {
            poll: Duration::from_secs(1),
            lease: Duration::from_mins(5),
            second_pass_after: Duration::from_hours(1),
            pause_after_failure: Duration::from_mins(1),
            most_failures: 10,
        }
    }
}
