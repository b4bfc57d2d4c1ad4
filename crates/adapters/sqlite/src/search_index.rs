//! Making words anew that an earlier version of the program made.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::Binary;
use engage_domain::CaseId;
use engage_repository::{RepositoryError, SearchIndex, SearchWords};
use tracing::error;

use crate::backfill::updates_of;
use crate::case_rows::{CaseRow, id_bits};
use crate::error::repository_error;
use crate::schema::{case_search, cases};
use crate::search::{WordsRow, replace_words};
use crate::sql::Sql;
use crate::store::SqliteStore;

/// The newest cases whose words are of an earlier version, by an index that has no others, whose
/// condition names the version.
const OLD: &str = "SELECT case_id FROM case_search WHERE version < 2 ORDER BY id DESC LIMIT ?";

#[async_trait]
impl SearchIndex for SqliteStore {
    async fn renew_words(&self, limit: NonZeroU32) -> Result<u64, RepositoryError> {
        // Among the commits, so that none adds words meanwhile.
        self.writer().write(move |connection| renew(connection, limit)).await
    }
}

fn renew(connection: &mut SqliteConnection, limit: NonZeroU32) -> Result<u64, RepositoryError> {
    let old: Sql<Binary> = Sql::prepared(OLD, [i64::from(limit.get()).into()]);
    let ids: Vec<Vec<u8>> = old.load(connection).map_err(repository_error)?;
    for id in &ids {
        match words(connection, id) {
            Ok(words) => replace_words(connection, id, &words)?,
            Err(RepositoryError::Internal(error)) => {
                let case = CaseId::from_u128(id_bits(id, "id")?);
                error!(%case, %error, "the words of a case are kept as they were");
            }
            Err(other) => return Err(other),
        }
        diesel::update(case_search::table.filter(case_search::case_id.eq(id)))
            .set(case_search::version.eq(SearchWords::VERSION))
            .execute(connection)
            .map_err(repository_error)?;
    }
    Ok(ids.len() as u64)
}

fn words(connection: &mut SqliteConnection, id: &[u8]) -> Result<WordsRow, RepositoryError> {
    let row: CaseRow = cases::table
        .filter(cases::id.eq(id))
        .select(CaseRow::as_select())
        .first(connection)
        .map_err(repository_error)?;
    let updates = updates_of(connection, id)?;
    Ok(WordsRow::from(&SearchWords::of_case(&row.into_case()?, &updates, usize::MAX)))
}
