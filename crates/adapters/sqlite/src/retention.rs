//! Deletion of rows whose retention has ended.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::notify::NotificationStatus;
use engage_domain::{NotificationId, Timestamp};
use engage_repository::{RepositoryError, RetentionRepository};
use engage_sql::schema::{idempotency_keys, notifications};
use engage_sql::{DbId, DbTimestamp};

use crate::schema::delivery_attempts;
use crate::secure_delete::without_traces;
use crate::sql::Sql;
use crate::store::SqliteStore;
use crate::writer::in_transaction;

const PRUNE_BUDGET_USES: &str = "
    DELETE FROM budget_uses WHERE (budget, minute) IN (
        SELECT budget, minute FROM budget_uses WHERE minute < ? ORDER BY minute LIMIT ?
    )";

#[async_trait]
impl RetentionRepository for SqliteStore {
    async fn prune_messages(
        &self,
        before: Timestamp,
        limit: NonZeroU32,
    ) -> Result<u64, RepositoryError> {
        self.prune(move |connection| prune_messages(connection, before, limit)).await
    }

    async fn prune_responses(
        &self,
        now: Timestamp,
        limit: NonZeroU32,
    ) -> Result<u64, RepositoryError> {
        self.prune(move |connection| prune_responses(connection, now, limit)).await
    }

    /// Deletes without overwriting, because only the SHA-256 of a budget's name is stored.
    async fn prune_budget_uses(
        &self,
        before: Timestamp,
        limit: NonZeroU32,
    ) -> Result<u64, RepositoryError> {
        let minute = before.as_millis().div_euclid(60_000);
        let values = [minute.into(), i64::from(limit.get()).into()];
        let delete: Sql<()> = Sql::prepared(PRUNE_BUDGET_USES, values);
        self.writer().run(move |connection| Ok(delete.execute(connection)? as u64)).await
    }
}

impl SqliteStore {
    /// Deletes rows without leaving traces, and returns their number.
    async fn prune(
        &self,
        delete: impl FnOnce(&mut SqliteConnection) -> QueryResult<usize> + Send + 'static,
    ) -> Result<u64, RepositoryError> {
        let prune = move |connection: &mut SqliteConnection| {
            without_traces(connection, |connection| {
                in_transaction(connection, |connection| Ok(delete(connection)? as u64))
            })
        };
        self.writer().run(prune).await
    }
}

fn prune_responses(
    connection: &mut SqliteConnection,
    now: Timestamp,
    limit: NonZeroU32,
) -> QueryResult<usize> {
    let expired: Vec<Vec<u8>> = idempotency_keys::table
        .filter(idempotency_keys::expires_at.le(DbTimestamp(now)))
        .limit(limit.get().into())
        .select(idempotency_keys::key)
        .load(connection)?;
    let named = idempotency_keys::table.filter(idempotency_keys::key.eq_any(&expired));
    diesel::delete(named).execute(connection)
}

fn prune_messages(
    connection: &mut SqliteConnection,
    before: Timestamp,
    limit: NonZeroU32,
) -> QueryResult<usize> {
    let old: Vec<DbId<NotificationId>> = notifications::table
        .filter(notifications::finished_at.is_not_null())
        .filter(notifications::finished_at.lt(DbTimestamp(before)))
        .filter(notifications::status.ne(NotificationStatus::Dead.as_str()))
        .order_by(notifications::finished_at)
        .limit(limit.get().into())
        .select(notifications::id)
        .load(connection)?;
    let attempts = delivery_attempts::table.filter(delivery_attempts::notification_id.eq_any(&old));
    diesel::delete(attempts).execute(connection)?;
    let messages = notifications::table.filter(notifications::id.eq_any(&old));
    diesel::delete(messages).execute(connection)
}
