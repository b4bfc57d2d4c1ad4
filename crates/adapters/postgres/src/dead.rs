//! Sending again what was given up.

use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_repository::{DeadFilter, RepositoryError};

use crate::db_timestamp::DbTimestamp;
use crate::sql::Sql;
use crate::store::PostgresStore;

/// How many messages are made due in one statement: so many hold up nobody.
const BATCH: u64 = 1000;

fn update(filter: &DeadFilter) -> Sql<()> {
    let mut sql = Sql::new(
        "UPDATE notifications
        SET status = 'PENDING', attempts = 0, due_at = now(), finished_at = NULL
        WHERE status = 'DEAD' AND id IN (
            SELECT id FROM notifications WHERE status = 'DEAD' AND finished_at >= ",
    );
    sql.bind(DbTimestamp(filter.since));
    if let Some(channel) = filter.channel {
        sql.push(" AND channel = ").bind(channel.as_str().to_owned());
    }
    if let Some(address) = &filter.address {
        sql.push(" AND channel = ").bind(address.channel().as_str().to_owned());
        sql.push(" AND address = ").bind(address.to_string());
    }
    if let Some(reason) = &filter.reason {
        sql.push(" AND strpos(lower(last_error COLLATE \"C\"), lower(").bind(reason.clone());
        sql.push(" COLLATE \"C\")) > 0");
    }
    sql.push(&format!(" ORDER BY finished_at, id LIMIT {BATCH} FOR UPDATE SKIP LOCKED)"));
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
            // It is one act, however many batches it takes.
            let count = if all == 0 {
                self.act(send, |count| *count > 0).await?
            } else {
                self.connections().run(send).await?
            };
            let count = u64::try_from(count).map_err(RepositoryError::internal)?;
            all += count;
            if count < BATCH {
                return Ok(all);
            }
        }
    }
}
