//! Case numbers.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Prefix of case numbers: 1–10 letters and digits, starting with a letter. `CW` by default.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseNumberPrefix(String);

impl Default for CaseNumberPrefix {
    fn default() -> Self {
        Self("CW".to_owned())
    }
}

impl FromStr for CaseNumberPrefix {
    type Err = CaseNumberError;

    fn from_str(text: &str) -> Result<Self, CaseNumberError> {
        let fits = (1..=10).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.bytes().all(|b| b.is_ascii_alphanumeric());
        fits.then(|| Self(text.to_ascii_uppercase())).ok_or(CaseNumberError::Prefix)
    }
}

crate::wire::try_from_text!(CaseNumberPrefix);
crate::wire::serde_as_text!(CaseNumberPrefix);

impl fmt::Display for CaseNumberPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Number by which people refer to a case: a prefix, the year in which it was opened (UTC) and its
/// position in the sequence of that year, such as `CW-2025-001`.
///
/// The sequence has at least three digits and grows beyond them. Numbers sort by year, then by
/// sequence. Parsing ignores case.
///
/// ```
/// use engage_domain::CaseNumber;
///
/// let number: CaseNumber = "cw-2025-042".parse()?;
/// assert_eq!((number.year(), number.sequence()), (2025, 42));
/// assert_eq!(number.to_string(), "CW-2025-042");
///
/// let later = CaseNumber::new(number.prefix().clone(), 2025, 1_000)?;
/// assert_eq!(later.to_string(), "CW-2025-1000");
/// assert!(number < later);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CaseNumber {
    prefix: CaseNumberPrefix,
    year: i16,
    sequence: u64,
}

/// Error returned when a text is not a case number or a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CaseNumberError {
    /// The prefix is malformed.
    #[error("must be 1 to 10 letters and digits, beginning with a letter")]
    Prefix,
    /// The text is not of the form of a case number.
    #[error("must be a case number such as CW-2025-001")]
    Malformed,
}

impl CaseNumber {
    /// Creates a case number from its parts.
    ///
    /// Fails with [`CaseNumberError::Malformed`] unless the year has four digits and the sequence
    /// is at least 1 and fits in 63 bits.
    pub fn new(
        prefix: CaseNumberPrefix,
        year: i16,
        sequence: u64,
    ) -> Result<Self, CaseNumberError> {
        if (1000..=9999).contains(&year) && (1..=i64::MAX.unsigned_abs()).contains(&sequence) {
            Ok(Self { prefix, year, sequence })
        } else {
            Err(CaseNumberError::Malformed)
        }
    }

    /// Returns the prefix.
    pub fn prefix(&self) -> &CaseNumberPrefix {
        &self.prefix
    }

    /// Returns the year in which the case was opened.
    pub fn year(&self) -> i16 {
        self.year
    }

    /// Returns the position in the sequence of the year, starting at 1.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }
}

impl FromStr for CaseNumber {
    type Err = CaseNumberError;

    fn from_str(text: &str) -> Result<Self, CaseNumberError> {
        let text = text.trim();
        let parsed = || {
            let mut parts = text.splitn(3, '-');
            let prefix = parts.next()?.parse().ok()?;
            let year = parts.next()?.parse().ok()?;
            let sequence = parts.next()?.parse().ok()?;
            Self::new(prefix, year, sequence).ok()
        };
        // A case has only one number. A text that differs from it in more than letter case, such as
        // by an extra zero or a sign, is rejected.
        parsed()
            .filter(|number: &Self| number.to_string().eq_ignore_ascii_case(text))
            .ok_or(CaseNumberError::Malformed)
    }
}

impl fmt::Display for CaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{:03}", self.prefix, self.year, self.sequence)
    }
}

impl Ord for CaseNumber {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.year, self.sequence, &self.prefix).cmp(&(other.year, other.sequence, &other.prefix))
    }
}

impl PartialOrd for CaseNumber {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

crate::wire::try_from_text!(CaseNumber);
crate::wire::serde_as_text!(CaseNumber);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(sequence: u64) -> CaseNumber {
        CaseNumber::new(CaseNumberPrefix::default(), 2025, sequence).unwrap()
    }

    #[test]
    fn the_sequence_has_three_digits_and_grows_past_them() {
        for (sequence, written) in [
            (1, "CW-2025-001"),
            (42, "CW-2025-042"),
            (999, "CW-2025-999"),
            (1000, "CW-2025-1000"),
            (12_345_678, "CW-2025-12345678"),
        ] {
            assert_eq!(number(sequence).to_string(), written);
        }
    }

    #[test]
    fn a_number_is_read_in_any_case_with_white_space_around() {
        assert_eq!(" cw-2025-001\n".parse(), Ok(number(1)));
    }

    #[test]
    fn malformed_case_numbers_are_refused() {
        for text in [
            "",
            "CW",
            "CW-2025",
            "CW-2025-",
            "CW-2025-01",
            "CW-2025-0001",
            "CW-2025-000",
            "CW-2025-+01",
            "CW-+2025-001",
            "CW-25-001",
            "CW-2025-001-1",
            "CW-2025-1e3",
            "2025-001",
            "-2025-001",
            "C W-2025-001",
            "CW-2025-99999999999999999999",
            "CW-2025-\u{661}\u{662}\u{663}",
            "CW-02025-001",
            "1W-2025-001",
        ] {
            assert_eq!(text.parse::<CaseNumber>(), Err(CaseNumberError::Malformed), "{text:?}");
        }
    }

    #[test]
    fn numbers_sort_by_year_and_then_by_sequence_as_a_number() {
        let mut numbers: Vec<CaseNumber> = ["CW-2025-1000", "CW-2026-001", "CW-2025-999"]
            .map(|text| text.parse().unwrap())
            .to_vec();
        numbers.sort();
        let written: Vec<_> = numbers.iter().map(ToString::to_string).collect();
        assert_eq!(written, ["CW-2025-999", "CW-2025-1000", "CW-2026-001"]);
    }

    proptest! {
        #[test]
        fn every_number_is_read_back_as_it_was_written(
            prefix in "[A-Za-z][A-Za-z0-9]{0,9}", year in 1000_i16..=9999, sequence in 1_u64..=1 << 62,
        ) {
            let number = CaseNumber::new(prefix.parse().unwrap(), year, sequence).unwrap();
            prop_assert_eq!(number.to_string().parse(), Ok(number.clone()));
            prop_assert_eq!(number.to_string().to_lowercase().parse(), Ok(number));
        }
    }
}
