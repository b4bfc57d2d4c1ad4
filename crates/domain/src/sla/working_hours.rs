//! Working hours within a day.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A stretch of working hours within a day, to the minute: `09:00-12:30`. The end of the day is
/// `24:00`. Work past midnight needs two stretches on two days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkingHours {
    from: u16,
    to: u16,
}

/// Error returned when a text is not a stretch of working hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be hours of one day such as 09:00-12:30, ending after the start and by 24:00")]
pub struct WorkingHoursError;

const MINUTES_OF_A_DAY: u16 = 24 * 60;

impl WorkingHours {
    /// Creates a stretch from two minutes of the day.
    ///
    /// Fails unless `from` is before `to` and `to` is at most 1440, the end of the day.
    pub const fn from_minutes(from: u16, to: u16) -> Result<Self, WorkingHoursError> {
        if from < to && to <= MINUTES_OF_A_DAY {
            Ok(Self { from, to })
        } else {
            Err(WorkingHoursError)
        }
    }

    /// Returns the minute of the day at which the stretch begins.
    pub const fn from(self) -> u16 {
        self.from
    }

    /// Returns the minute of the day at which the stretch ends.
    pub const fn to(self) -> u16 {
        self.to
    }
}

fn minute_of_day(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str| {
        let is_two_digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_two_digits.then(|| text.parse::<u16>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (minutes < 60).then_some(hours * 60 + minutes)
}

impl FromStr for WorkingHours {
    type Err = WorkingHoursError;

    fn from_str(text: &str) -> Result<Self, WorkingHoursError> {
        let (from, to) = text.split_once('-').ok_or(WorkingHoursError)?;
        match (minute_of_day(from.trim()), minute_of_day(to.trim())) {
            (Some(from), Some(to)) => Self::from_minutes(from, to),
            _ => Err(WorkingHoursError),
        }
    }
}

crate::wire::try_from_text!(WorkingHours);
crate::wire::serde_as_text!(WorkingHours);

impl fmt::Display for WorkingHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_and_written_to_the_minute() {
        for (given, written) in [
            ("09:00-12:30", "09:00-12:30"),
            (" 00:00 - 24:00 ", "00:00-24:00"),
            ("23:59-24:00", "23:59-24:00"),
        ] {
            assert_eq!(given.parse::<WorkingHours>().unwrap().to_string(), written);
        }
    }

    #[test]
    fn malformed_hours_are_refused() {
        for text in [
            "",
            "09:00",
            "9:00-17:00",
            "09:00-09:00",
            "22:00-06:00",
            "09:00-24:01",
            "09:60-10:00",
            "09:00-12:00-13:00",
            "+9:00-10:00",
            "09:00:00-10:00:00",
        ] {
            assert_eq!(text.parse::<WorkingHours>(), Err(WorkingHoursError), "{text}");
        }
    }
}
