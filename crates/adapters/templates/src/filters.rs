//! askama filters used by the templates.
// For the code that the attribute generates for each filter.
#![allow(unreachable_pub, clippy::inline_always, clippy::unused_self)]

use std::fmt::{Display, Write as _};

/// Maximum number of characters in a line of plain text, unless a single word is longer (RFC 3676,
/// section 4.2, requires fewer than 79).
const WIDTH: usize = 72;

/// Wraps a paragraph into lines of at most 72 characters. Spaces are preserved, except at line
/// breaks.
#[askama::filter_fn]
pub(crate) fn wrap<T: Display>(paragraph: T, _: &dyn askama::Values) -> askama::Result<String> {
    let mut text = String::new();
    write!(text, "{paragraph}")?;
    Ok(wrapped(&text))
}

fn wrapped(paragraph: &str) -> String {
    let (mut text, mut width) = (String::new(), 0);
    for word in paragraph.trim().split([' ', '\n']) {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > WIDTH {
            text.push('\n');
            width = 0;
        } else if !text.is_empty() {
            text.push(' ');
            width += 1;
        }
        text.push_str(word);
        width += length;
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_paragraph_breaks_between_words_only() {
        let long = "x".repeat(80);
        assert_eq!(wrapped(&format!(" a  b\nc {long} d")), format!("a  b c\n{long}\nd"));
    }

    proptest! {
        #[test]
        fn lines_fit_and_no_word_is_lost(words in proptest::collection::vec("[a-z]{1,20}", 0..60)) {
            let text = wrapped(&words.join(" "));
            prop_assert!(text.lines().all(|line| line.len() <= WIDTH));
            prop_assert!(text.split_whitespace().eq(words));
        }
    }
}
