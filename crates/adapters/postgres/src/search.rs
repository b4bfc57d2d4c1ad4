//! The words by which a case is found, as PostgreSQL holds them.

use engage_repository::{SearchExpression, SearchField, SearchTerm, SearchWords};

/// What goes before the words of a place, where they are kept once more to tell the place. Weights
/// would do the same, but need positions, and those grow with each update.
///
/// No word has any of these in it, and no place is told of the conversation, nor of the whole of
/// something.
fn mark(place: SearchField) -> &'static str {
    match place {
        SearchField::Number => "#",
        SearchField::Subject => "!",
        SearchField::Customer => "@",
        SearchField::Conversation | SearchField::Whole => "",
    }
}

/// Words as the text of a `tsvector`. A word has nothing but letters, digits and marks in it, so it
/// needs no escaping.
pub(crate) fn vector_text(words: &SearchWords) -> String {
    let places = [
        (&words.number, SearchField::Number),
        (&words.subject, SearchField::Subject),
        (&words.customer, SearchField::Customer),
        (&words.conversation, SearchField::Conversation),
    ];
    let mut lexemes = Vec::with_capacity(places.iter().map(|(words, _)| 2 * words.len()).sum());
    for (words, place) in places {
        let mark = mark(place);
        lexemes.extend(words.iter().map(|word| ("", word.as_str())));
        if !mark.is_empty() {
            lexemes.extend(words.iter().map(|word| (mark, word.as_str())));
        }
    }
    // Sorted once: each creation passes here, and a sorted set costs many times as much.
    lexemes.sort_unstable();
    lexemes.dedup();
    let mut text = String::with_capacity(
        lexemes.iter().map(|(mark, word)| mark.len() + word.len() + "'' ".len()).sum(),
    );
    for (mark, word) in lexemes {
        text.extend(["'", mark, word, "' "]);
    }
    text
}

/// A search as the text of a `tsquery`, met where all of it is in one place, or in the whole of the
/// conversation and all other places.
pub(crate) fn query_text(search: &SearchExpression, place: SearchField) -> String {
    let list = |parts: &[SearchExpression], between: &str| {
        let parts: Vec<_> = parts.iter().map(|part| query_text(part, place)).collect();
        format!("({})", parts.join(between))
    };
    match search {
        SearchExpression::Term(term) => term_text(term, place),
        SearchExpression::All(parts) => list(parts, " & "),
        SearchExpression::Any(ways) => list(ways, " | "),
    }
}

/// A word as the text of a `tsquery`, met where it is in a place.
pub(crate) fn term_text(term: &SearchTerm, place: SearchField) -> String {
    format!("'{}{}'{}", mark(place), term.word, if term.is_prefix { ":*" } else { "" })
}

#[cfg(test)]
mod tests {
    use engage_repository::SearchQuery;

    use super::*;

    #[test]
    fn words_are_kept_once_for_the_case_and_once_for_each_telling_place() {
        let list = |words: &[&str]| words.iter().map(ToString::to_string).collect();
        let words = SearchWords {
            number: list(&["1"]),
            subject: list(&["1", "login"]),
            customer: list(&["jane"]),
            conversation: list(&["jane", "why"]),
        };
        let text = "'1' 'jane' 'login' 'why' '!1' '!login' '#1' '@jane' ";
        assert_eq!(vector_text(&words), text);
    }

    #[test]
    fn a_search_is_met_in_one_place_or_in_all() {
        let search: SearchQuery = "re e-mail".parse().unwrap();
        let text = |place| query_text(search.expression(), place);
        assert_eq!(text(SearchField::Conversation), "('re' & (('e' & 'mail':*) | 'email':*))");
        assert_eq!(text(SearchField::Subject), "('!re' & (('!e' & '!mail':*) | '!email':*))");
    }
}
