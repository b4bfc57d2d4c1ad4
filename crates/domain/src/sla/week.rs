//! Working time in local time: a weekly schedule without holidays.
//!
//! Times are milliseconds of local time since 1970-01-01T00:00.

use jiff::Span;
use jiff::civil::{Date, Weekday};

use super::WorkingHours;

const MINUTE: i64 = 60_000;
pub(super) const DAY: i64 = 24 * 60 * MINUTE;
const WEEK: i64 = 7 * DAY;

/// Day at which local time is 0.
const EPOCH: Date = Date::constant(1970, 1, 1);

/// The Monday before 1970-01-01, which was a Thursday. Weeks begin on Monday.
const MONDAY_BEFORE: i64 = -3 * DAY;

/// A stretch of working time in the week, in milliseconds since Monday 00:00.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stretch {
    from: i64,
    length: i64,
    /// Working time of the week before this stretch.
    before: i64,
}

/// Working stretches of a week, in order, and the holidays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Week {
    stretches: Vec<Stretch>,
    /// Working time per week, more than zero.
    total: i64,
    /// Starts of the holidays, in order.
    holidays: Vec<i64>,
}

impl Week {
    /// Builds a week from hours that are sorted and do not overlap. Returns `None` if there are
    /// none.
    pub(super) fn new(hours: &[(Weekday, WorkingHours)], holidays: &[Date]) -> Option<Self> {
        let mut total = 0;
        let stretch = |&(weekday, hours): &(Weekday, WorkingHours)| {
            let midnight = i64::from(weekday.to_monday_zero_offset()) * DAY;
            let length = i64::from(hours.to() - hours.from()) * MINUTE;
            let before = total;
            total += length;
            Stretch { from: midnight + i64::from(hours.from()) * MINUTE, length, before }
        };
        let stretches: Vec<_> = hours.iter().map(stretch).collect();
        let mut holidays: Vec<_> = holidays.iter().copied().map(beginning).collect();
        holidays.sort_unstable();
        holidays.dedup();
        (total > 0).then_some(Self { stretches, total, holidays })
    }

    /// Returns the working hours of each weekday, in order.
    pub(super) fn hours(&self) -> impl Iterator<Item = (Weekday, WorkingHours)> {
        self.stretches.iter().filter_map(|stretch| {
            let day = i8::try_from(stretch.from / DAY).ok()?;
            let from = u16::try_from(stretch.from % DAY / MINUTE).ok()?;
            let to = from + u16::try_from(stretch.length / MINUTE).ok()?;
            let weekday = Weekday::from_monday_zero_offset(day).ok()?;
            Some((weekday, WorkingHours::from_minutes(from, to).ok()?))
        })
    }

    /// Returns the holidays, in order.
    pub(super) fn holidays(&self) -> impl Iterator<Item = Date> {
        self.holidays.iter().filter_map(|&holiday| {
            let days = Span::new().try_days(holiday / DAY).ok()?;
            EPOCH.checked_add(days).ok()
        })
    }

    /// Returns the working time between two times.
    pub(super) fn between(&self, from: i64, to: i64) -> i64 {
        let of_holidays: i64 = self
            .holidays_from(from)
            .take_while(|&holiday| holiday < to)
            .map(|holiday| self.worked(to.min(holiday + DAY)) - self.worked(from.max(holiday)))
            .sum();
        self.worked(to) - self.worked(from) - of_holidays
    }

    /// Returns the first time at which `duration` of working time has passed since `from`. The
    /// duration must be more than zero.
    pub(super) fn after(&self, from: i64, duration: i64) -> i64 {
        let (mut at, mut left) = (from, duration);
        for holiday in self.holidays_from(from) {
            let reached = self.reached(self.worked(at) + left);
            if reached <= holiday {
                return reached;
            }
            if at < holiday {
                left -= self.worked(holiday) - self.worked(at);
            }
            at = holiday + DAY;
        }
        self.reached(self.worked(at) + left)
    }

    /// Returns the holidays that are not over at `from`.
    fn holidays_from(&self, from: i64) -> impl Iterator<Item = i64> {
        let first = self.holidays.partition_point(|&holiday| holiday + DAY <= from);
        self.holidays.iter().skip(first).copied()
    }

    /// Returns the working time until `time`, counted from a fixed Monday as if there were no
    /// holidays. It is negative before that Monday.
    fn worked(&self, time: i64) -> i64 {
        let time = time - MONDAY_BEFORE;
        let (weeks, rest) = (time.div_euclid(WEEK), time.rem_euclid(WEEK));
        let begun = self.stretches.partition_point(|stretch| stretch.from < rest);
        let of_week = self.stretches[..begun]
            .last()
            .map_or(0, |stretch| stretch.before + stretch.length.min(rest - stretch.from));
        weeks * self.total + of_week
    }

    /// Returns the first time at which `worked` reaches this value.
    fn reached(&self, worked: i64) -> i64 {
        let weeks = (worked - 1).div_euclid(self.total);
        // At least a millisecond and at most a whole week.
        let rest = worked - weeks * self.total;
        let done = self.stretches.partition_point(|s| s.before + s.length < rest);
        let of_week = self.stretches.get(done).map_or(WEEK, |s| s.from + (rest - s.before));
        MONDAY_BEFORE + weeks * WEEK + of_week
    }
}

/// Returns the midnight at which a day begins.
fn beginning(day: Date) -> i64 {
    i64::from((day - EPOCH).get_days()) * DAY
}
