//! Renewal of search words that an earlier version of the program built.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use engage_domain::CaseId;
use engage_repository::{RepositoryError, SearchIndex};
use engage_sql::schema::cases;
use engage_sql::{CaseRow, DbId, SqlId};
use tracing::error;

use crate::backfill::{updates_of, words_text};
use crate::sql::{Sql, execute};
use crate::store::PostgresStore;

/// Locks the newest cases with words of an earlier version that no other transaction is changing, by a
/// partial index whose condition names the version.
const TAKE: &str = "
    SELECT case_id FROM case_search WHERE version < 2
    ORDER BY case_id DESC LIMIT ? FOR UPDATE SKIP LOCKED";

const RENEW: &str = "
    UPDATE case_search SET words = new.words::tsvector, version = 2
    FROM unnest(?::uuid[], ?::text[]) AS new (case_id, words)
    WHERE case_search.case_id = new.case_id";

/// Leaves the words of cases that cannot be read, so that others get their turn.
const KEEP: &str = "UPDATE case_search SET version = 2 WHERE case_id = ANY(?)";

#[async_trait]
impl SearchIndex for PostgresStore {
    async fn renew_words(&self, limit: NonZeroU32) -> Result<u64, RepositoryError> {
        self.connections().run(async |c| renew(c, limit).await).await
    }
}

/// Renews a batch. Cases are read after their words are locked: a concurrent commit waits to add to the
/// new words, and earlier commits have been read.
async fn renew(connection: &mut AsyncPgConnection, limit: NonZeroU32) -> QueryResult<u64> {
    connection
        .transaction(async |c| {
            let take: Sql<SqlId> = Sql::prepared(TAKE, [i64::from(limit.get()).into()]);
            let taken: Vec<DbId<CaseId>> = take.load(c).await?;
            if taken.is_empty() {
                return Ok(0);
            }
            let rows: Vec<CaseRow> = cases::table
                .filter(cases::id.eq_any(&taken))
                .select(CaseRow::as_select())
                .load(c)
                .await?;
            let mut written = updates_of(c, &rows).await?;
            let (mut ids, mut words, mut unread) = (Vec::new(), Vec::new(), Vec::new());
            for row in rows {
                let id = row.id;
                match words_text(row, written.remove(&id).unwrap_or_default()) {
                    Ok(text) => {
                        ids.push(id);
                        words.push(text);
                    }
                    Err(error) => {
                        error!(case = %id.get(), %error, "the search words of a case cannot be renewed");
                        unread.push(id);
                    }
                }
            }
            execute(c, RENEW, [ids.into(), words.into()]).await?;
            if !unread.is_empty() {
                execute(c, KEEP, [unread.into()]).await?;
            }
            Ok(taken.len() as u64)
        })
        .await
}
