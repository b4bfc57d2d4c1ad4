//! The audit log, a chain of entries to which entries are only ever appended.

use std::num::NonZeroU32;

use async_trait::async_trait;
use engage_domain::Timestamp;
use engage_repository::{
    AuditEntry, AuditFilter, AuditHead, AuditRecord, AuditRepository, AuditState, RepositoryError,
};
use engage_sql::{DbTimestamp, audit_criteria, audit_position, repository_error};

use crate::audit_rows::{append, base, entries, head, head_by, select};
use crate::sql::{Sql, execute, push_criteria};
use crate::store::SqliteStore;

/// Selects the last entry of the oldest run of entries that all precede a time. It is never the last
/// entry of the log.
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

    /// Returns the end of the chain. Commits seal their own entries, so nothing is left to seal.
    async fn seal_audit(&self) -> Result<AuditHead, RepositoryError> {
        self.readers().read(head).await
    }

    async fn list_audit(
        &self,
        filter: &AuditFilter,
        before: Option<u64>,
        limit: NonZeroU32,
    ) -> Result<Vec<AuditEntry>, RepositoryError> {
        let mut sql = select();
        push_criteria(&mut sql, audit_criteria(filter, before));
        sql.push(" ORDER BY position DESC LIMIT ").bind(i64::from(limit.get()));
        self.readers().read(move |connection| entries(connection, sql)).await
    }

    async fn read_audit(
        &self,
        after: u64,
        limit: NonZeroU32,
    ) -> Result<Vec<AuditEntry>, RepositoryError> {
        let mut sql = select();
        sql.push(" AND position > ").bind(audit_position(after));
        sql.push(" ORDER BY position LIMIT ").bind(i64::from(limit.get()));
        self.readers().read(move |connection| entries(connection, sql)).await
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
                let values = [i64::from(limit.get()).into(), DbTimestamp(before).into()];
                let last = head_by(connection, Sql::prepared(LAST_TO_CUT, values))?;
                let Some(cut) = last else { return Ok(0) };
                let first = audit_position(before_cut.position + 1);
                let last = audit_position(cut.position);
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
