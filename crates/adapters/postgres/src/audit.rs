//! Who did what: a chain of entries that only grows.
//!
//! Commits leave entries without a place. A sealer, one at a time, gives them places and hashes, as the feed
//! does with events: were the end of the chain a row that every commit locks, commits could not share a
//! flush.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Timestamptz};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use engage_domain::Timestamp;
use engage_repository::{
    AuditEntry, AuditFilter, AuditHead, AuditRecord, AuditRepository, AuditState, RepositoryError,
};

use crate::audit_rows::{EntryRow, Row, append, base, head, head_by, head_of, select};
use crate::db_timestamp::DbTimestamp;
use crate::sql::{Sql, Value};
use crate::store::PostgresStore;

/// Names the lock under which entries are sealed, among the advisory locks of the database.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7311146960472925301)";

/// The most entries that one transaction seals.
const BATCH: u16 = 500;

/// The last entry of a run from the beginning on, all of it from before a time, and never the last.
const LAST_TO_CUT: &str = "
    WITH run AS (
        SELECT position, hash, at FROM audit_entries WHERE position IS NOT NULL
        ORDER BY position LIMIT ?
    )
    SELECT position, hash FROM run
    WHERE position < coalesce((SELECT min(position) FROM run WHERE at >= ?), 9223372036854775807)
        AND position < (SELECT max(position) FROM audit_entries)
    ORDER BY position DESC LIMIT 1";

const CUT_VALUES: &str = "
    DELETE FROM audit_values WHERE entry_id = ANY (ARRAY(
        SELECT id FROM audit_entries WHERE position BETWEEN ? AND ?
    ))";

const CUT: &str = "DELETE FROM audit_entries WHERE position BETWEEN ? AND ?";

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
            let (head, is_all): (Option<(i64, Vec<u8>)>, bool) =
                self.connections().run(sealed).await?;
            if is_all {
                return Ok(head_of(head)?);
            }
        }
    }

    async fn list_audit(
        &self,
        filter: &AuditFilter,
        before: Option<u64>,
        limit: NonZeroU32,
    ) -> Result<Vec<AuditEntry>, RepositoryError> {
        let filter = filter.clone();
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
                sql.push(" AND starts_with(action, ").bind(action).push(")");
            } else {
                sql.push(" AND action = ").bind(action);
            }
        }
        if let Some(subject) = filter.subject {
            sql.push(" AND (subject = ").bind(subject.clone());
            sql.push(" OR owner = ").bind(subject).push(")");
        }
        if let Some(from) = filter.from {
            sql.push(" AND at >= ").bind(DbTimestamp(from));
        }
        if let Some(to) = filter.to {
            sql.push(" AND at < ").bind(DbTimestamp(to));
        }
        sql.push(" ORDER BY position DESC LIMIT ").bind(i64::from(limit.get()));
        self.audit_entries(sql).await
    }

    async fn read_audit(
        &self,
        after: u64,
        limit: NonZeroU32,
    ) -> Result<Vec<AuditEntry>, RepositoryError> {
        let mut sql = select();
        sql.push(" WHERE position > ").bind(position(after));
        sql.push(" ORDER BY position LIMIT ").bind(i64::from(limit.get()));
        self.audit_entries(sql).await
    }

    async fn audit_state(&self) -> Result<AuditState, RepositoryError> {
        let state = async |c: &mut AsyncPgConnection| {
            let oldest = "SELECT min(committed_at) FROM audit_entries WHERE position IS NULL";
            let oldest: Sql<Nullable<Timestamptz>> = Sql::prepared(oldest, []);
            let oldest: Option<DbTimestamp> = oldest.get_result(c).await?;
            Ok((base(c).await?, head(c).await?, oldest))
        };
        let (base, head, oldest) = self.connections().run(state).await?;
        let unsealed_since = oldest.map(|at: DbTimestamp| at.0);
        Ok(AuditState { base: head_of(base)?, head: head_of(head)?, unsealed_since })
    }

    async fn cut_audit(
        &self,
        before: Timestamp,
        limit: NonZeroU32,
    ) -> Result<u64, RepositoryError> {
        let limit = i64::from(limit.get());
        let cut = async |c: &mut AsyncPgConnection| {
            c.transaction::<_, diesel::result::Error, _>(async |c| cut(c, before, limit).await)
                .await
        };
        let count: i64 = self.connections().run(cut).await?;
        count.try_into().map_err(RepositoryError::internal)
    }
}

impl PostgresStore {
    async fn audit_entries(&self, sql: Sql<Row>) -> Result<Vec<AuditEntry>, RepositoryError> {
        let rows: Vec<EntryRow> = self.connections().run(async |c| sql.load(c).await).await?;
        Ok(rows.into_iter().map(EntryRow::into_entry).collect::<Result<_, _>>()?)
    }
}

/// Seals a batch. Returns the end of the chain then, and true if nothing is left.
async fn seal(connection: &mut AsyncPgConnection) -> QueryResult<(Option<(i64, Vec<u8>)>, bool)> {
    let mut unsealed = select();
    unsealed
        .push(" WHERE position IS NULL ORDER BY audit_entries.id LIMIT ")
        .bind(i64::from(BATCH));
    let lock: Sql<()> = Sql::prepared(LOCK, []);
    let peek = "SELECT EXISTS (SELECT FROM audit_entries WHERE position IS NULL)";
    let peek: Sql<Bool> = Sql::prepared(peek, []);
    if !peek.get_result::<bool>(connection).await? {
        return Ok((head(connection).await?, true));
    }
    lock.execute(connection).await?;
    // After the lock, so that it sees what another has sealed.
    let rows: Vec<EntryRow> = unsealed.load(connection).await?;
    let found = head(connection).await?;
    let invalid = |error| diesel::result::Error::DeserializationError(Box::new(error));
    let mut last = head_of(found).map_err(invalid)?;
    let (mut ids, mut positions, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
    for row in &rows {
        let position = last.position + 1;
        let hash = row.facts().map_err(invalid)?.chained(last.hash, position);
        last = AuditHead { position, hash };
        ids.push(row.id);
        positions.push(self::position(position));
        hashes.push(hash.0.to_vec());
    }
    let update: Sql<()> = Sql::prepared(
        "UPDATE audit_entries SET position = sealed.position, hash = sealed.hash
        FROM unnest(?::uuid[], ?::bigint[], ?::bytea[]) AS sealed (id, position, hash)
        WHERE audit_entries.id = sealed.id",
        [ids.into(), positions.into(), Value::ManyBytes(hashes)],
    );
    update.execute(connection).await?;
    Ok((Some((position(last.position), last.hash.0.to_vec())), rows.len() < usize::from(BATCH)))
}

async fn cut(
    connection: &mut AsyncPgConnection,
    before: Timestamp,
    limit: i64,
) -> QueryResult<i64> {
    let lock: Sql<()> = Sql::prepared(LOCK, []);
    lock.execute(connection).await?;
    let (last, _) = base(connection).await?.unwrap_or_default();
    let to_cut: Sql<(BigInt, Binary)> =
        Sql::prepared(LAST_TO_CUT, [limit.into(), DbTimestamp(before).into()]);
    let Some((end, hash)) = head_by(connection, to_cut).await? else { return Ok(0) };
    let statements: [Sql<()>; 3] = [
        Sql::prepared(
            "UPDATE audit_base SET position = ?, hash = ?",
            [end.into(), Value::OptionalBytes(Some(hash))],
        ),
        Sql::prepared(CUT_VALUES, [(last + 1).into(), end.into()]),
        Sql::prepared(CUT, [(last + 1).into(), end.into()]),
    ];
    for statement in statements {
        statement.execute(connection).await?;
    }
    Ok(end - last)
}

fn position(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
