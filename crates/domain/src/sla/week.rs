//! Working time on a clock on the wall: a week that repeats, without the holidays.
//!
//! Times are milliseconds of such a clock since 1970-01-01T00:00.

use jiff::civil::{Date, Weekday};

use super::WorkingHours;

const MINUTE: i64 = 60_000;
pub(super) const DAY: i64 = 24 * 60 * MINUTE;
const WEEK: i64 = 7 * DAY;

/// 1970-01-01 was a Thursday; weeks begin with Monday.
const MONDAY_BEFORE: i64 = -3 * DAY;

/// A working stretch of the week, in milliseconds since Monday's midnight.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stretch {
    from: i64,
    length: i64,
    /// The working time of the week before it.
    before: i64,
}

/// The stretches of a week in which the desk works, one after another; and the days on which it
/// does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Week {
    stretches: Vec<Stretch>,
    /// The working time of a week; more than nothing.
    total: i64,
    /// The beginnings of the holidays, in order.
    holidays: Vec<i64>,
}

impl Week {
    /// Takes hours that are in order and do not overlap; nothing where there are none.
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

    /// The working time between two times.
    pub(super) fn between(&self, from: i64, to: i64) -> i64 {
        let of_holidays: i64 = self
            .holidays_from(from)
            .take_while(|&holiday| holiday < to)
            .map(|holiday| self.worked(to.min(holiday + DAY)) - self.worked(from.max(holiday)))
            .sum();
        self.worked(to) - self.worked(from) - of_holidays
    }

    /// The first time at which that much working time, more than nothing, has passed since `from`.
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

    /// The holidays that are not over.
    fn holidays_from(&self, from: i64) -> impl Iterator<Item = i64> {
        let first = self.holidays.partition_point(|&holiday| holiday + DAY <= from);
        self.holidays.iter().skip(first).copied()
    }

    /// The working time until `time`, holidays included, counted from some Monday; negative before.
    fn worked(&self, time: i64) -> i64 {
        let time = time - MONDAY_BEFORE;
        let (weeks, rest) = (time.div_euclid(WEEK), time.rem_euclid(WEEK));
        let begun = self.stretches.partition_point(|stretch| stretch.from < rest);
        let of_week = self.stretches[..begun]
            .last()
            .map_or(0, |stretch| stretch.before + stretch.length.min(rest - stretch.from));
        weeks * self.total + of_week
    }

    /// The first time until which that much was worked, by the same count.
    fn reached(&self, worked: i64) -> i64 {
        let weeks = (worked - 1).div_euclid(self.total);
        // At least a millisecond and at most a whole week.
        let rest = worked - weeks * self.total;
        let done = self.stretches.partition_point(|s| s.before + s.length < rest);
        let of_week = self.stretches.get(done).map_or(WEEK, |s| s.from + (rest - s.before));
        MONDAY_BEFORE + weeks * WEEK + of_week
    }
}

/// The midnight at which a day begins.
fn beginning(day: Date) -> i64 {
    let epoch = Date::constant(1970, 1, 1);
    i64::from((day - epoch).get_days()) * DAY
}
