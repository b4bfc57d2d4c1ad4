//! Deletion of rows whose retention has ended.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel_async::RunQueryDsl;
use engage_domain::Timestamp;
use engage_repository::{RepositoryError, RetentionRepository};
use engage_sql::DbTimestamp;

use crate::sql::{Sql, Value};
use crate::store::PostgresStore;

/// Deletes notifications and their attempts in one statement, after which references are checked. Skips
/// rows that another server is deleting.
const PRUNE_MESSAGES: &str = "
    WITH old AS (
        SELECT id FROM notifications
        WHERE finished_at IS NOT NULL AND finished_at < ? AND status <> 'DEAD'
        ORDER BY finished_at LIMIT ? FOR UPDATE SKIP LOCKED
    ), attempts AS (
        DELETE FROM delivery_attempts WHERE notification_id IN (SELECT id FROM old)
    )
    DELETE FROM notifications WHERE id IN (SELECT id FROM old)";

const PRUNE_ANSWERS: &str = "
    DELETE FROM idempotency_keys WHERE key IN (
        SELECT key FROM idempotency_keys WHERE expires_at <= ?
        ORDER BY expires_at LIMIT ? FOR UPDATE SKIP LOCKED
    )";

/// Does not conflict with counts, which use rows of the current minute.
const PRUNE_BUDGET_USES: &str = "
    DELETE FROM budget_uses WHERE (budget, minute) IN (
        SELECT budget, minute FROM budget_uses WHERE minute < ?
        ORDER BY minute LIMIT ? FOR UPDATE SKIP LOCKED
    )";

#[async_trait]
impl RetentionRepository for PostgresStore {
    async fn prune_messages(
        &self,
        before: Timestamp,
        limit: NonZeroU32,
    ) -> Result<u64, RepositoryError> {
        self.prune(PRUNE_MESSAGES, DbTimestamp(before).into(), limit).await
    }

    async fn prune_responses(
        &self,
        now: Timestamp,
        limit: NonZeroU32,
    ) -> Result<u64, RepositoryError> {
        self.prune(PRUNE_ANSWERS, DbTimestamp(now).into(), limit).await
    }

    async fn prune_budget_uses(
        &self,
        before: Timestamp,
        limit: NonZeroU32,
    ) -> Result<u64, RepositoryError> {
        let minute = before.as_millis().div_euclid(60_000);
        self.prune(PRUNE_BUDGET_USES, minute.into(), limit).await
    }
}

impl PostgresStore {
    async fn prune(
        &self,
        statement: &str,
        before: Value,
        limit: NonZeroU32,
    ) -> Result<u64, RepositoryError> {
        let values = [before, i64::from(limit.get()).into()];
        let delete: Sql<()> = Sql::prepared(statement, values);
        let deleted = self.connections().run(async |c| delete.execute(c).await).await?;
        Ok(deleted as u64)
    }
}
