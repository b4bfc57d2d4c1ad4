use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::stored::FromStored;

/// A telephone number in E.164 form: `+` and 7 to 15 digits, the first of which is not 0.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

/// Error returned when a text is not an accepted telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "must be a telephone number in international form: + and 7 to 15 digits that begin with the \
     country code"
)]
pub struct PhoneNumberError;

/// Placeholder for an erased telephone number. No country has the code 0 (ITU-T E.164).
pub const ERASED_PHONE: &str = "+0000000";

/// Country codes whose numbers start with a 0 that is also dialled from abroad: Italy, San Marino
/// and the Vatican.
const DIALLED_ZERO: [&str; 3] = ["39", "378", "379"];

impl PhoneNumber {
    /// Returns the number without separators.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Checks whether a character separates the digits of a number, or is invisible and was copied
/// along with it.
fn is_separator(character: char) -> bool {
    let is_space = character.is_whitespace() && !character.is_control();
    is_space
        || matches!(character, '.' | '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
        || matches!(character, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}')
}

/// Drops a `(0)` after the country code, which is only dialled within the country.
fn without_trunk_prefix(digits: &str) -> String {
    let is_parenthesis = |c: char| matches!(c, '(' | ')');
    let parts =
        digits.split_once("(0)").map(|(code, rest)| (code.replace(is_parenthesis, ""), rest));
    match parts {
        Some((code, rest))
            if (1..=3).contains(&code.len()) && !DIALLED_ZERO.contains(&code.as_str()) =>
        {
            format!("{code}{rest}")
        }
        _ => digits.to_owned(),
    }
}

impl FromStr for PhoneNumber {
    type Err = PhoneNumberError;

    fn from_str(text: &str) -> Result<Self, PhoneNumberError> {
        let compact: String = text.trim().chars().filter(|&c| !is_separator(c)).collect();
        let compact = compact.trim_start_matches(['(', ')']);
        // In most countries, 00 is the international prefix that the + stands for.
        let digits = compact.strip_prefix('+').or_else(|| compact.strip_prefix("00"));
        let digits = without_trunk_prefix(digits.ok_or(PhoneNumberError)?).replace(['(', ')'], "");
        if digits.starts_with('0') {
            return Err(PhoneNumberError);
        }
        Self::from_stored(&format!("+{digits}"))
    }
}

impl FromStored for PhoneNumber {
    fn from_stored(text: &str) -> Result<Self, PhoneNumberError> {
        let digits = text.strip_prefix('+').ok_or(PhoneNumberError)?;
        if (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(PhoneNumberError)
        }
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

crate::wire::try_from_text!(PhoneNumber);
crate::wire::serde_as_text!(stored PhoneNumber);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_loses_its_separators() {
        for (text, number) in [
            (" +1 (234) 567-89.0 ", "+1234567890"),
            ("+49\u{a0}30\u{202f}901820", "+4930901820"),
            ("+1 234\u{2013}567\u{2011}890", "+1234567890"),
            ("\u{202d}+1 234 567 890\u{202c}", "+1234567890"),
            ("0049 30 901820", "+4930901820"),
            ("(+49) (0)30 901820", "+4930901820"),
        ] {
            assert_eq!(text.parse::<PhoneNumber>().unwrap().as_str(), number, "{text}");
        }
    }

    #[test]
    fn a_zero_in_parentheses_after_the_country_code_is_dropped() {
        for (text, number) in [
            ("+49 (0)30 1234567", "+49301234567"),
            ("+44 (0)20 7946 0958", "+442079460958"),
            ("+49(0) 171-123 45 67", "+491711234567"),
            ("0041 ( 0 ) 44 668 18 00", "+41446681800"),
            ("+420 (0)2 12345678", "+420212345678"),
            // In Italy the leading 0 is also dialled from abroad.
            ("+39 (0)6 698 12345", "+39066981 2345"),
            ("+39 06 698 12345", "+39066981 2345"),
            // Elsewhere in a number the 0 belongs to it.
            ("+49 30 (0) 123456", "+49300123456"),
        ] {
            let number = number.replace(' ', "");
            assert_eq!(text.parse::<PhoneNumber>().unwrap().as_str(), number, "{text}");
        }
    }

    #[test]
    fn a_phone_number_has_7_to_15_digits_after_a_plus_and_the_first_is_not_0() {
        for text in ["+1234567", "+123456789012345"] {
            assert!(text.parse::<PhoneNumber>().is_ok(), "{text}");
        }
        for text in [
            "",
            "+",
            "1234567890",
            "+123456",
            "+1234567890123456",
            "+12345a7",
            "++1234567",
            "+123\n4567",
            "+1/2345678",
            "+\u{661}\u{662}\u{663}4567",
            "+0123456",
            "+(0)49 30 123456",
            "000 123 4567",
            "0123456789",
        ] {
            assert_eq!(text.parse::<PhoneNumber>(), Err(PhoneNumberError), "{text:?}");
        }
    }

    #[test]
    fn a_number_stored_under_looser_rules_is_read_back() {
        for text in ["+0123456", "+490301234567", ERASED_PHONE] {
            assert_eq!(PhoneNumber::from_stored(text).unwrap().as_str(), text);
        }
    }
}
