//! The words by which a case is found, as SQLite holds them.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Text};
use engage_repository::{RepositoryError, SearchPlace, SearchQuery, SearchWords};

use crate::error::repository_error;
use crate::schema::case_search;

/// Keeps the words of a new case.
pub(crate) fn write_words(
    connection: &mut SqliteConnection,
    case_id: &[u8],
    words: &SearchWords,
) -> Result<(), RepositoryError> {
    let id: i64 = diesel::insert_into(case_search::table)
        .values(case_search::case_id.eq(case_id))
        .returning(case_search::id)
        .get_result(connection)
        .map_err(repository_error)?;
    diesel::sql_query(
        "INSERT INTO case_words (rowid, number, subject, customer, conversation) \
         VALUES (?, ?, ?, ?, ?)",
    )
    .bind::<BigInt, _>(id)
    .bind::<Text, _>(words.number.join(" "))
    .bind::<Text, _>(words.subject.join(" "))
    .bind::<Text, _>(words.customer.join(" "))
    .bind::<Text, _>(words.conversation.join(" "))
    .execute(connection)
    .map_err(repository_error)?;
    Ok(())
}

/// Adds what was written later.
pub(crate) fn add_words(
    connection: &mut SqliteConnection,
    case_id: &[u8],
    words: &SearchWords,
) -> Result<(), RepositoryError> {
    diesel::sql_query(
        "UPDATE case_words SET conversation = conversation || ' ' || ? \
         WHERE rowid = (SELECT id FROM case_search WHERE case_id = ?)",
    )
    .bind::<Text, _>(words.conversation.join(" "))
    .bind::<Binary, _>(case_id)
    .execute(connection)
    .map_err(repository_error)?;
    Ok(())
}

/// A search in the language of FTS5, met where all terms are in one place, or in the whole of the
/// conversation and all other places.
///
/// A word has nothing but letters, digits and marks in it, so it needs no escaping.
pub(crate) fn query_text(search: &SearchQuery, place: SearchPlace) -> String {
    let column = match place {
        SearchPlace::Number => "number : ",
        SearchPlace::Subject => "subject : ",
        SearchPlace::Customer => "customer : ",
        SearchPlace::Conversation => "",
    };
    let terms: Vec<_> = search
        .terms()
        .iter()
        .map(|term| format!("\"{}\"{}", term.word, if term.is_prefix { "*" } else { "" }))
        .collect();
    format!("{column}({})", terms.join(" AND "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_met_in_one_place_or_in_all() {
        let search: SearchQuery = "re login".parse().unwrap();
        assert_eq!(query_text(&search, SearchPlace::Conversation), r#"("re" AND "login"*)"#);
        assert_eq!(query_text(&search, SearchPlace::Subject), r#"subject : ("re" AND "login"*)"#);
    }
}
