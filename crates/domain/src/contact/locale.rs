//! Languages of contacts.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Language of a person as a language tag such as `de` or `pt-BR` (BCP 47), at most 35 characters.
///
/// Only the syntax is checked. The spelling is preserved, and comparison ignores case.
#[derive(Debug, Clone)]
pub struct Locale(String);

/// Error returned when a text is not a language tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be a language tag such as de or pt-BR")]
pub struct LocaleError;

/// Maximum length, which leaves room for all tags in practical use (RFC 5646, section 4.4.1).
const LONGEST: usize = 35;

impl Locale {
    /// Returns the tag as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    let is_language =
        (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_alphabetic());
    let is_subtag = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    text.len() <= LONGEST && is_language && parts.all(is_subtag)
}

impl FromStr for Locale {
    type Err = LocaleError;

    fn from_str(text: &str) -> Result<Self, LocaleError> {
        let text = text.trim();
        if is_tag(text) { Ok(Self(text.to_owned())) } else { Err(LocaleError) }
    }
}

impl PartialEq for Locale {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Locale {}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

crate::wire::try_from_text!(Locale);
crate::wire::serde_as_text!(Locale);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_tags_are_accepted_as_given() {
        for text in ["de", "pt-BR", "zh-Hant-TW", "ast", "de-DE-1996", "en-x-plain"] {
            assert_eq!(text.parse::<Locale>().unwrap().as_str(), text);
        }
        assert_eq!("pt-br".parse::<Locale>(), "PT-BR".parse());
    }

    #[test]
    fn other_texts_are_refused() {
        let long = format!("de{}", "-abcdefgh".repeat(4));
        for text in ["", "d", "de_DE", "german", "de-", "-de", "de--at", "d\u{e9}", "12", &long] {
            assert_eq!(text.parse::<Locale>(), Err(LocaleError), "{text}");
        }
    }
}
