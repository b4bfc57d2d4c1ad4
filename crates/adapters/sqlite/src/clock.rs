//! The time by which messages are due. An embedded database's clock is the machine's.

use std::time::Duration;

/// Milliseconds since 1970.
#[allow(clippy::disallowed_methods)] // This is the adapter that the rule points to.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// How long ago an instant was; no time where the clock was set back since.
pub(crate) fn since(instant: i64) -> Duration {
    Duration::from_millis(now().saturating_sub(instant).try_into().unwrap_or(0))
}
