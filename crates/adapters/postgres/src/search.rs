//! The search words of cases, as PostgreSQL stores them.

use engage_repository::{SearchExpression, SearchField, SearchTerm, SearchWords};

/// Returns the prefix of the words of a field, which are stored twice: with it, to tell the field, and
/// without. Weights would do the same, but need positions, which grow with each update.
///
/// No word contains a prefix. The words of the conversation and of whole fields have none.
fn mark(field: SearchField) -> &'static str {
    match field {
        SearchField::Number => "#",
        SearchField::Subject => "!",
        SearchField::Customer => "@",
        SearchField::Conversation | SearchField::Whole => "",
    }
}

/// Returns words as the text of a `tsvector`. A word consists of letters, digits and marks, so it needs no
/// escaping.
pub(crate) fn vector_text(words: &SearchWords) -> String {
    let fields = [
        (&words.number, SearchField::Number),
        (&words.subject, SearchField::Subject),
        (&words.customer, SearchField::Customer),
        (&words.conversation, SearchField::Conversation),
    ];
    let mut lexemes = Vec::with_capacity(fields.iter().map(|(words, _)| 2 * words.len()).sum());
    for (words, field) in fields {
        let mark = mark(field);
        lexemes.extend(words.iter().map(|word| ("", word.as_str())));
        if !mark.is_empty() {
            lexemes.extend(words.iter().map(|word| (mark, word.as_str())));
        }
    }
    // Sorted once, because a sorted set costs many times as much and every new case comes here.
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

/// Returns a search as the text of a `tsquery`, which finds all of it in one field. In the conversation it
/// finds it across all fields.
pub(crate) fn query_text(search: &SearchExpression, field: SearchField) -> String {
    let list = |parts: &[SearchExpression], operator: &str| {
        let parts: Vec<_> = parts.iter().map(|part| query_text(part, field)).collect();
        format!("({})", parts.join(operator))
    };
    match search {
        SearchExpression::Term(term) => term_text(term, field),
        SearchExpression::All(parts) => list(parts, " & "),
        SearchExpression::Any(parts) => list(parts, " | "),
    }
}

/// Returns a word as the text of a `tsquery`, which finds it in a field.
pub(crate) fn term_text(term: &SearchTerm, field: SearchField) -> String {
    format!("'{}{}'{}", mark(field), term.word, if term.is_prefix { ":*" } else { "" })
}

#[cfg(test)]
mod tests {
    use engage_repository::SearchQuery;

    use super::*;

    #[test]
    fn words_are_stored_once_for_the_case_and_once_for_each_field_that_is_told() {
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
    fn a_search_matches_one_field_or_all() {
        let search: SearchQuery = "re e-mail".parse().unwrap();
        let text = |field| query_text(search.expression(), field);
        assert_eq!(text(SearchField::Conversation), "('re' & (('e' & 'mail':*) | 'email':*))");
        assert_eq!(text(SearchField::Subject), "('!re' & (('!e' & '!mail':*) | '!email':*))");
    }
}
