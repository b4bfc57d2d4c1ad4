//! What counts as a word, for what is found and for what is looked for.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longer words are cut: nobody tells them apart by what comes later, and storage limits the length
/// of what it indexes. In bytes.
const LONGEST: usize = 64;

/// The words of a text: runs of letters and digits, without case and accents, so that `Ärger` and
/// `arger` are one. Han and kana, which are written without spaces, make a word of each character.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in text.nfkd().flat_map(char::to_lowercase).filter(|c| !is_accent(*c)) {
        let stands_alone = is_han_or_kana(c);
        if stands_alone || !(c.is_alphanumeric() || is_combining_mark(c)) {
            finish(&mut word, &mut words);
        }
        if stands_alone {
            words.push(c.into());
        } else if c.is_alphanumeric() || is_combining_mark(c) {
            word.push(c);
        }
    }
    finish(&mut word, &mut words);
    words
}

fn finish(word: &mut String, words: &mut Vec<String>) {
    if word.is_empty() {
        return;
    }
    word.truncate(word.floor_char_boundary(LONGEST));
    words.push(std::mem::take(word));
}

/// A mark on a Latin, Greek or Cyrillic letter; in other scripts, marks are vowels.
fn is_accent(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

fn is_han_or_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{20000}'..='\u{323af}')
        && c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_runs_of_letters_and_digits_without_case_and_accents() {
        for (text, expected) in [
            ("Login fails, AGAIN!", vec!["login", "fails", "again"]),
            ("jane.doe+x@example.com", vec!["jane", "doe", "x", "example", "com"]),
            ("Ärger mit Ünïcode", vec!["arger", "mit", "unicode"]),
            ("A\u{308}rger", vec!["arger"]),
            ("ﬁnal ２０２６", vec!["final", "2026"]),
            ("請求書 PDF", vec!["請", "求", "書", "pdf"]),
            ("हिन्दी", vec!["हिन्दी"]),
            ("Κέρδος Ёлка", vec!["κερδος", "елка"]),
            (" \u{1f600} -- \n", vec![]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn a_long_word_is_cut_between_two_characters() {
        let long = words(&"é".repeat(5000));
        assert_eq!(long, ["e".repeat(64)]);
        let long = words(&"ж".repeat(5000));
        assert_eq!(long, ["ж".repeat(32)]);
        let long = words(&format!("a{}", "ж".repeat(5000)));
        assert_eq!(long, [format!("a{}", "ж".repeat(31))]);
    }
}
