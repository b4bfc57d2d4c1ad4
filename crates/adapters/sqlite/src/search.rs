//! The search words of cases, as SQLite stores them.

use diesel::connection::SimpleConnection;
use diesel::define_sql_function;
use diesel::prelude::*;
use engage_domain::CaseId;
use engage_repository::{SearchExpression, SearchField, SearchTerm, SearchWords};
use engage_sql::DbId;

use crate::schema::{case_words, searched_cases};

define_sql_function! {
    /// Returns the id of the row that this connection inserted last.
    fn last_insert_rowid() -> BigInt;
}

/// The words of each field, separated by blanks.
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

/// Stores the words of a new case.
///
/// FTS5 gathers the words of a transaction in memory until a statement starts that may have to be
/// undone separately, such as one with `RETURNING`. Writing the gathered words costs more than all
/// else, so no such statement should run for each case.
pub(crate) fn write_words(
    connection: &mut SqliteConnection,
    case_id: DbId<CaseId>,
    words: &WordsRow,
) -> QueryResult<()> {
    let version = searched_cases::version.eq(SearchWords::VERSION);
    diesel::insert_into(searched_cases::table)
        .values((searched_cases::case_id.eq(case_id), version))
        .execute(connection)?;
    diesel::insert_into(case_words::table)
        .values((case_words::rowid.eq(last_insert_rowid()), words))
        .execute(connection)
        .map(drop)
}

/// Makes FTS5 remove deleted words from its index at once. Otherwise they stay there until a merge.
pub(crate) fn forget_deleted_words(connection: &mut SqliteConnection) -> QueryResult<()> {
    connection.batch_execute(
        "INSERT INTO case_words (case_words, rank)
         SELECT 'secure-delete', 1 WHERE NOT EXISTS (
             SELECT 1 FROM case_words_config WHERE k = 'secure-delete' AND v = 1
         )",
    )
}

/// Selects the row of a case's words.
#[diesel::dsl::auto_type]
fn row_id(case_id: DbId<CaseId>) -> _ {
    searched_cases::table.filter(searched_cases::case_id.eq(case_id)).select(searched_cases::id)
}

/// Adds words to the conversation of a case.
pub(crate) fn add_words(
    connection: &mut SqliteConnection,
    case_id: DbId<CaseId>,
    words: &WordsRow,
) -> QueryResult<()> {
    let conversation = case_words::conversation.concat(" ").concat(&words.conversation);
    diesel::update(case_words::table)
        .filter(case_words::rowid.nullable().eq(row_id(case_id).single_value()))
        .set(case_words::conversation.eq(conversation))
        .execute(connection)
        .map(drop)
}

/// Replaces all words of a case.
pub(crate) fn replace_words(
    connection: &mut SqliteConnection,
    case_id: DbId<CaseId>,
    words: &WordsRow,
) -> QueryResult<()> {
    diesel::update(case_words::table)
        .filter(case_words::rowid.nullable().eq(row_id(case_id).single_value()))
        .set(words)
        .execute(connection)
        .map(drop)
}

/// Returns a search as a query of FTS5, which finds all of it in one field. In the conversation it finds
/// it across all fields.
///
/// A word consists of letters, digits, marks and emoji, so it needs no escaping.
pub(crate) fn query_text(search: &SearchExpression, field: SearchField) -> String {
    format!("{}({})", column(field), expression_text(search))
}

/// Returns a word as a query of FTS5, which finds it in a field.
pub(crate) fn term_query_text(term: &SearchTerm, field: SearchField) -> String {
    format!("{}({})", column(field), term_text(term))
}

fn column(field: SearchField) -> &'static str {
    match field {
        SearchField::Number => "number : ",
        SearchField::Subject => "subject : ",
        SearchField::Customer => "customer : ",
        SearchField::Conversation | SearchField::Whole => "",
    }
}

fn expression_text(search: &SearchExpression) -> String {
    let list = |parts: &[SearchExpression], operator: &str| {
        let parts: Vec<_> = parts.iter().map(expression_text).collect();
        format!("({})", parts.join(operator))
    };
    match search {
        SearchExpression::Term(term) => term_text(term),
        SearchExpression::All(parts) => list(parts, " AND "),
        SearchExpression::Any(parts) => list(parts, " OR "),
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
    fn a_search_matches_one_field_or_all() {
        let search: SearchQuery = "re e-mail".parse().unwrap();
        let text = |field| query_text(search.expression(), field);
        let expression = r#"(("re" AND (("e" AND "mail"*) OR "email"*)))"#;
        assert_eq!(text(SearchField::Conversation), expression);
        assert_eq!(text(SearchField::Subject), format!("subject : {expression}"));
    }
}
