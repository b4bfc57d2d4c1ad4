//! Text written by people: trimmed, bounded, free of control characters.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Why a text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// More Unicode scalar values than allowed.
    #[error("must be at most {max} characters, has {actual}")]
    TooLong {
        /// The most that are allowed.
        max: usize,
        /// How many there are after trimming.
        actual: usize,
    },
    /// A NUL or another control character that has no place in such a text.
    #[error("must not contain the control character U+{:04X}", u32::from(*character))]
    ControlCharacter {
        /// The first offending character.
        character: char,
    },
}

/// What stands where a person's words or data were erased.
pub const ERASED: &str = "[erased]";

fn check_length(text: &str, max: usize) -> Result<(), TextError> {
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    // Bytes bound characters, so short texts need no count.
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

/// One line of text: trimmed, 1 to `MAX` Unicode scalar values, no control characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line<const MAX: usize>(String);

/// Text of one or more lines: trimmed, 1 to `MAX` Unicode scalar values; of the control characters
/// only tabs and line feeds. CR LF and a lone CR become LF.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prose<const MAX: usize>(String);

impl<const MAX: usize> FromStr for Line<MAX> {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        check_characters(text, &[])?;
        check_length(text, MAX)?;
        Ok(Self(text.to_owned()))
    }
}

impl<const MAX: usize> FromStr for Prose<MAX> {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        let text = if text.contains('\r') {
            text.replace("\r\n", "\n").replace('\r', "\n")
        } else {
            text.to_owned()
        };
        check_characters(&text, &['\t', '\n'])?;
        check_length(&text, MAX)?;
        Ok(Self(text))
    }
}

macro_rules! text_impls {
    ($name:ident) => {
        impl<const MAX: usize> $name<MAX> {
            /// [`ERASED`].
            ///
            /// Fails to compile where fewer characters are allowed.
            #[must_use]
            pub fn erased() -> Self {
                const { assert!(ERASED.len() <= MAX, "there is room for the placeholder") };
                Self(ERASED.to_owned())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<const MAX: usize> AsRef<str> for $name<MAX> {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl<const MAX: usize> From<$name<MAX>> for String {
            fn from(text: $name<MAX>) -> Self {
                text.0
            }
        }

        impl<const MAX: usize> fmt::Display for $name<MAX> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        crate::wire::serde_as_text!($name<const MAX: usize>);
    };
}

text_impls!(Line);
text_impls!(Prose);

impl<const SHORT: usize> Prose<SHORT> {
    /// The same text where more characters are allowed.
    ///
    /// Fails to compile where fewer are.
    pub fn widen<const LONG: usize>(self) -> Prose<LONG> {
        const { assert!(SHORT <= LONG, "a text can only be widened") };
        Prose(self.0)
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
    fn a_line_takes_no_control_character() {
        for character in ['\0', '\t', '\n', '\r', '\u{1b}', '\u{7f}', '\u{85}'] {
            assert_eq!(
                format!("a{character}b").parse::<Line<9>>(),
                Err(TextError::ControlCharacter { character })
            );
        }
    }

    #[test]
    fn prose_keeps_tabs_and_turns_every_line_end_into_a_line_feed() {
        assert_eq!("a\tb\r\nc\rd\ne".parse::<Prose<20>>().unwrap().as_str(), "a\tb\nc\nd\ne");
        for character in ['\0', '\u{1b}', '\u{7f}', '\u{85}'] {
            assert_eq!(
                format!("a{character}b").parse::<Prose<9>>(),
                Err(TextError::ControlCharacter { character })
            );
        }
    }

    #[test]
    fn the_limit_applies_after_normalisation() {
        assert!("a\r\nb".parse::<Prose<3>>().is_ok());
    }
}
