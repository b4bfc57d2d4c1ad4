//! Retries of dead letters. Each is due at once, and its attempts are counted from the beginning.

use diesel::prelude::*;
use engage_repository::{DeadFilter, RepositoryError};
use engage_sql::{DEAD_LETTER_BATCH, dead_letter_criteria};

use crate::clock::now;
use crate::sql::{Sql, push_criteria};
use crate::store::SqliteStore;

/// Sends one notification again that was given up or cancelled, with all attempts of its schedule. It
/// is sent even if its address is suppressed, because somebody asked for this one.
pub(crate) const SEND_AGAIN: &str = "
    UPDATE notifications
    SET status = 'PENDING', attempts = 0, due_at = ?, finished_at = NULL, is_asked_again = 1
    WHERE status IN ('DEAD', 'CANCELLED') AND id = ?";

fn update(filter: &DeadFilter) -> Sql<()> {
    let mut sql = Sql::new(
        "UPDATE notifications
        SET status = 'PENDING', attempts = 0, finished_at = NULL, due_at = ",
    );
    sql.bind(now());
    sql.push(
        " WHERE status = 'DEAD' AND id IN (SELECT id FROM notifications WHERE status = 'DEAD'",
    );
    push_criteria(&mut sql, dead_letter_criteria(filter));
    sql.push(&format!(" ORDER BY finished_at, id LIMIT {DEAD_LETTER_BATCH})"));
    sql
}

impl SqliteStore {
    pub(crate) async fn send_all_dead_again(
        &self,
        filter: &DeadFilter,
    ) -> Result<u64, RepositoryError> {
        let mut all = 0;
        loop {
            let wanted = filter.clone();
            let send = move |c: &mut SqliteConnection| Ok(update(&wanted).execute(c)?);
            // All batches are one act in the audit log.
            let count = if all == 0 {
                self.act(send, |count| *count > 0).await?
            } else {
                self.writer().write(send).await?
            };
            let count = u64::try_from(count).map_err(RepositoryError::internal)?;
            all += count;
            if count < DEAD_LETTER_BATCH {
                return Ok(all);
            }
        }
    }
}
