//! Instants, in UTC, to the millisecond.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

/// An instant in UTC with a resolution of one millisecond.
///
/// Finer digits are cut off when one is made, so that every store and every client sees the same
/// value. It is written as in RFC 3339 with `Z`, with no more digits than it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

/// A text that is no RFC 3339 timestamp between the years -9999 and 9999.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("must be an RFC 3339 timestamp such as 2025-01-27T10:00:00Z")]
pub struct TimestampError;

impl Timestamp {
    /// The last whole second of the calendar, at the end of the year 9999.
    pub const MAX: Self = Self(jiff::Timestamp::constant(253_402_207_200, 0));

    /// The instant that many milliseconds after 1970-01-01T00:00:00Z; one beyond the calendar's
    /// ends (the years -9999 and 9999) becomes the last whole second inside it.
    pub fn from_millis(millis: i64) -> Self {
        let (first, last) = (jiff::Timestamp::MIN, jiff::Timestamp::MAX);
        let within = millis.clamp(first.as_second() * 1000, last.as_second() * 1000);
        Self(jiff::Timestamp::from_millisecond(within).unwrap_or(jiff::Timestamp::UNIX_EPOCH))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn as_millis(self) -> i64 {
        self.0.as_millisecond()
    }

    /// The year in UTC.
    pub fn year(self) -> i16 {
        self.0.to_zoned(jiff::tz::TimeZone::UTC).year()
    }

    /// This instant moved into the future, at most to the calendar's end.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self::from_millis(self.as_millis().saturating_add(millis))
    }

    /// This instant moved into the past, at most to the calendar's beginning.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self::from_millis(self.as_millis().saturating_sub(millis))
    }

    /// How long ago `earlier` was; nothing where it is not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        let millis = self.as_millis().saturating_sub(earlier.as_millis());
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(instant: jiff::Timestamp) -> Self {
        Self::from_millis(instant.as_millisecond())
    }
}

impl From<Timestamp> for jiff::Timestamp {
    fn from(instant: Timestamp) -> Self {
        instant.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        text.parse::<jiff::Timestamp>().map(Self::from).map_err(|_| TimestampError)
    }
}

crate::wire::serde_as_text!(Timestamp);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_cut_to_milliseconds_and_written_with_no_more_digits_than_it_needs() {
        for (given, written) in [
            ("2025-01-27T10:00:00Z", "2025-01-27T10:00:00Z"),
            ("2025-01-27T11:00:00.1239+01:00", "2025-01-27T10:00:00.123Z"),
            ("1969-12-31T23:59:59.9995Z", "1970-01-01T00:00:00Z"),
        ] {
            assert_eq!(given.parse::<Timestamp>().unwrap().to_string(), written);
        }
    }

    #[test]
    fn a_text_that_is_no_timestamp_is_refused() {
        for text in ["", "yesterday", "2025-01-27", "2025-13-01T00:00:00Z"] {
            assert_eq!(text.parse::<Timestamp>(), Err(TimestampError), "{text}");
        }
    }

    #[test]
    fn sums_stop_at_the_ends_of_the_calendar() {
        let last = Timestamp::from_millis(i64::MAX);
        assert_eq!((last, last.to_string().as_str()), (Timestamp::MAX, "9999-12-30T22:00:00Z"));
        assert_eq!(last.plus(Duration::MAX), last);
        let first = Timestamp::from_millis(i64::MIN);
        assert_eq!(first.minus(Duration::MAX), first);
        assert!(first < last);
        assert_eq!(Timestamp::from_millis(5).since(Timestamp::from_millis(9)), Duration::ZERO);
    }
}
