//! Builds what a newer version needs of the cases that earlier versions stored.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use engage_domain::tag::Tags;
use engage_domain::{CaseId, Update};
use engage_repository::SearchWords;
use engage_sql::schema::{case_search, cases, updates};
use engage_sql::{BACKFILL_BATCH, CaseRow, DbId, UpdateRow, oldest_cases, unindexed_cases};

use crate::error::WorkResult;
use crate::search::{WordsRow, write_words};
use crate::writer::in_transaction;

/// Indexes the cases that were stored before there was a search.
///
/// The newest come first, so all are done once the oldest is.
pub(crate) fn index_words(connection: &mut SqliteConnection) -> WorkResult<()> {
    while is_left(connection)? {
        in_transaction(connection, |connection| {
            for row in unindexed(connection)? {
                let id = row.id;
                let updates = updates_of(connection, id)?;
                let words =
                    SearchWords::of_case(&row.into_case(Tags::default())?, &updates, usize::MAX);
                write_words(connection, id, &WordsRow::from(&words))?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn is_left(connection: &mut SqliteConnection) -> QueryResult<bool> {
    let oldest: Option<DbId<CaseId>> =
        oldest_cases().select(cases::id).first(connection).optional()?;
    let Some(oldest) = oldest else { return Ok(false) };
    let found = case_search::table.filter(case_search::case_id.eq(oldest));
    diesel::select(not(exists(found))).get_result(connection)
}

fn unindexed(connection: &mut SqliteConnection) -> QueryResult<Vec<CaseRow>> {
    unindexed_cases().limit(BACKFILL_BATCH).select(CaseRow::as_select()).load(connection)
}

/// Returns the search words of a case as it is stored.
pub(crate) fn words_of(
    connection: &mut SqliteConnection,
    id: DbId<CaseId>,
) -> WorkResult<WordsRow> {
    let row: CaseRow =
        cases::table.filter(cases::id.eq(id)).select(CaseRow::as_select()).first(connection)?;
    let updates = updates_of(connection, id)?;
    Ok(WordsRow::from(&SearchWords::of_case(
        &row.into_case(Tags::default())?,
        &updates,
        usize::MAX,
    )))
}

/// Reads the conversation of a case, oldest first, without attachments.
fn updates_of(connection: &mut SqliteConnection, case_id: DbId<CaseId>) -> WorkResult<Vec<Update>> {
    let rows: Vec<UpdateRow> = updates::table
        .filter(updates::case_id.eq(case_id))
        .order_by((updates::sequence, updates::position))
        .select(UpdateRow::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(|row| row.into_update(Vec::new())).collect::<Result<_, _>>()?)
}
