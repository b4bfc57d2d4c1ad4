//! Time zones of contacts.

use std::fmt;
use std::str::FromStr;

use jiff::tz;
use thiserror::Error;

/// Name of a time zone such as `Europe/Berlin` (IANA), at most 64 characters.
///
/// Parsing checks only the syntax, so that a name that is stored stays readable by a program with
/// another time zone database. [`known`](Self::known) looks the name up as well.
#[derive(Debug, Clone)]
pub struct TimeZoneName(String);

/// Error returned when a text is not the name of a time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be the name of a time zone such as Europe/Berlin")]
pub struct TimeZoneNameError;

const LONGEST: usize = 64;

impl TimeZoneName {
    /// Parses a name that the time zone database of the program has. Without a database, every name
    /// counts as known.
    ///
    /// ```
    /// use engage_domain::contact::TimeZoneName;
    ///
    /// assert!(TimeZoneName::known("Europe/Berlin").is_ok());
    /// assert!(TimeZoneName::known("Mars/Olympus").is_err());
    /// assert!("Mars/Olympus".parse::<TimeZoneName>().is_ok());
    /// ```
    pub fn known(text: &str) -> Result<Self, TimeZoneNameError> {
        let name: Self = text.parse()?;
        if name.is_known() { Ok(name) } else { Err(TimeZoneNameError) }
    }

    /// Returns the name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_known(&self) -> bool {
        let database = tz::db();
        database.is_definitively_empty() || database.get(&self.0).is_ok()
    }
}

fn is_name(text: &str) -> bool {
    let is_part = |part: &str| {
        let is_allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+');
        part.starts_with(|c: char| c.is_ascii_alphabetic()) && part.bytes().all(is_allowed)
    };
    text.len() <= LONGEST && text.split('/').all(is_part)
}

impl FromStr for TimeZoneName {
    type Err = TimeZoneNameError;

    fn from_str(text: &str) -> Result<Self, TimeZoneNameError> {
        let text = text.trim();
        if is_name(text) { Ok(Self(text.to_owned())) } else { Err(TimeZoneNameError) }
    }
}

impl PartialEq for TimeZoneName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for TimeZoneName {}

impl fmt::Display for TimeZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

crate::wire::try_from_text!(TimeZoneName);
crate::wire::serde_as_text!(TimeZoneName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_time_zones_are_accepted_and_looked_up() {
        for (text, is_known) in [
            ("Europe/Berlin", true),
            ("America/Argentina/Buenos_Aires", true),
            ("UTC", true),
            ("Etc/GMT+5", true),
            ("europe/berlin", true),
            ("Mars/Olympus", false),
        ] {
            let name: TimeZoneName = text.parse().unwrap();
            assert_eq!((name.as_str(), name.is_known()), (text, is_known));
            assert_eq!(TimeZoneName::known(text).is_ok(), is_known);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let long = "A".repeat(65);
        for text in ["", "/", "Europe/", "../etc/passwd", "Europe Berlin", "+01:00", "1", &long] {
            assert_eq!(text.parse::<TimeZoneName>(), Err(TimeZoneNameError), "{text}");
        }
    }
}
