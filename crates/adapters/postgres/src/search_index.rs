//! Making words anew that an earlier version of the program made.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::QueryResult;
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use engage_repository::{RepositoryError, SearchIndex};
use tracing::error;
use uuid::Uuid;

use crate::backfill::{updates_of, words_text};
use crate::case_rows::CaseRow;
use crate::schema::cases;
use crate::sql::Sql;
use crate::store::PostgresStore;

/// Takes the newest cases whose words are of an earlier version, and that nobody changes just now. By an
/// index that has no others, whose condition names the version.
const TAKE: &str = "
    SELECT case_id FROM case_search WHERE version < 2
    ORDER BY case_id DESC LIMIT ? FOR UPDATE SKIP LOCKED";

const RENEW: &str = "
    UPDATE case_search SET words = new.words::tsvector, version = 2
    FROM unnest(?::uuid[], ?::text[]) AS new (case_id, words)
    WHERE case_search.case_id = new.case_id";

/// Keeps the words of cases that cannot be read, so that the others get their turn.
const KEEP: &str = "UPDATE case_search SET version = 2 WHERE case_id = ANY(?)";

#[async_trait]
impl SearchIndex for PostgresStore {
    async fn renew_words(&self, limit: NonZeroU32) -> Result<u64, RepositoryError> {
        self.connections().run(async |c| renew(c, limit).await).await
    }
}

/// The cases are read once their words are locked: whoever writes to one meanwhile waits to add to
/// the new words, and what they wrote before is read.
async fn renew(connection: &mut AsyncPgConnection, limit: NonZeroU32) -> QueryResult<u64> {
    connection
        .transaction(async |c| {
            let take: Sql<SqlUuid> = Sql::prepared(TAKE, [i64::from(limit.get()).into()]);
            let taken: Vec<Uuid> = take.load(c).await?;
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
                        error!(case = %id, %error, "the words of a case are kept as they were");
                        unread.push(id);
                    }
                }
            }
            let renew: Sql<()> = Sql::prepared(RENEW, [ids.into(), words.into()]);
            renew.execute(c).await?;
            if !unread.is_empty() {
                let keep: Sql<()> = Sql::prepared(KEEP, [unread.into()]);
                keep.execute(c).await?;
            }
            Ok(taken.len() as u64)
        })
        .await
}
