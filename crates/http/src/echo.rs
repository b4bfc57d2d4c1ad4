//! What a client sent, as errors and logs show it.

use std::fmt::Write;

/// The longest text that is shown, in characters.
const LONGEST: usize = 160;

/// Returns a text as one line, cut where it is long, with what is no visible text escaped.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::new();
    let mut characters = text.trim().chars();
    for character in characters.by_ref().take(LONGEST) {
        if is_visible(character) {
            shown.push(character);
        } else {
            // Writing to a text cannot fail.
            let _ = write!(shown, "{}", character.escape_unicode());
        }
    }
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
}

/// Whether a character is neither a control, a separator of lines, nor one that turns the direction
/// of what follows or hides.
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
    fn what_is_shown_is_one_line_of_visible_text() {
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
    fn a_long_text_is_cut() {
        assert_eq!(shown(&"ä".repeat(160)), "ä".repeat(160));
        assert_eq!(shown(&"ä".repeat(161)), format!("{}…", "ä".repeat(160)));
    }
}
