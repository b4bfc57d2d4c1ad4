//! Instants in UTC with millisecond precision.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use jiff::fmt::temporal::Pieces;
use thiserror::Error;

/// An instant in UTC with millisecond precision.
///
/// Finer digits are truncated on construction, so every store and every client sees the same value.
/// The textual form is RFC 3339 with `Z` and always three fractional digits, so texts sort
/// chronologically.
///
/// ```
/// use std::time::Duration;
///
/// use engage_domain::Timestamp;
///
/// let opened: Timestamp = "2025-01-27T11:00:00+01:00".parse()?;
/// assert_eq!(opened.to_string(), "2025-01-27T10:00:00.000Z");
/// let due = opened.plus(Duration::from_secs(4 * 3600));
/// assert_eq!(due.since(opened).as_secs(), 4 * 3600);
/// assert_eq!(opened.since(due), Duration::ZERO);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

/// Error returned when a text is not an RFC 3339 timestamp up to the year 9999.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TimestampError {
    /// The text is not a timestamp.
    #[error("must be an RFC 3339 timestamp such as 2025-01-27T10:00:00Z")]
    Malformed,
    /// The offset has a space in place of its `+`. An unescaped `+` in a URL query decodes to a
    /// space.
    #[error("must be an RFC 3339 timestamp; encode the + of its offset as %2B in a URL")]
    PlusLost,
}

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(jiff::Timestamp::UNIX_EPOCH);

    /// Last whole second of the calendar, at the end of the year 9999.
    pub const MAX: Self = Self(jiff::Timestamp::constant(253_402_207_200, 0));

    /// Returns the instant this many milliseconds after 1970-01-01T00:00:00Z. Values beyond the
    /// ends of the calendar (years -9999 and 9999) are clamped to the last whole second inside it.
    pub fn from_millis(millis: i64) -> Self {
        let (first, last) = (jiff::Timestamp::MIN, jiff::Timestamp::MAX);
        let within = millis.clamp(first.as_second() * 1000, last.as_second() * 1000);
        Self(jiff::Timestamp::from_millisecond(within).unwrap_or(jiff::Timestamp::UNIX_EPOCH))
    }

    /// Returns the milliseconds since 1970-01-01T00:00:00Z.
    pub fn as_millis(self) -> i64 {
        self.0.as_millisecond()
    }

    /// Returns the year in UTC.
    pub fn year(self) -> i16 {
        self.0.to_zoned(jiff::tz::TimeZone::UTC).year()
    }

    /// Returns the instant `duration` later, at most the end of the calendar.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self::from_millis(self.as_millis().saturating_add(millis))
    }

    /// Returns the instant `duration` earlier, at least the beginning of the calendar.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self::from_millis(self.as_millis().saturating_sub(millis))
    }

    /// Returns the time that has passed since `earlier`, or zero if `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        let millis = self.as_millis().saturating_sub(earlier.as_millis());
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }
}

/// Converts a time that the caller has read. The conversion itself reads no clock.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use engage_domain::Timestamp;
///
/// let read = SystemTime::UNIX_EPOCH + Duration::from_millis(1_737_972_000_500);
/// assert_eq!(Timestamp::from(read).to_string(), "2025-01-27T10:00:00.500Z");
/// ```
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => Self::EPOCH.plus(after),
            Err(before) => Self::EPOCH.minus(before.duration()),
        }
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

    /// Parses a timestamp with any offset. The last hours of the year 9999, which no calculation
    /// reaches, are read as [`Timestamp::MAX`].
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

crate::wire::try_from_text!(Timestamp);
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
    fn a_plus_decoded_as_a_space_is_detected() {
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
    fn a_system_time_is_converted_on_both_sides_of_the_epoch() {
        let epoch = SystemTime::UNIX_EPOCH;
        for (time, millis) in [
            (epoch, 0),
            (epoch + Duration::from_micros(1_737_972_000_500_999), 1_737_972_000_500),
            (epoch - Duration::from_millis(1), -1),
        ] {
            assert_eq!(Timestamp::from(time), Timestamp::from_millis(millis));
        }
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
