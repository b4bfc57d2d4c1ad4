//! Sending again what was given up.

use diesel::prelude::*;
use engage_repository::{DeadFilter, RepositoryError};

use crate::clock::now;
use crate::error::repository_error;
use crate::sql::Sql;
use crate::store::SqliteStore;

/// How many messages are made due in one statement: so many hold up nobody.
const BATCH: u64 = 1000;

fn update(filter: &DeadFilter) -> Sql<()> {
    let mut sql = Sql::new(
        "UPDATE notifications
        SET status = 'PENDING', attempts = 0, finished_at = NULL, due_at = ",
    );
    sql.bind(now());
    sql.push(
        " WHERE status = 'DEAD' AND id IN (
            SELECT id FROM notifications WHERE status = 'DEAD' AND finished_at >= ",
    );
    sql.bind(filter.since.as_millis());
    if let Some(channel) = filter.channel {
        sql.push(" AND channel = ").bind(channel.as_str());
    }
    if let Some(address) = &filter.address {
        sql.push(" AND channel = ").bind(address.channel().as_str());
        sql.push(" AND address = ").bind(address.to_string());
    }
    if let Some(reason) = &filter.reason {
        sql.push(" AND instr(lower(last_error), lower(").bind(reason.clone()).push(")) > 0");
    }
    sql.push(&format!(" ORDER BY finished_at, id LIMIT {BATCH})"));
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
            let send = move |connection: &mut SqliteConnection| {
                let count = update(&wanted).execute(connection).map_err(repository_error)?;
                u64::try_from(count).map_err(RepositoryError::internal)
            };
            // It is one act, however many batches it takes.
            let count = if all == 0 {
                self.act(send, |count| *count > 0).await?
            } else {
                self.writer().write(send).await?
            };
            all += count;
            if count < BATCH {
                return Ok(all);
            }
        }
    }
}
