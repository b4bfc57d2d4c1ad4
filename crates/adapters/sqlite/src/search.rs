//! The words by which a case is found, as SQLite holds them.

use diesel::connection::SimpleConnection;
use diesel::define_sql_function;
use diesel::prelude::*;
use engage_repository::{RepositoryError, SearchExpression, SearchField, SearchTerm, SearchWords};

use crate::error::repository_error;
use crate::schema::{case_search, case_words};

define_sql_function! {
    /// The id of the row that this connection inserted last.
    fn last_insert_rowid() -> BigInt;
}

/// The words of each place, with blanks between them.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = case_words, treat_none_as_default_value = false)]
pub(crate) struct WordsRow {
    number: String,
    subject: String,
    customer: String,
    conversation: String,
}

impl From<&SearchWords> for WordsRow {
    fn from(words: &SearchWords) -> Self {
        Self {
            number: words.number.join(" "),
            subject: words.subject.join(" "),
            customer: words.customer.join(" "),
            conversation: words.conversation.join(" "),
        }
    }
}

/// Keeps the words of a new case.
///
/// FTS5 gathers the words of a transaction in memory until a statement begins that may have to be
/// undone by itself; one that is `RETURNING` something is of that kind. Each time, gathering words
/// costs more than all else, so none of those should run once for each case.
pub(crate) fn write_words(
    connection: &mut SqliteConnection,
    case_id: &[u8],
    words: &WordsRow,
) -> Result<(), RepositoryError> {
    diesel::insert_into(case_search::table)
        .values((case_search::case_id.eq(case_id), case_search::version.eq(SearchWords::VERSION)))
        .execute(connection)
        .map_err(repository_error)?;
    diesel::insert_into(case_words::table)
        .values((case_words::rowid.eq(last_insert_rowid()), words))
        .execute(connection)
        .map_err(repository_error)?;
    Ok(())
}

/// Has FTS5 take deleted words out of its index at once, which else stay there until it is merged.
pub(crate) fn forget_deleted_words(connection: &mut SqliteConnection) -> QueryResult<()> {
    connection.batch_execute(
        "INSERT INTO case_words (case_words, rank)
         SELECT 'secure-delete', 1 WHERE NOT EXISTS (
             SELECT 1 FROM case_words_config WHERE k = 'secure-delete' AND v = 1
         )",
    )
}

/// Adds what was written later.
pub(crate) fn add_words(
    connection: &mut SqliteConnection,
    case_id: &[u8],
    words: &WordsRow,
) -> Result<(), RepositoryError> {
    let id = case_search::table.filter(case_search::case_id.eq(case_id)).select(case_search::id);
    diesel::update(case_words::table)
        .filter(case_words::rowid.nullable().eq(id.single_value()))
        .set(
            case_words::conversation
                .eq(case_words::conversation.concat(" ").concat(&words.conversation)),
        )
        .execute(connection)
        .map_err(repository_error)?;
    Ok(())
}

/// Gives a case these words and no other.
pub(crate) fn replace_words(
    connection: &mut SqliteConnection,
    case_id: &[u8],
    words: &WordsRow,
) -> Result<(), RepositoryError> {
    let id = case_search::table.filter(case_search::case_id.eq(case_id)).select(case_search::id);
    diesel::update(case_words::table)
        .filter(case_words::rowid.nullable().eq(id.single_value()))
        .set(words)
        .execute(connection)
        .map_err(repository_error)?;
    Ok(())
}

/// A search in the language of FTS5, met where all of it is in one place, or in the whole of the
/// conversation and all other places.
///
/// A word has nothing but letters, digits, marks and pictures in it, so it needs no escaping.
pub(crate) fn query_text(search: &SearchExpression, place: SearchField) -> String {
    format!("{}({})", column(place), expression_text(search))
}

/// A word in the language of FTS5, met where it is in a place.
pub(crate) fn term_query_text(term: &SearchTerm, place: SearchField) -> String {
    format!("{}({})", column(place), term_text(term))
}

fn column(place: SearchField) -> &'static str {
    match place {
        SearchField::Number => "number : ",
        SearchField::Subject => "subject : ",
        SearchField::Customer => "customer : ",
        SearchField::Conversation | SearchField::Whole => "",
    }
}

fn expression_text(search: &SearchExpression) -> String {
    let list = |parts: &[SearchExpression], between: &str| {
        let parts: Vec<_> = parts.iter().map(expression_text).collect();
        format!("({})", parts.join(between))
    };
    match search {
        SearchExpression::Term(term) => term_text(term),
        SearchExpression::All(parts) => list(parts, " AND "),
        SearchExpression::Any(ways) => list(ways, " OR "),
    }
}

fn term_text(term: &SearchTerm) -> String {
    format!("\"{}\"{}", term.word, if term.is_prefix { "*" } else { "" })
}

#[cfg(test)]
mod tests {
    use engage_repository::SearchQuery;

    use super::*;

    #[test]
    fn a_search_is_met_in_one_place_or_in_all() {
        let search: SearchQuery = "re e-mail".parse().unwrap();
        let text = |place| query_text(search.expression(), place);
        let expression = r#"(("re" AND (("e" AND "mail"*) OR "email"*)))"#;
        assert_eq!(text(SearchField::Conversation), expression);
        assert_eq!(text(SearchField::Subject), format!("subject : {expression}"));
    }
}
