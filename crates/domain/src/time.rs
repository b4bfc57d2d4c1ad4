//! Instants, in UTC, to the millisecond.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::fmt::temporal::Pieces;
use thiserror::Error;

/// An instant in UTC with a resolution of one millisecond.
///
/// Finer digits are cut off when one is made, so that every store and every client sees the same
/// value. It is written as in RFC 3339 with `Z` and always three digits of a second, so that texts are
/// in the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

/// A text that is no RFC 3339 timestamp up to the year 9999.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TimestampError {
    /// It is none.
    #[error("must be an RFC 3339 timestamp such as 2025-01-27T10:00:00Z")]
    Malformed,
    /// It would be one with a `+` for a blank, which is what a bare `+` of a URL's query is read as.
    #[error("must be an RFC 3339 timestamp; in a URL the + of its offset is written %2B")]
    PlusLost,
}

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
        write!(f, "{:.3}", self.0)
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    /// Reads one with any offset. The last hours of the year 9999, which no calculation reaches, are
    /// read as [`Timestamp::MAX`].
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        read(text).ok_or_else(|| match text.rsplit_once(' ') {
            Some((time, offset)) if read(&format!("{time}+{offset}")).is_some() => {
                TimestampError::PlusLost
            }
            _ => TimestampError::Malformed,
        })
    }
}

fn read(text: &str) -> Option<Timestamp> {
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(instant.into());
    }
    let pieces = Pieces::parse(text).ok()?;
    let (time, offset) = (pieces.time()?, pieces.to_numeric_offset()?);
    let local = pieces.date().to_datetime(time);
    let is_beyond = offset.to_timestamp(local).is_err() && local.year() == 9999;
    is_beyond.then_some(Timestamp::MAX)
}

crate::wire::serde_as_text!(Timestamp);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_cut_to_milliseconds_and_always_written_with_three_digits() {
        for (given, written) in [
            ("2025-01-27T10:00:00Z", "2025-01-27T10:00:00.000Z"),
            ("2025-01-27t10:00:00.1z", "2025-01-27T10:00:00.100Z"),
            ("2025-01-27T11:00:00.1239+01:00", "2025-01-27T10:00:00.123Z"),
            ("1969-12-31T23:59:59.9995Z", "1970-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(given.parse::<Timestamp>().unwrap().to_string(), written);
        }
    }

    #[test]
    fn a_text_that_is_no_timestamp_is_refused() {
        for text in [
            "",
            "yesterday",
            "2025-01-27",
            "2025-13-01T00:00:00Z",
            "2025-01-27T10:00:00",
            "2025-01-27 10:00:00",
            "10000-01-01T00:00:00Z",
            "9999-12-32T00:00:00Z",
            "9999-12-31T23:59:59",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(TimestampError::Malformed), "{text}");
        }
    }

    #[test]
    fn a_plus_that_became_a_blank_is_seen() {
        for text in ["2026-11-28T00:00:00 02:00", "2026-11-28T00:00:00.5 05:30"] {
            assert_eq!(text.parse::<Timestamp>(), Err(TimestampError::PlusLost), "{text}");
        }
    }

    #[test]
    fn the_end_of_the_calendar_is_read() {
        for text in
            ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999Z", "9999-12-31T00:00:00-12:00"]
        {
            assert_eq!(text.parse(), Ok(Timestamp::MAX), "{text}");
        }
        let before = "9999-12-30T21:59:59Z".parse::<Timestamp>().unwrap();
        assert!(before < Timestamp::MAX);
    }

    #[test]
    fn texts_are_in_the_order_of_time() {
        let mut instants: Vec<Timestamp> =
            [1_500, 1_000, 1_057, 999, 2_000, 1_570].map(Timestamp::from_millis).into();
        let mut texts: Vec<_> = instants.iter().map(ToString::to_string).collect();
        instants.sort_unstable();
        texts.sort_unstable();
        assert_eq!(texts, instants.iter().map(ToString::to_string).collect::<Vec<_>>());
    }

    #[test]
    fn sums_stop_at_the_ends_of_the_calendar() {
        let last = Timestamp::from_millis(i64::MAX);
        assert_eq!((last, last.to_string().as_str()), (Timestamp::MAX, "9999-12-30T22:00:00.000Z"));
        assert_eq!(last.plus(Duration::MAX), last);
        let first = Timestamp::from_millis(i64::MIN);
        assert_eq!(first.minus(Duration::MAX), first);
        assert!(first < last);
        assert_eq!(Timestamp::from_millis(5).since(Timestamp::from_millis(9)), Duration::ZERO);
    }
}
