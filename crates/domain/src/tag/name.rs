//! Names of tags.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

use crate::stored::FromStored;
use crate::text::{Line, TextError};

/// Name of a tag: one line, 1–40 characters in NFC, without a comma.
///
/// Names that differ only in case are the same tag. It is shown as it was first written.
///
/// ```
/// use engage_domain::tag::TagName;
///
/// let name: TagName = " Renewal 2027 ".parse()?;
/// assert_eq!(name.as_str(), "Renewal 2027");
/// assert_eq!(name.folded(), "RENEWAL 2027".parse::<TagName>()?.folded());
/// assert!("one,two".parse::<TagName>().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TagName(Line<40>);

/// Error returned when a text cannot be the name of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TagNameError {
    /// It is no line of 1–40 characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// It contains a comma, which separates tags in filters.
    #[error("must not contain a comma")]
    Comma,
}

impl TagName {
    /// Returns the name as it is shown.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Returns the name in the form by which tags are compared: without case, in NFC.
    pub fn folded(&self) -> String {
        folded(self.as_str())
    }

    /// Checks whether two names are of the same tag.
    pub fn is_same_tag(&self, other: &Self) -> bool {
        self.folded() == other.folded()
    }
}

/// Returns a text without case, in NFC, as the names of tags are compared.
pub fn folded(text: &str) -> String {
    // Goes through uppercase because some lowercase letters share one uppercase letter.
    let cased = text.chars().flat_map(char::to_lowercase).flat_map(char::to_uppercase);
    cased.flat_map(char::to_lowercase).nfc().collect()
}

impl FromStr for TagName {
    type Err = TagNameError;

    fn from_str(text: &str) -> Result<Self, TagNameError> {
        let name: Line<40> = text.nfc().collect::<String>().try_into()?;
        if name.as_str().contains(',') { Err(TagNameError::Comma) } else { Ok(Self(name)) }
    }
}

impl FromStored for TagName {
    fn from_stored(text: &str) -> Result<Self, TagNameError> {
        Ok(Self(Line::from_stored(text)?))
    }
}

impl fmt::Display for TagName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for TagName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

crate::wire::try_from_text!(TagName);
crate::wire::serde_as_text!(stored TagName);

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> TagName {
        text.parse().unwrap()
    }

    #[test]
    fn a_name_is_trimmed_and_composed() {
        assert_eq!(name("  VIP\t").as_str(), "VIP");
        assert_eq!(name("u\u{308}ber").as_str(), "über");
        assert!(name("u\u{308}ber").is_same_tag(&name("ÜBER")));
    }

    #[test]
    fn names_are_compared_without_case() {
        for (one, other) in [("VIP", "vip"), ("Straße", "STRASSE"), ("ΟΔΟΣ", "οδος"), ("É", "é")]
        {
            assert!(name(one).is_same_tag(&name(other)), "{one} {other}");
        }
        for (one, other) in [("resume", "résumé"), ("a b", "ab"), ("1", "١")] {
            assert!(!name(one).is_same_tag(&name(other)), "{one} {other}");
        }
    }

    #[test]
    fn a_name_has_1_to_40_visible_characters_without_comma() {
        assert!("x".repeat(40).parse::<TagName>().is_ok());
        let too_long = "ü".repeat(41).parse::<TagName>();
        assert_eq!(too_long, Err(TagNameError::Text(TextError::TooLong { max: 40, actual: 41 })));
        for blank in ["", "  ", "\u{200b}"] {
            let refusal = Err(TagNameError::Text(TextError::Empty));
            assert_eq!(blank.parse::<TagName>(), refusal, "{blank:?}");
        }
        assert_eq!("a,b".parse::<TagName>(), Err(TagNameError::Comma));
        for character in ['\n', '\u{7}', '\u{2028}', '\u{202e}'] {
            let refusal = Err(TagNameError::Text(TextError::ControlCharacter { character }));
            assert_eq!(format!("a{character}b").parse::<TagName>(), refusal, "{character:?}");
        }
    }
}
