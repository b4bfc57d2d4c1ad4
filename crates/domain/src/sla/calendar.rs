//! Calendars of SLA timers.

use std::time::Duration;

use super::BusinessHours;
use crate::time::Timestamp;

/// Hours in which SLA timers run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE"))]
#[non_exhaustive]
pub enum Calendar {
    /// Every hour of every day.
    #[default]
    RoundTheClock,
    /// Business hours of the support team.
    BusinessHours(BusinessHours),
}

impl Calendar {
    /// Returns the first instant at which `duration` of working time has passed since `start`, at
    /// most the end of the calendar.
    ///
    /// A zero duration returns `start`. The result may be the end of a working day, because a
    /// target due by then is due before the night.
    pub fn add(&self, start: Timestamp, duration: Duration) -> Timestamp {
        match self {
            Self::RoundTheClock => start.plus(duration),
            Self::BusinessHours(hours) => hours.add(start, duration),
        }
    }

    /// Returns the working time between two instants, or zero if `to` is not later than `from`.
    pub fn elapsed(&self, from: Timestamp, to: Timestamp) -> Duration {
        match self {
            Self::RoundTheClock => to.since(from),
            Self::BusinessHours(hours) => hours.elapsed(from, to),
        }
    }
}

impl From<BusinessHours> for Calendar {
    fn from(hours: BusinessHours) -> Self {
        Self::BusinessHours(hours)
    }
}
