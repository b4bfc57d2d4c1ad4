//! In which hours the SLA timers run.

use std::time::Duration;

use super::BusinessHours;
use crate::time::Timestamp;

/// The hours in which the SLA timers run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Calendar {
    /// Every hour of every day.
    #[default]
    RoundTheClock,
    /// The desk's working hours.
    BusinessHours(BusinessHours),
}

impl Calendar {
    /// The first instant at which `duration` of working time has passed since `start`, at most the
    /// end of the calendar; `start` itself where it is nothing.
    ///
    /// It may be the end of a day's work: what is due by then is due before the night.
    pub fn add(&self, start: Timestamp, duration: Duration) -> Timestamp {
        match self {
            Self::RoundTheClock => start.plus(duration),
            Self::BusinessHours(hours) => hours.add(start, duration),
        }
    }

    /// The working time between two instants; nothing where `to` is not later.
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
