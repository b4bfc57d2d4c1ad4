//! The audit log, a chain of entries to which entries are only ever appended.
//!
//! Commits insert entries without a position. A sealer, one at a time, assigns positions and hashes, as
//! the feed does for events. If every commit locked the end of the chain instead, commits could not
//! share a flush.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use engage_domain::Timestamp;
use engage_repository::{
    AuditEntry, AuditFilter, AuditHead, AuditRecord, AuditRepository, AuditState, RepositoryError,
};
use engage_sql::{
    AuditColumnTypes, AuditRow, CUT_AUDIT, DbTimestamp, HeadRow, MOVE_AUDIT_BASE, SqlTimestamp,
    audit_criteria, audit_head, audit_position, select_audit, select_audit_after,
    select_last_to_cut,
};

use crate::audit_rows::{append, base, head, head_by};
use crate::sql::{Sql, execute, push_criteria};
use crate::store::PostgresStore;

/// The advisory lock under which entries are sealed.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7311146960472925301)";

/// Maximum number of entries that one transaction seals.
const BATCH: u16 = 500;

const SEAL: &str = "
    UPDATE audit_entries SET position = sealed.position, hash = sealed.hash
    FROM unnest(?::uuid[], ?::bigint[], ?::bytea[]) AS sealed (id, position, hash)
    WHERE audit_entries.id = sealed.id";

const CUT_VALUES: &str = "
    DELETE FROM audit_values WHERE entry_id = ANY (ARRAY(
        SELECT id FROM audit_entries WHERE position BETWEEN ? AND ?
    ))";

#[async_trait]
impl AuditRepository for PostgresStore {
    async fn append_audit(&self, record: &AuditRecord) -> Result<(), RepositoryError> {
        let written = async |c: &mut AsyncPgConnection| {
            c.transaction(async |c| append(c, record).await).await
        };
        self.connections().run(written).await
    }

    async fn seal_audit(&self) -> Result<AuditHead, RepositoryError> {
        loop {
            let sealed = async |c: &mut AsyncPgConnection| {
                c.transaction::<_, diesel::result::Error, _>(async |c| seal(c).await).await
            };
            let (head, is_all) = self.connections().run(sealed).await?;
            if is_all {
                return Ok(audit_head(head)?);
            }
        }
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
        let state = async |c: &mut AsyncPgConnection| {
            let oldest = "SELECT min(committed_at) FROM audit_entries WHERE position IS NULL";
            let oldest: Sql<Nullable<SqlTimestamp>> = Sql::prepared(oldest, []);
            let oldest: Option<DbTimestamp> = oldest.get_result(c).await?;
            Ok((base(c).await?, head(c).await?, oldest))
        };
        let (base, head, oldest) = self.connections().run(state).await?;
        let unsealed_since = oldest.map(|at| at.0);
        Ok(AuditState { base: audit_head(base)?, head: audit_head(head)?, unsealed_since })
    }

    async fn cut_audit(
        &self,
        before: Timestamp,
        limit: NonZeroU32,
    ) -> Result<u64, RepositoryError> {
        let cut = async |c: &mut AsyncPgConnection| {
            c.transaction::<_, diesel::result::Error, _>(async |c| cut(c, before, limit).await)
                .await
        };
        let count: i64 = self.connections().run(cut).await?;
        count.try_into().map_err(RepositoryError::internal)
    }
}

impl PostgresStore {
    async fn audit_entries(
        &self,
        sql: Sql<AuditColumnTypes>,
    ) -> Result<Vec<AuditEntry>, RepositoryError> {
        let rows: Vec<AuditRow> = self.connections().run(async |c| sql.load(c).await).await?;
        Ok(rows.into_iter().map(AuditRow::into_entry).collect::<Result<_, _>>()?)
    }
}

/// Seals a batch. Returns the end of the chain, and true if nothing is left to seal.
async fn seal(connection: &mut AsyncPgConnection) -> QueryResult<(Option<HeadRow>, bool)> {
    let peek = "SELECT EXISTS (SELECT FROM audit_entries WHERE position IS NULL)";
    let peek: Sql<Bool> = Sql::prepared(peek, []);
    if !peek.get_result::<bool>(connection).await? {
        return Ok((head(connection).await?, true));
    }
    execute(connection, LOCK, []).await?;
    // After the lock, to see the entries that another sealer has sealed.
    let mut unsealed = select_audit();
    unsealed.push(" AND position IS NULL ORDER BY audit_entries.id LIMIT ").bind(i64::from(BATCH));
    let rows: Vec<AuditRow> = unsealed.load(connection).await?;
    let found = head(connection).await?;
    let invalid = |error| diesel::result::Error::DeserializationError(Box::new(error));
    let mut last = audit_head(found).map_err(invalid)?;
    let (mut ids, mut positions, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
    for row in &rows {
        let position = last.position + 1;
        let hash = row.facts().map_err(invalid)?.chained(last.hash, position);
        last = AuditHead { position, hash };
        ids.push(row.id);
        positions.push(audit_position(position));
        hashes.push(hash.0.to_vec());
    }
    execute(connection, SEAL, [ids.into(), positions.into(), hashes.into()]).await?;
    let head = (audit_position(last.position), last.hash.0.to_vec());
    Ok((Some(head), rows.len() < usize::from(BATCH)))
}

async fn cut(
    connection: &mut AsyncPgConnection,
    before: Timestamp,
    limit: NonZeroU32,
) -> QueryResult<i64> {
    execute(connection, LOCK, []).await?;
    let (last, _) = base(connection).await?.unwrap_or_default();
    let to_cut = select_last_to_cut(before, limit);
    let Some((end, hash)) = head_by(connection, to_cut).await? else { return Ok(0) };
    execute(connection, MOVE_AUDIT_BASE, [end.into(), hash.into()]).await?;
    for statement in [CUT_VALUES, CUT_AUDIT] {
        execute(connection, statement, [(last + 1).into(), end.into()]).await?;
    }
    Ok(end - last)
}
