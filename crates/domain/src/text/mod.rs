//! Text written by people: trimmed, limited in length and free of control characters.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use thiserror::Error;

pub use crate::spelling::nearest_name;
pub use crate::stored::FromStored;
pub use crate::wire::UnknownValue;
pub use kinds::{
    Department, DepartmentText, Message, MessageText, Notes, NotesText, Organization,
    OrganizationText, PersonName, PersonNameText, ProjectName, ProjectNameText, Reason, ReasonText,
    Subject, SubjectText,
};
pub use mentions::without_mention;
pub use quoting::quotes;

mod kinds;
mod mentions;
mod quoting;
mod redacted;

/// Error returned when a text is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TextError {
    /// The text is empty or consists only of white space and invisible characters.
    #[error("must not be empty")]
    Empty,
    /// The text has more Unicode scalar values than allowed.
    #[error("must be at most {max} characters, has {actual}")]
    TooLong {
        /// Maximum number of characters.
        max: usize,
        /// Number of characters after trimming.
        actual: usize,
    },
    /// The text contains NUL or another control character that is not allowed. A [`Line`] also
    /// rejects characters that break the line or change the direction of the surrounding text.
    #[error("must not contain the control character U+{:04X}", u32::from(*character))]
    ControlCharacter {
        /// First offending character.
        character: char,
    },
}

/// Placeholder for erased texts and personal data.
pub const ERASED: &str = "[erased]";

fn check_length(text: &str, max: usize) -> Result<(), TextError> {
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    // There are never more characters than bytes, so short texts need not be counted.
    if text.len() > max {
        let actual = text.chars().count();
        if actual > max {
            return Err(TextError::TooLong { max, actual });
        }
    }
    Ok(())
}

fn check_characters(text: &str, allowed: &[char]) -> Result<(), TextError> {
    match text.chars().find(|c| c.is_control() && !allowed.contains(c)) {
        Some(character) => Err(TextError::ControlCharacter { character }),
        None => Ok(()),
    }
}

/// Checks whether a character ends a line or changes the direction of the surrounding text. Such a
/// character would make a list or a mail show something other than what was written.
fn disturbs_line(character: char) -> bool {
    matches!(character, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Checks whether a character is invisible. This covers white space, characters that Unicode lets
/// programs ignore if they have no glyph (`Default_Ignorable_Code_Point`), and the blank braille
/// pattern.
pub(crate) fn is_invisible(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fff8}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

fn check_visible(text: &str) -> Result<(), TextError> {
    if text.chars().all(is_invisible) { Err(TextError::Empty) } else { Ok(()) }
}

/// Kind of texts that no other one describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnyText {}

/// A line of visible text: trimmed, 1 to `MAX` Unicode scalar values, without control characters
/// and without characters that break the line or change the direction of the surrounding text.
///
/// `Kind` distinguishes texts with the same rules, such as a [`Subject`] and a [`PersonName`]. A
/// text of one kind is not accepted for another:
///
/// ```compile_fail,E0308
/// use engage_domain::{PersonName, Subject};
///
/// let subject: Subject = "Unable to access dashboard".parse().unwrap();
/// let name: PersonName = subject;
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line<const MAX: usize, Kind = AnyText>(String, PhantomData<Kind>);

/// Visible text of one or more lines: trimmed, 1 to `MAX` Unicode scalar values. Tabs and line
/// feeds are the only control characters allowed. CR LF and a lone CR are converted to LF.
///
/// `Kind` distinguishes texts with the same rules, as in [`Line`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prose<const MAX: usize, Kind = AnyText>(String, PhantomData<Kind>);

fn check_line(text: &str, max: usize) -> Result<(), TextError> {
    check_characters(text, &[])?;
    check_length(text, max)
}

fn check_new_line(text: &str, max: usize) -> Result<(), TextError> {
    check_line(text, max)?;
    if let Some(character) = text.chars().find(|&c| disturbs_line(c)) {
        return Err(TextError::ControlCharacter { character });
    }
    check_visible(text)
}

fn check_prose(text: &str, max: usize) -> Result<(), TextError> {
    check_characters(text, &['\t', '\n'])?;
    check_length(text, max)
}

fn check_new_prose(text: &str, max: usize) -> Result<(), TextError> {
    check_prose(text, max)?;
    check_visible(text)
}

/// Removes white space around the text. Copies only text that has some.
fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

/// Removes white space around the text and converts line ends to LF.
fn with_line_feeds(text: Cow<'_, str>) -> Cow<'_, str> {
    let text = trimmed(text);
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        text
    }
}

macro_rules! text_impls {
    ($name:ident, $normalized:ident, $check_new:ident, $check_stored:ident) => {
        impl<const MAX: usize, Kind> $name<MAX, Kind> {
            fn checked(
                text: Cow<'_, str>,
                check: fn(&str, usize) -> Result<(), TextError>,
            ) -> Result<Self, TextError> {
                let text = $normalized(text);
                check(&text, MAX)?;
                Ok(Self(text.into_owned(), PhantomData))
            }

            /// Returns [`ERASED`].
            ///
            /// Fails to compile if `MAX` is too small for it.
            #[must_use]
            pub fn erased() -> Self {
                const { assert!(ERASED.len() <= MAX, "there is room for the placeholder") };
                Self(ERASED.to_owned(), PhantomData)
            }

            /// Returns the text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<const MAX: usize, Kind> FromStr for $name<MAX, Kind> {
            type Err = TextError;

            fn from_str(text: &str) -> Result<Self, TextError> {
                Self::checked(text.into(), $check_new)
            }
        }

        impl<const MAX: usize, Kind> TryFrom<&str> for $name<MAX, Kind> {
            type Error = TextError;

            fn try_from(text: &str) -> Result<Self, TextError> {
                text.parse()
            }
        }

        impl<const MAX: usize, Kind> TryFrom<String> for $name<MAX, Kind> {
            type Error = TextError;

            fn try_from(text: String) -> Result<Self, TextError> {
                Self::checked(text.into(), $check_new)
            }
        }

        impl<const MAX: usize, Kind> FromStored for $name<MAX, Kind> {
            fn from_stored(text: &str) -> Result<Self, TextError> {
                Self::checked(text.into(), $check_stored)
            }
        }

        impl<const MAX: usize, Kind> AsRef<str> for $name<MAX, Kind> {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl<const MAX: usize, Kind> From<$name<MAX, Kind>> for String {
            fn from(text: $name<MAX, Kind>) -> Self {
                text.0
            }
        }

        impl<const MAX: usize, Kind> fmt::Debug for $name<MAX, Kind> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.0).finish()
            }
        }

        impl<const MAX: usize, Kind> fmt::Display for $name<MAX, Kind> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        crate::wire::serde_as_text!(stored $name<const MAX: usize, Kind>);
    };
}

text_impls!(Line, trimmed, check_new_line, check_line);
text_impls!(Prose, with_line_feeds, check_new_prose, check_prose);

impl<const SHORT: usize, Kind> Prose<SHORT, Kind> {
    /// Converts the text to a kind that allows more characters.
    fn widened<const LONG: usize, Other>(self) -> Prose<LONG, Other> {
        const { assert!(SHORT <= LONG, "a text can only be widened") };
        Prose(self.0, PhantomData)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_around_a_text_is_dropped() {
        assert_eq!(" \t a b\u{a0}\n".parse::<Line<3>>().unwrap().as_str(), "a b");
        assert_eq!("\r\n a\n".parse::<Prose<1>>().unwrap().as_str(), "a");
    }

    #[test]
    fn length_counts_unicode_scalar_values() {
        assert!("\u{1f600}\u{e9}".parse::<Line<2>>().is_ok());
        assert_eq!(
            "e\u{301}\u{1f600}".parse::<Line<2>>(),
            Err(TextError::TooLong { max: 2, actual: 3 })
        );
    }

    #[test]
    fn blank_text_is_empty() {
        assert_eq!(" \u{2003}\n".parse::<Line<9>>(), Err(TextError::Empty));
        assert_eq!("".parse::<Prose<9>>(), Err(TextError::Empty));
    }

    #[test]
    fn a_line_rejects_control_characters() {
        for character in ['\0', '\t', '\n', '\r', '\u{1b}', '\u{7f}', '\u{85}'] {
            assert_eq!(
                format!("a{character}b").parse::<Line<9>>(),
                Err(TextError::ControlCharacter { character })
            );
        }
    }

    #[test]
    fn a_line_rejects_line_breaks_and_direction_changes() {
        for character in ['\u{2028}', '\u{2029}', '\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}'] {
            let text = format!("invoice{character}fdp.exe");
            assert_eq!(text.parse::<Line<20>>(), Err(TextError::ControlCharacter { character }));
            assert!(text.parse::<Prose<20>>().is_ok());
        }
        for harmless in
            ["\u{5e9}\u{200f}\u{5dc}", "\u{645}\u{200c}\u{6cc}", "\u{1f468}\u{200d}\u{1f4bb}"]
        {
            assert_eq!(harmless.parse::<Line<9>>().unwrap().as_str(), harmless);
        }
    }

    #[test]
    fn invisible_text_is_empty() {
        let invisible = [
            "\u{200b}",
            "\u{3164}",
            "\u{2800}",
            "\u{115f}\u{1160}",
            "\u{ad}\u{feff}",
            "\u{2060}",
            "\u{180e} \u{ffa0}",
            "\u{fe0f}",
            "\u{e0061}\u{e007f}",
            "\u{200b}\n\t\u{34f}",
        ];
        for text in invisible {
            assert_eq!(text.parse::<Prose<9>>(), Err(TextError::Empty), "{text:?}");
            let line = text.replace(['\n', '\t'], "");
            assert_eq!(line.parse::<Line<9>>(), Err(TextError::Empty), "{line:?}");
            let with_letter = format!("{line}x");
            assert_eq!(with_letter.parse::<Line<9>>().unwrap().as_str(), with_letter.trim());
        }
    }

    #[test]
    fn text_stored_under_looser_rules_is_read_back() {
        for text in ["\u{200b}", "a\u{202e}b", "a\u{2028}b"] {
            assert_eq!(<Line<9>>::from_stored(text).unwrap().as_str(), text);
            assert_eq!(<Prose<9>>::from_stored(text).unwrap().as_str(), text);
        }
        assert!(<Line<9>>::from_stored("a\nb").is_err());
    }

    #[test]
    fn prose_keeps_tabs_and_normalises_line_ends() {
        assert_eq!("a\tb\r\nc\rd\ne".parse::<Prose<20>>().unwrap().as_str(), "a\tb\nc\nd\ne");
        for character in ['\0', '\u{1b}', '\u{7f}', '\u{85}'] {
            assert_eq!(
                format!("a{character}b").parse::<Prose<9>>(),
                Err(TextError::ControlCharacter { character })
            );
        }
    }

    #[test]
    fn a_text_is_read_from_a_string_as_from_a_slice() {
        for text in ["a", " a b ", "", "a\r\nb", "a\u{202e}b", "too long for it"] {
            assert_eq!(<Line<9>>::try_from(text.to_owned()), text.parse());
            assert_eq!(<Line<9>>::try_from(text), text.parse());
            assert_eq!(<Prose<9>>::try_from(text.to_owned()), text.parse());
            assert_eq!(<Prose<9>>::try_from(text), text.parse());
        }
    }

    #[test]
    fn a_string_without_white_space_around_it_is_not_copied() {
        let text = "Unable to access dashboard".to_owned();
        let place = text.as_ptr();
        assert_eq!(Subject::try_from(text).unwrap().as_str().as_ptr(), place);
    }

    #[test]
    fn a_shorter_text_becomes_a_message() {
        let reason: Reason = "No answer".parse().unwrap();
        assert_eq!(Message::from(reason).as_str(), "No answer");
    }

    #[test]
    fn the_limit_applies_after_normalisation() {
        assert!("a\r\nb".parse::<Prose<3>>().is_ok());
    }
}
