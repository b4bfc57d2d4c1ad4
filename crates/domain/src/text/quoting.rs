//! Recognition of texts that quote others.

use std::collections::HashSet;

/// Number of successive words that make a quotation.
const RUN: usize = 5;

/// Minimum length of a single word with a digit that is a quotation by itself, such as a password.
const LONG_WORD: usize = 8;

/// Minimum length of a number that is a quotation by itself. It is longer than a date.
const LONG_NUMBER: usize = 9;

/// Checks whether a text repeats a part of another one.
///
/// That part is a run of five words, or the whole other text if it has fewer, or a single word of at
/// least eight characters that contains a digit, such as a password. A number needs nine digits, as
/// one of a card has. Case, punctuation, line breaks and the marks of quoted lines do not count.
///
/// ```
/// use engage_domain::text::quotes;
///
/// let password = "My password is h7Kx92mmQ.";
/// assert!(quotes("> my PASSWORD\n> is h7Kx92mmQ\n\nPlease change it.", password));
/// assert!(quotes("I changed h7kx92mmq to another one.", password));
/// assert!(!quotes("Please change your password.", password));
/// ```
pub fn quotes(text: &str, other: &str) -> bool {
    let (words, quoted) = (words(text), words(other));
    let secrets: HashSet<&String> = quoted.iter().filter(|word| is_secret(word)).collect();
    if words.iter().any(|word| secrets.contains(word)) {
        return true;
    }
    let length = quoted.len().min(RUN);
    if length == 0 {
        return false;
    }
    let runs: HashSet<&[String]> = quoted.windows(length).collect();
    words.windows(length).any(|run| runs.contains(run))
}

/// Checks whether a word is hardly written twice by chance.
fn is_secret(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let length = word.chars().count();
    let enough = if digits == length { LONG_NUMBER } else { LONG_WORD };
    digits > 0 && length >= enough
}

/// Returns the words of a text in lower case. Digits that are grouped by blanks or dashes, as on a
/// card, are one word.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut ends_in_digits = false;
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let is_number = word.chars().all(|c| c.is_ascii_digit());
        match words.last_mut().filter(|_| is_number && ends_in_digits) {
            Some(last) => last.push_str(word),
            None => words.push(word.to_lowercase()),
        }
        ends_in_digits = is_number;
    }
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_reply_below_the_quoted_text_quotes_it() {
        let text = "It says that the role of the account is missing.";
        let reply = "Thanks!\n\n> It says that the role of\n> the account is missing.";
        assert!(quotes(reply, text));
    }

    #[test]
    fn a_few_words_in_common_are_no_quotation() {
        let text = "It says that the role of the account is missing.";
        assert!(!quotes("The role of the user was removed.", text));
        assert!(!quotes("", text));
    }

    #[test]
    fn a_number_is_recognised_however_its_digits_are_grouped() {
        let text = "The card is 4111 1111 1111 1111.";
        for reply in ["4111111111111111?", "Is it 4111-1111-1111-1111?"] {
            assert!(quotes(reply, text), "{reply}");
        }
        assert!(!quotes("Is it 4111?", text));
    }

    #[test]
    fn a_date_is_no_quotation() {
        let text = "It has failed since the update of 2025-01-27, and nobody can work.";
        assert!(!quotes("We updated it again on 2025-01-27.", text));
    }

    #[test]
    fn a_short_text_is_quoted_as_a_whole() {
        assert!(quotes("I opened scan.pdf.", "scan.pdf"));
        assert!(!quotes("I opened the scan.", "scan.pdf"));
        assert!(!quotes("Anything", "?!"));
    }

    proptest! {
        #[test]
        fn a_text_within_another_one_is_quoted(
            text in "[a-zA-Z]{1,9}( [a-zA-Z]{1,9}){0,9}", before in "[ a-z.\n]{0,30}",
            after in "[ a-z.\n]{0,30}",
        ) {
            let indented = text.replace(' ', "\n> ");
            let whole = format!("{before} > {indented}. {after}");
            prop_assert!(quotes(&whole, &text));
        }

        #[test]
        fn any_texts_are_compared(one in any::<String>(), other in any::<String>()) {
            quotes(&one, &other);
        }
    }
}
