//! What is looked for as a whole: telephone numbers, however they are written, and addresses.
//!
//! Such a thing is kept as a word of its own beside the words that it has, behind a character of
//! the private use area, which no word of a text has.

use engage_domain::EmailAddress;

use super::term::SearchTerm;

const TELEPHONE: char = '\u{e050}';
const ADDRESS: char = '\u{e051}';

/// From how many digits on something may be a telephone number.
const FEWEST_DIGITS: usize = 7;

/// Of how many digits at most a number is told from others; E.164 has 15.
const MOST_DIGITS: usize = 18;

/// In how many parts a number is written at most.
const MOST_PARTS: usize = 8;

/// The shortest number without its country code.
const SHORTEST_NATIONAL: usize = 6;

/// The digits of a folded chunk that may be a part of a telephone number: one that has nothing
/// else in it but what people put between them, or only that. A zero in brackets is only for calls
/// from inside the country.
pub(super) fn telephone_digits(chunk: &str) -> Option<String> {
    let chunk = chunk.strip_prefix("tel:").unwrap_or(chunk);
    let chunk = chunk.trim_matches([',', ';', ':', '!', '?', '"', '\'', '<', '>']);
    let is_of_number = |c: char| {
        c.is_ascii_digit()
            || matches!(c, '+' | '-' | '.' | '/' | '(' | ')' | '\u{2010}'..='\u{2015}')
    };
    if chunk.is_empty() || !chunk.chars().all(is_of_number) {
        return None;
    }
    Some(chunk.replace("(0)", "").chars().filter(char::is_ascii_digit).collect())
}

/// Whether so many parts in a row may be a telephone number.
pub(super) fn may_be_telephone(parts: &[String]) -> bool {
    let digits: usize = parts.iter().map(String::len).sum();
    parts.len() <= MOST_PARTS && (FEWEST_DIGITS..=2 * MOST_DIGITS).contains(&digits)
}

/// The words by which parts in a row are found that may be a telephone number, or begin with one:
/// the digits up to the end of each part, the last first, so that how a number begins, which there
/// are several ways to write, does not matter.
pub(super) fn telephone_words(parts: &[String]) -> Vec<String> {
    if parts.len() > MOST_PARTS {
        let alone = parts.iter().filter(|part| part.len() >= FEWEST_DIGITS);
        return alone.map(|part| telephone(part)).collect();
    }
    let mut digits = String::new();
    let mut words = Vec::new();
    for part in parts {
        digits.push_str(part);
        if digits.len() >= FEWEST_DIGITS {
            words.push(telephone(&digits));
        }
    }
    words
}

/// The ways in which a number may be stored that somebody looks for: one of these words is there.
pub(super) fn telephone_terms(digits: &str) -> Vec<SearchTerm> {
    let term = |digits: &str, is_prefix| SearchTerm { word: telephone(digits), is_prefix };
    let mut terms = vec![term(digits, true)];
    // Before the country code in North America, and before the area code in Russia.
    let prefixed = match digits.as_bytes() {
        [b'8', rest @ ..] if rest.len() == 10 => digits.get(1..),
        _ => digits.strip_prefix("011"),
    };
    terms.extend(prefixed.map(|rest| term(rest, true)));
    // Without a country code, which has up to three digits.
    let whole = prefixed.unwrap_or(digits).trim_start_matches('0');
    let national = (1..=3).filter_map(|code| whole.get(code..));
    let national = national.filter(|rest| rest.len() >= SHORTEST_NATIONAL);
    terms.extend(national.map(|rest| term(rest, false)));
    terms
}

fn telephone(digits: &str) -> String {
    let digits = digits.trim_start_matches('0');
    let last = digits.chars().rev().take(MOST_DIGITS);
    std::iter::once(TELEPHONE).chain(last).collect()
}

/// The word by which an address is found as a whole. Its punctuation is moved to the private use
/// area, since stores take words apart there.
pub(super) fn address_word(address: &EmailAddress) -> String {
    let letters = address.normalized();
    let letters = letters.chars().map(|c| match c {
        _ if c.is_ascii() && !c.is_ascii_alphanumeric() => {
            char::from_u32(0xe000 + c as u32).unwrap_or(c)
        }
        _ => c,
    });
    std::iter::once(ADDRESS).chain(letters).collect()
}

/// The address that a chunk is, as people paste it.
pub(super) fn address_in(chunk: &str) -> Option<EmailAddress> {
    let chunk = chunk.trim_matches(['<', '>', '(', ')', '[', ']', ',', ';', ':', '"', '\'', '.']);
    let chunk = match chunk.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("mailto") => rest,
        _ => chunk,
    };
    if chunk.contains('@') { chunk.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<String> {
        let parts = text.split_whitespace().map(|chunk| telephone_digits(chunk).unwrap());
        parts.filter(|part| !part.is_empty()).collect()
    }

    fn is_found(stored: &str, typed: &str) -> bool {
        let words = telephone_words(&parts(stored));
        let parts = parts(typed);
        assert!(may_be_telephone(&parts), "{typed}");
        telephone_terms(&parts.concat()).iter().any(|term| {
            words
                .iter()
                .any(|word| *word == term.word || (term.is_prefix && word.starts_with(&term.word)))
        })
    }

    #[test]
    fn a_number_is_found_in_any_spelling() {
        let spellings = [
            "+493090182077",
            "493090182077",
            "+49 30 90182077",
            "+49 (30) 901-820 77",
            "+49 (0)30 / 90 18 20 77",
            "004930/90182077",
            "01149 30 90182077",
            "03090182077",
            "(030) 90182077",
            "030.901.820.77",
            "tel:+49-30-90182077",
        ];
        for stored in spellings {
            for typed in spellings {
                assert!(is_found(stored, typed), "{stored:?} by {typed:?}");
            }
            assert!(is_found(stored, "90182077"), "{stored:?}");
            assert!(!is_found(stored, "90182078") && !is_found(stored, "030 80182077"));
        }
        assert!(!is_found("+493090182077", "+43 30 90182077"));
        assert!(is_found("+74951234567", "8 (495) 123-45-67"));
        assert!(is_found("(555) 123-4567", "+1 555 123 4567"));
        assert!(is_found("030 90182077 24/7", "030 90182077"));
    }

    #[test]
    fn what_has_letters_or_few_digits_is_no_telephone_number() {
        assert_eq!(telephone_digits("A-1234567"), None);
        assert_eq!(telephone_digits("--"), Some(String::new()));
        assert!(!may_be_telephone(&parts("12 34 56")));
        assert!(!may_be_telephone(&parts("1 2 3 4 5 6 7 8 9")));
        assert_eq!(telephone_words(&parts("123456")), Vec::<String>::new());
        assert_eq!(telephone_words(&parts("1 2 3 4 5 6 7 8 1234567")), ["\u{e050}7654321"]);
    }

    #[test]
    fn an_address_is_one_word_without_punctuation_of_ascii() {
        for chunk in ["Rita.B@Firm.example", "<rita.b@firm.example>,", "mailto:rita.b@firm.example"]
        {
            let word = address_word(&address_in(chunk).unwrap());
            assert_eq!(word, "\u{e051}rita\u{e02e}b\u{e040}firm\u{e02e}example");
        }
        assert_eq!(address_in("rita at firm.example"), None);
        assert_eq!(address_in("@firm"), None);
    }
}
