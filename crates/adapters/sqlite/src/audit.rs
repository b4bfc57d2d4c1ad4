//! The audit log, a chain of entries to which entries are only ever appended.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::Timestamp;
use engage_repository::{
    AuditEntry, AuditFilter, AuditHead, AuditRecord, AuditRepository, AuditState, RepositoryError,
};
use engage_sql::{
    AuditColumnTypes, AuditRow, CUT_AUDIT, MOVE_AUDIT_BASE, audit_criteria, audit_position,
    select_audit, select_audit_after, select_last_to_cut,
};

use crate::audit_rows::{append, base, head, head_by};
use crate::error::WorkResult;
use crate::sql::{Sql, execute, push_criteria};
use crate::store::SqliteStore;

const CUT_VALUES: &str = "
    DELETE FROM audit_values
    WHERE entry_id IN (SELECT id FROM audit_entries WHERE position BETWEEN ? AND ?)";

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
        let mut sql = select_audit();
        push_criteria(&mut sql, audit_criteria(filter, before));
        sql.push(" ORDER BY position DESC LIMIT ").bind(i64::from(limit.get()));
        self.audit_entries(sql).await
    }

    async fn read_audit(
        &self,
        after: u64,
        limit: NonZeroU32,
    ) -> Result<Vec<AuditEntry>, RepositoryError> {
        self.audit_entries(select_audit_after(after, limit)).await
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
        self.writer().write(move |connection| cut(connection, before, limit)).await
    }
}

impl SqliteStore {
    async fn audit_entries(
        &self,
        sql: Sql<AuditColumnTypes>,
    ) -> Result<Vec<AuditEntry>, RepositoryError> {
        let rows: Vec<AuditRow> = self.readers().read(move |c| Ok(sql.load(c)?)).await?;
        Ok(rows.into_iter().map(AuditRow::into_entry).collect::<Result<_, _>>()?)
    }
}

fn cut(connection: &mut SqliteConnection, before: Timestamp, limit: NonZeroU32) -> WorkResult<u64> {
    let base = base(connection)?;
    let Some(end) = head_by(connection, select_last_to_cut(before, limit))? else { return Ok(0) };
    let (first, last) = (audit_position(base.position + 1), audit_position(end.position));
    execute(connection, MOVE_AUDIT_BASE, [last.into(), end.hash.0.to_vec().into()])?;
    for statement in [CUT_VALUES, CUT_AUDIT] {
        execute(connection, statement, [first.into(), last.into()])?;
    }
    Ok(end.position - base.position)
}
