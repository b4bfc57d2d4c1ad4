//! The words by which a case is found, as SQLite holds them.

use diesel::prelude::*;
use engage_repository::{RepositoryError, SearchPlace, SearchQuery, SearchWords};

use crate::error::repository_error;
use crate::schema::case_search;
use crate::sql::Sql;

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
    let insert: Sql<()> = Sql::prepared(
        "INSERT INTO case_words (rowid, number, subject, customer, conversation) \
         VALUES (?, ?, ?, ?, ?)",
        [
            id.into(),
            words.number.join(" ").into(),
            words.subject.join(" ").into(),
            words.customer.join(" ").into(),
            words.conversation.join(" ").into(),
        ],
    );
    insert.execute(connection).map_err(repository_error)?;
    Ok(())
}

/// Adds what was written later.
pub(crate) fn add_words(
    connection: &mut SqliteConnection,
    case_id: &[u8],
    words: &SearchWords,
) -> Result<(), RepositoryError> {
    let update: Sql<()> = Sql::prepared(
        "UPDATE case_words SET conversation = conversation || ' ' || ? \
         WHERE rowid = (SELECT id FROM case_search WHERE case_id = ?)",
        [words.conversation.join(" ").into(), case_id.to_vec().into()],
    );
    update.execute(connection).map_err(repository_error)?;
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
