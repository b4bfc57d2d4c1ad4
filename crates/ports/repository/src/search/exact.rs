//! Phone numbers, in any notation, and e-mail addresses, which are searched as a whole.
//!
//! Each of them is stored as one additional word beside the words it consists of. The word starts
//! with a private-use character, which never occurs in an ordinary word.

use engage_domain::EmailAddress;

use super::term::SearchTerm;

const TELEPHONE: char = '\u{e050}';
const ADDRESS: char = '\u{e051}';

/// Minimum number of digits of a phone number.
const FEWEST_DIGITS: usize = 7;

/// Maximum number of digits that are compared. E.164 numbers have up to 15.
const MOST_DIGITS: usize = 18;

/// Maximum number of parts that a phone number is written in.
const MOST_PARTS: usize = 8;

/// Minimum length of a number without its country code.
const SHORTEST_NATIONAL: usize = 6;

/// Returns the digits of a folded chunk if it may be part of a phone number, that is, if it
/// consists of digits and the usual punctuation only. The result may be empty. A zero in
/// parentheses is dropped, since it is dialled only within the country.
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

/// Checks whether consecutive parts may form a phone number.
pub(super) fn may_be_telephone(parts: &[String]) -> bool {
    let digits: usize = parts.iter().map(String::len).sum();
    parts.len() <= MOST_PARTS && (FEWEST_DIGITS..=2 * MOST_DIGITS).contains(&digits)
}

/// Returns the index words for consecutive parts that may form a phone number or start with one.
/// There is one word for the digits up to the end of each part. The digits are reversed, because
/// the start of a number can be written in several ways.
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

/// Returns the terms for all stored forms of a number in a query. A match of any of them is
/// sufficient.
pub(super) fn telephone_terms(digits: &str) -> Vec<SearchTerm> {
    let term = |digits: &str, is_prefix| SearchTerm { word: telephone(digits), is_prefix };
    let mut terms = vec![term(digits, true)];
    // International prefix in North America and trunk prefix in Russia.
    let prefixed = match digits.as_bytes() {
        [b'8', rest @ ..] if rest.len() == 10 => digits.get(1..),
        _ => digits.strip_prefix("011"),
    };
    terms.extend(prefixed.map(|rest| term(rest, true)));
    // Variants without the country code, which has up to three digits.
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

/// Returns the index word for a whole e-mail address. Its punctuation is mapped to private-use
/// characters, since stores split words at punctuation.
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

/// Parses a chunk as an e-mail address, allowing for the punctuation around a pasted address.
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
    fn a_number_is_found_in_any_notation() {
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
    fn letters_or_too_few_digits_are_not_a_phone_number() {
        assert_eq!(telephone_digits("A-1234567"), None);
        assert_eq!(telephone_digits("--"), Some(String::new()));
        assert!(!may_be_telephone(&parts("12 34 56")));
        assert!(!may_be_telephone(&parts("1 2 3 4 5 6 7 8 9")));
        assert_eq!(telephone_words(&parts("123456")), Vec::<String>::new());
        assert_eq!(telephone_words(&parts("1 2 3 4 5 6 7 8 1234567")), ["\u{e050}7654321"]);
    }

    #[test]
    fn an_address_is_one_word_without_ascii_punctuation() {
        for chunk in ["Rita.B@Firm.example", "<rita.b@firm.example>,", "mailto:rita.b@firm.example"]
        {
            let word = address_word(&address_in(chunk).unwrap());
            assert_eq!(word, "\u{e051}rita\u{e02e}b\u{e040}firm\u{e02e}example");
        }
        assert_eq!(address_in("rita at firm.example"), None);
        assert_eq!(address_in("@firm"), None);
    }
}
