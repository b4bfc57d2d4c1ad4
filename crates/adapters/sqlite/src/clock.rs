//! The clock by which notifications are due. An embedded database uses the machine's.

use std::time::Duration;

use engage_domain::Timestamp;
use engage_sql::DbTimestamp;

/// Returns the time in milliseconds since 1970.
#[allow(clippy::disallowed_methods)] // This is the adapter that the rule points to.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// Returns the time as columns hold it.
pub(crate) fn db_now() -> DbTimestamp {
    DbTimestamp(Timestamp::from_millis(now()))
}

/// Returns the time that will be in some milliseconds.
pub(crate) fn after(millis: i64) -> DbTimestamp {
    DbTimestamp(Timestamp::from_millis(now().saturating_add(millis)))
}

/// Returns the time that has passed since a point in time; zero if the clock was set back since.
pub(crate) fn since(time: DbTimestamp) -> Duration {
    Duration::from_millis(now().saturating_sub(time.as_millis()).try_into().unwrap_or(0))
}
