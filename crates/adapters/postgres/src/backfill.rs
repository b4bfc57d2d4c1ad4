//! Builds what a newer version needs of the cases that earlier versions stored.

use std::collections::HashMap;

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_domain::CaseId;
use engage_domain::tag::Tags;
use engage_repository::{RepositoryError, SearchWords};
use engage_sql::schema::{case_search, cases, updates};
use engage_sql::{
    BACKFILL_BATCH, CaseRow, DbId, InvalidColumn, SqlId, UpdateRow, oldest_cases, repository_error,
    unindexed_cases,
};

use crate::search::vector_text;

/// Number of words after which a case gets those of no more updates, as in a commit. A vector can hold
/// 1 MiB.
pub(crate) const ENOUGH_WORDS: usize = 10_000;

/// Indexes the cases that were stored before there was a search.
///
/// The newest come first, so all are done once the oldest is.
pub(crate) async fn index_words(connection: &mut AsyncPgConnection) -> Result<(), RepositoryError> {
    while is_left(connection).await.map_err(repository_error)? {
        let rows = unindexed(connection).await.map_err(repository_error)?;
        let mut written = updates_of(connection, &rows).await.map_err(repository_error)?;
        let (mut ids, mut vectors) = (Vec::new(), Vec::new());
        for row in rows {
            let id = row.id;
            let updates = written.remove(&id).unwrap_or_default();
            vectors.push(words_text(row, updates)?);
            ids.push(id);
        }
        diesel::sql_query(
            "INSERT INTO case_search \
                 (case_id, number_prefix, number_year, number_sequence, words, version) \
             SELECT id, number_prefix, number_year, number_sequence, new.words::tsvector, $3 \
             FROM unnest($1::uuid[], $2::text[]) AS new (case_id, words) JOIN cases ON cases.id = new.case_id \
             ON CONFLICT DO NOTHING",
        )
        .bind::<Array<SqlId>, _>(ids)
        .bind::<Array<Text>, _>(vectors)
        .bind::<Integer, _>(SearchWords::VERSION)
        .execute(connection)
        .await
        .map_err(repository_error)?;
    }
    Ok(())
}

async fn is_left(connection: &mut AsyncPgConnection) -> QueryResult<bool> {
    let oldest = oldest_cases().select(cases::id);
    let oldest: Option<DbId<CaseId>> = oldest.first(connection).await.optional()?;
    let Some(oldest) = oldest else { return Ok(false) };
    diesel::select(not(exists(case_search::table.find(oldest)))).get_result(connection).await
}

async fn unindexed(connection: &mut AsyncPgConnection) -> QueryResult<Vec<CaseRow>> {
    let newest = unindexed_cases().limit(BACKFILL_BATCH).select(CaseRow::as_select());
    newest.load(connection).await
}

/// Reads the conversations of cases, oldest updates first.
pub(crate) async fn updates_of(
    connection: &mut AsyncPgConnection,
    rows: &[CaseRow],
) -> QueryResult<HashMap<DbId<CaseId>, Vec<UpdateRow>>> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let found: Vec<UpdateRow> = updates::table
        .filter(updates::case_id.eq_any(ids))
        .order_by((updates::case_id, updates::sequence, updates::position))
        .select(UpdateRow::as_select())
        .load(connection)
        .await?;
    let mut by_case: HashMap<_, Vec<_>> = HashMap::new();
    for row in found {
        by_case.entry(row.case_id).or_default().push(row);
    }
    Ok(by_case)
}

/// Returns the search words of a case as they are stored.
pub(crate) fn words_text(case: CaseRow, updates: Vec<UpdateRow>) -> Result<String, InvalidColumn> {
    let updates: Vec<_> =
        updates.into_iter().map(|row| row.into_update(Vec::new())).collect::<Result<_, _>>()?;
    Ok(vector_text(&SearchWords::of_case(
        &case.into_case(Tags::default())?,
        &updates,
        ENOUGH_WORDS,
    )))
}
