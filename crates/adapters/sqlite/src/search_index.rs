//! Renewal of search words that an earlier version of the program built.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::CaseId;
use engage_repository::{RepositoryError, SearchIndex, SearchWords};
use engage_sql::schema::case_search;
use engage_sql::{DbId, SqlId};
use tracing::error;

use crate::backfill::words_of;
use crate::error::{WorkError, WorkResult};
use crate::search::replace_words;
use crate::sql::Sql;
use crate::store::SqliteStore;

/// Selects the newest cases with words of an earlier version, by a partial index whose condition names
/// the version.
const OLD: &str = "SELECT case_id FROM case_search WHERE version < 2 ORDER BY id DESC LIMIT ?";

#[async_trait]
impl SearchIndex for SqliteStore {
    async fn renew_words(&self, limit: NonZeroU32) -> Result<u64, RepositoryError> {
        // In the queue of commits, so that none adds words meanwhile.
        self.writer().write(move |connection| renew(connection, limit)).await
    }
}

fn renew(connection: &mut SqliteConnection, limit: NonZeroU32) -> WorkResult<u64> {
    let old: Sql<SqlId> = Sql::prepared(OLD, [i64::from(limit.get()).into()]);
    let ids: Vec<DbId<CaseId>> = old.load(connection)?;
    for id in &ids {
        match words_of(connection, *id) {
            Ok(words) => replace_words(connection, *id, &words)?,
            Err(WorkError(RepositoryError::Internal(error))) => {
                error!(case = %id.get(), %error, "the search words of a case cannot be renewed");
            }
            Err(other) => return Err(other),
        }
        diesel::update(case_search::table.filter(case_search::case_id.eq(id)))
            .set(case_search::version.eq(SearchWords::VERSION))
            .execute(connection)?;
    }
    Ok(ids.len() as u64)
}
