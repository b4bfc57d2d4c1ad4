//! Statements of the audit log, whose entries form a chain of hashes.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_repository::AuditRecord;
use engage_sql::{AUDIT_COLUMNS, HeadRow, INSERT_AUDIT_VALUES, audit_columns, audit_value_columns};

use crate::sql::Sql;

/// Reads the one end of a chain that a statement selects.
pub(crate) async fn head_by(
    connection: &mut AsyncPgConnection,
    sql: Sql<(BigInt, Binary)>,
) -> QueryResult<Option<HeadRow>> {
    sql.get_result(connection).await.optional()
}

/// Reads the end of the part that was cut off.
pub(crate) async fn base(connection: &mut AsyncPgConnection) -> QueryResult<Option<HeadRow>> {
    head_by(connection, Sql::prepared("SELECT position, hash FROM audit_base", [])).await
}

/// Reads the end of the chain.
pub(crate) async fn head(connection: &mut AsyncPgConnection) -> QueryResult<Option<HeadRow>> {
    let last = "
        SELECT position, hash FROM audit_entries WHERE position IS NOT NULL
        ORDER BY position DESC LIMIT 1";
    match head_by(connection, Sql::prepared(last, [])).await? {
        Some(head) => Ok(Some(head)),
        None => base(connection).await,
    }
}

/// Inserts an entry in the transaction of the change that it records. It has no position: the sealer
/// assigns one, so that no commit waits for another. The entry and its values are one statement, so there
/// is one round trip.
pub(crate) async fn append(
    connection: &mut AsyncPgConnection,
    record: &AuditRecord,
) -> QueryResult<()> {
    let AuditRecord { facts, values } = record;
    let mut insert: Sql<()> = Sql::new(if values.is_some() { "WITH entry AS (" } else { "" });
    insert.push("INSERT INTO audit_entries (").push(AUDIT_COLUMNS).push(") VALUES ");
    insert.push_list(audit_columns(facts));
    if let Some(values) = values {
        insert.push(") ").push_with(INSERT_AUDIT_VALUES, audit_value_columns(facts.id, values));
    }
    insert.prepare_once().execute(connection).await.map(drop)
}
