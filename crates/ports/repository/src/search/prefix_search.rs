//! Search by the beginnings of words: which words of a query also match longer words.

/// Minimum number of characters for a prefix match. Shorter prefixes would match nearly every case.
const SHORTEST_PREFIX: usize = 3;

/// Number of digits of a year. A reference with fewer digits after its letters is not matched as a
/// prefix, since it would match nearly every reference.
const DIGITS_OF_YEAR: usize = 4;

/// Checks whether a word is long enough to match the words that start with it.
pub(super) fn matches_longer_words(word: &str) -> bool {
    word.chars().count() >= SHORTEST_PREFIX
}

/// Checks whether a reference, such as a case number, matches the references that start with it.
pub(super) fn matches_longer_references(word: &str) -> bool {
    matches_longer_words(word) && !has_incomplete_year(word)
}

/// Checks for the start of a reference that has no complete year.
fn has_incomplete_year(word: &str) -> bool {
    let digits = word.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    digits.len() < DIGITS_OF_YEAR
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_three_characters_match_longer_ones() {
        for (word, matches) in
            [("ab", false), ("abc", true), ("\u{fc}\u{fc}", false), ("2025", true)]
        {
            assert_eq!(matches_longer_words(word), matches, "{word}");
        }
    }

    #[test]
    fn a_reference_matches_longer_ones_if_it_has_a_complete_year() {
        for (word, matches) in
            [("cw20", false), ("cw202", false), ("cw2025", true), ("cw20250", true), ("inv", true)]
        {
            assert_eq!(matches_longer_references(word), matches, "{word}");
        }
    }
}
