//! Retries of dead letters. Each is due at once, and its attempts are counted from the beginning.

use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_repository::{DeadFilter, RepositoryError};
use engage_sql::{DEAD_LETTER_BATCH, dead_letter_criteria};

use crate::sql::{Sql, push_criteria};
use crate::store::PostgresStore;

/// Sends one notification again that was given up or cancelled, with all attempts of its schedule. It
/// is sent even if its address is suppressed, because somebody asked for this one.
pub(crate) const SEND_AGAIN: &str = "
    UPDATE notifications
    SET status = 'PENDING', attempts = 0, due_at = now(), finished_at = NULL,
        is_asked_again = true
    WHERE status IN ('DEAD', 'CANCELLED') AND id = ?";

fn update(filter: &DeadFilter) -> Sql<()> {
    let mut sql = Sql::new(
        "UPDATE notifications
        SET status = 'PENDING', attempts = 0, due_at = now(), finished_at = NULL
        WHERE status = 'DEAD' AND id IN (SELECT id FROM notifications WHERE status = 'DEAD'",
    );
    push_criteria(&mut sql, dead_letter_criteria(filter));
    let limit = format!("LIMIT {DEAD_LETTER_BATCH} FOR UPDATE SKIP LOCKED)");
    sql.push(" ORDER BY finished_at, id ").push(&limit);
    sql
}

impl PostgresStore {
    pub(crate) async fn send_all_dead_again(
        &self,
        filter: &DeadFilter,
    ) -> Result<u64, RepositoryError> {
        let mut all = 0;
        loop {
            let update = update(filter);
            let send = async |c: &mut AsyncPgConnection| update.execute(c).await;
            // All batches are one act in the audit log.
            let count = if all == 0 {
                self.act(send, |count| *count > 0).await?
            } else {
                self.connections().run(send).await?
            };
            let count = u64::try_from(count).map_err(RepositoryError::internal)?;
            all += count;
            if count < DEAD_LETTER_BATCH {
                return Ok(all);
            }
        }
    }
}
