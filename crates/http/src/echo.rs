//! Display of client input in errors and logs.

use std::fmt::Write;

/// Maximum length of displayed text, in characters.
const LONGEST: usize = 160;

/// Returns a text as one line. Long text is truncated, and invisible characters are escaped.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::new();
    let mut characters = text.trim().chars();
    for character in characters.by_ref().take(LONGEST) {
        if is_visible(character) {
            shown.push(character);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(shown, "{}", character.escape_unicode());
        }
    }
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
}

/// Returns true unless a character is a control, a line separator, invisible, or changes the text
/// direction.
fn is_visible(character: char) -> bool {
    let is_format = matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}');
    !character.is_control() && !is_format
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displayed_text_is_one_line_of_visible_characters() {
        for (text, expected) in [
            ("CW-2025-001", "CW-2025-001"),
            (" a b ", "a b"),
            ("a\r\nb", r"a\u{d}\u{a}b"),
            ("a\u{202e}b\u{2028}c\u{0}", r"a\u{202e}b\u{2028}c\u{0}"),
            ("Straße 😀", "Straße 😀"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn a_long_text_is_truncated() {
        assert_eq!(shown(&"ä".repeat(160)), "ä".repeat(160));
        assert_eq!(shown(&"ä".repeat(161)), format!("{}…", "ä".repeat(160)));
    }
}
