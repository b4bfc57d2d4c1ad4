//! Business hours in a time zone.

use std::time::Duration;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use thiserror::Error;

use super::WorkingHours;
use super::week::Week;
use crate::time::Timestamp;

/// Weekly business hours, with any number of stretches per day, except on holidays.
///
/// SLA timers follow local time. An hour that daylight saving time skips is therefore not worked,
/// and an hour that occurs twice is worked twice.
///
/// The time zone includes its rules, so nothing is looked up later:
///
/// ```
/// use std::time::Duration;
///
/// use engage_domain::Timestamp;
/// use engage_domain::sla::{BusinessHours, Calendar};
/// use jiff::civil::{Weekday, date};
/// use jiff::tz::TimeZone;
///
/// let week = [Weekday::Monday, Weekday::Friday].map(|day| (day, "09:00-17:00".parse().unwrap()));
/// let hours = BusinessHours::new(TimeZone::UTC, week, [date(2025, 1, 27)])?;
/// let calendar = Calendar::from(hours);
/// let friday: Timestamp = "2025-01-24T16:00:00Z".parse()?;
/// // The following Monday is a holiday.
/// assert_eq!(calendar.add(friday, Duration::from_secs(2 * 3600)), "2025-01-31T10:00:00Z".parse()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessHours {
    time_zone: TimeZone,
    week: Week,
}

/// Error returned when business hours are not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BusinessHoursError {
    /// There is no working time, so a target would never be due.
    #[error("at least one weekday must have working hours")]
    NoWorkingTime,
    /// Two stretches of a day overlap, so time would count twice.
    #[error("{first} and {second} on {weekday:?} must not overlap")]
    Overlap {
        /// Weekday of both stretches.
        weekday: Weekday,
        /// Stretch that begins first.
        first: WorkingHours,
        /// Stretch that begins before the first one has ended.
        second: WorkingHours,
    },
}

impl BusinessHours {
    /// Creates business hours from the hours of each weekday, in any order, and the holidays.
    ///
    /// Fails if two stretches of a day overlap or if there is no working time at all.
    pub fn new(
        time_zone: TimeZone,
        hours: impl IntoIterator<Item = (Weekday, WorkingHours)>,
        holidays: impl IntoIterator<Item = Date>,
    ) -> Result<Self, BusinessHoursError> {
        let mut hours: Vec<_> = hours.into_iter().collect();
        hours.sort_unstable_by_key(|(day, hours)| (day.to_monday_zero_offset(), *hours));
        for pair in hours.windows(2) {
            let [(weekday, first), (next, second)] = *pair else { continue };
            if weekday == next && second.from() < first.to() {
                return Err(BusinessHoursError::Overlap { weekday, first, second });
            }
        }
        let holidays: Vec<_> = holidays.into_iter().collect();
        let week = Week::new(&hours, &holidays).ok_or(BusinessHoursError::NoWorkingTime)?;
        Ok(Self { time_zone, week })
    }

    /// Returns the time zone.
    pub fn time_zone(&self) -> &TimeZone {
        &self.time_zone
    }

    /// Returns the working hours of each weekday, in order.
    pub fn hours(&self) -> impl Iterator<Item = (Weekday, WorkingHours)> {
        self.week.hours()
    }

    /// Returns the holidays, in order.
    pub fn holidays(&self) -> impl Iterator<Item = Date> {
        self.week.holidays()
    }

    pub(super) fn add(&self, start: Timestamp, duration: Duration) -> Timestamp {
        let mut left = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        if left == 0 {
            return start;
        }
        let mut at = start;
        loop {
            let Season { offset, end } = self.season(at);
            let now = at.as_millis() + offset;
            let available = self.week.between(now, end.as_millis() + offset);
            if left <= available {
                return Timestamp::from_millis(self.week.after(now, left) - offset);
            }
            if end == Timestamp::MAX {
                return end;
            }
            left -= available;
            at = end;
        }
    }

    pub(super) fn elapsed(&self, from: Timestamp, to: Timestamp) -> Duration {
        let (mut at, mut sum) = (from, 0);
        while at < to {
            let Season { offset, end } = self.season(at);
            let until = end.min(to);
            sum += self.week.between(at.as_millis() + offset, until.as_millis() + offset);
            at = until;
        }
        Duration::from_millis(u64::try_from(sum).unwrap_or(0))
    }

    /// Returns the UTC offset at an instant and how long it stays the same.
    fn season(&self, at: Timestamp) -> Season {
        let offset = self.time_zone.to_offset(at.into()).seconds();
        let next = self.time_zone.following(at.into()).next();
        Season {
            offset: i64::from(offset) * 1000,
            end: next.map_or(Timestamp::MAX, |transition| transition.timestamp().into()),
        }
    }
}

/// A period with a constant UTC offset.
struct Season {
    /// Offset from UTC in milliseconds, positive if local time is ahead.
    offset: i64,
    end: Timestamp,
}
