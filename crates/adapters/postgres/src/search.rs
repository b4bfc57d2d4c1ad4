//! The words by which a case is found, as PostgreSQL holds them.

use engage_repository::{SearchPlace, SearchQuery, SearchWords};

/// What goes before the words of a place, where they are kept once more to tell the place. Weights
/// would do the same, but need positions, and those grow with each update.
///
/// No word has any of these in it.
fn mark(place: SearchPlace) -> &'static str {
    match place {
        SearchPlace::Number => "#",
        SearchPlace::Subject => "!",
        SearchPlace::Customer => "@",
        SearchPlace::Conversation => "",
    }
}

/// Words as the text of a `tsvector`. A word has nothing but letters, digits and marks in it, so it
/// needs no escaping.
pub(crate) fn vector_text(words: &SearchWords) -> String {
    let places = [
        (&words.number, SearchPlace::Number),
        (&words.subject, SearchPlace::Subject),
        (&words.customer, SearchPlace::Customer),
        (&words.conversation, SearchPlace::Conversation),
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

/// A search as the text of a `tsquery`, met where all terms are in one place, or in the whole of
/// the conversation and all other places.
pub(crate) fn query_text(search: &SearchQuery, place: SearchPlace) -> String {
    let mark = mark(place);
    let terms: Vec<_> = search
        .terms()
        .iter()
        .map(|term| format!("'{mark}{}'{}", term.word, if term.is_prefix { ":*" } else { "" }))
        .collect();
    terms.join(" & ")
}

#[cfg(test)]
mod tests {
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
        let search: SearchQuery = "re login".parse().unwrap();
        assert_eq!(query_text(&search, SearchPlace::Conversation), "'re' & 'login':*");
        assert_eq!(query_text(&search, SearchPlace::Subject), "'!re' & '!login':*");
    }
}
