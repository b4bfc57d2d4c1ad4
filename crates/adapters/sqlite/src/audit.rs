//! Who did what: a chain of entries that only grows.

use std::num::NonZeroU32;

use async_trait::async_trait;
use engage_domain::Timestamp;
use engage_repository::{
    AuditEntry, AuditFilter, AuditHead, AuditRecord, AuditRepository, AuditState, RepositoryError,
};

use crate::audit_rows::{append, base, entries, head, head_by, select};
use crate::error::repository_error;
use crate::sql::{Sql, execute};
use crate::store::SqliteStore;

/// The last entry of a run from the beginning on, all of it from before a time, and never the last.
const LAST_TO_CUT: &str = "
    WITH run AS (SELECT position, hash, at FROM audit_entries ORDER BY position LIMIT ?)
    SELECT position, hash FROM run
    WHERE position < coalesce((SELECT min(position) FROM run WHERE at >= ?), 9223372036854775807)
        AND position < (SELECT max(position) FROM audit_entries)
    ORDER BY position DESC LIMIT 1";

const MOVE_BASE: &str = "UPDATE audit_base SET position = ?, hash = ?";

const CUT_VALUES: &str = "
    DELETE FROM audit_values
    WHERE entry_id IN (SELECT id FROM audit_entries WHERE position BETWEEN ? AND ?)";

const CUT: &str = "DELETE FROM audit_entries WHERE position BETWEEN ? AND ?";

#[async_trait]
impl AuditRepository for SqliteStore {
    async fn append_audit(&self, record: &AuditRecord) -> Result<(), RepositoryError> {
        let record = record.clone();
        self.writer().write(move |connection| append(connection, &record)).await
    }

    /// Commits chain what they write, so that nothing is left to do.
    async fn seal_audit(&self) -> Result<AuditHead, RepositoryError> {
        self.readers().read(head).await
    }

    async fn list_audit(
        &self,
        filter: &AuditFilter,
        before: Option<u64>,
        limit: NonZeroU32,
    ) -> Result<Vec<AuditEntry>, RepositoryError> {
        let filter = filter.clone();
        self.readers()
            .read(move |connection| {
                let mut sql = select();
                sql.push(" WHERE position < ").bind(before.map_or(i64::MAX, position));
                if let Some(actor) = filter.actor {
                    sql.push(" AND actor_id = ").bind(actor);
                }
                if let Some(credential) = filter.credential {
                    sql.push(" AND credential = ").bind(credential);
                }
                if let Some(action) = filter.action {
                    if action.ends_with('.') {
                        sql.push(" AND instr(action, ").bind(action).push(") = 1");
                    } else {
                        sql.push(" AND action = ").bind(action);
                    }
                }
                if let Some(subject) = filter.subject {
                    sql.push(" AND (subject = ").bind(subject.clone());
                    sql.push(" OR owner = ").bind(subject).push(")");
                }
                if let Some(from) = filter.from {
                    sql.push(" AND at >= ").bind(from.as_millis());
                }
                if let Some(to) = filter.to {
                    sql.push(" AND at < ").bind(to.as_millis());
                }
                sql.push(" ORDER BY position DESC LIMIT ").bind(i64::from(limit.get()));
                entries(connection, sql)
            })
            .await
    }

    async fn read_audit(
        &self,
        after: u64,
        limit: NonZeroU32,
    ) -> Result<Vec<AuditEntry>, RepositoryError> {
        self.readers()
            .read(move |connection| {
                let mut sql = select();
                sql.push(" WHERE position > ").bind(position(after));
                sql.push(" ORDER BY position LIMIT ").bind(i64::from(limit.get()));
                entries(connection, sql)
            })
            .await
    }

    async fn audit_state(&self) -> Result<AuditState, RepositoryError> {
        self.readers()
            .read(|connection| {
                let (base, head) = (base(connection)?, head(connection)?);
                Ok(AuditState { base, head, unsealed_since: None })
            })
            .await
    }

    async fn cut_audit(
        &self,
        before: Timestamp,
        limit: NonZeroU32,
    ) -> Result<u64, RepositoryError> {
        self.writer()
            .write(move |connection| {
                let before_cut = base(connection)?;
                let values = [i64::from(limit.get()).into(), before.as_millis().into()];
                let last = head_by(connection, Sql::prepared(LAST_TO_CUT, values))?;
                let Some(cut) = last else { return Ok(0) };
                let (first, last) = (position(before_cut.position + 1), position(cut.position));
                let base = [last.into(), cut.hash.0.to_vec().into()];
                execute(connection, MOVE_BASE, base).map_err(repository_error)?;
                for statement in [CUT_VALUES, CUT] {
                    execute(connection, statement, [first.into(), last.into()])
                        .map_err(repository_error)?;
                }
                Ok(cut.position - before_cut.position)
            })
            .await
    }
}

fn position(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
