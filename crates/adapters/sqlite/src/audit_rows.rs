//! Statements of the audit log, whose entries form a chain of hashes.

use diesel::SqliteConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary};
use engage_repository::{AuditHead, AuditRecord};
use engage_sql::{
    AUDIT_COLUMNS, HeadRow, INSERT_AUDIT_VALUES, audit_columns, audit_head, audit_position,
    audit_value_columns,
};

use crate::error::WorkResult;
use crate::sql::{Sql, execute};

/// Reads the one end of a chain that a statement selects.
pub(crate) fn head_by(
    connection: &mut SqliteConnection,
    sql: Sql<(BigInt, Binary)>,
) -> WorkResult<Option<AuditHead>> {
    let found: Option<HeadRow> = sql.get_result(connection).optional()?;
    Ok(found.map(|row| audit_head(Some(row))).transpose()?)
}

/// Reads the end of the part that was cut off.
pub(crate) fn base(connection: &mut SqliteConnection) -> WorkResult<AuditHead> {
    let sql = Sql::prepared("SELECT position, hash FROM audit_base", []);
    head_by(connection, sql).map(Option::unwrap_or_default)
}

/// Reads the end of the chain.
pub(crate) fn head(connection: &mut SqliteConnection) -> WorkResult<AuditHead> {
    let last = "SELECT position, hash FROM audit_entries ORDER BY position DESC LIMIT 1";
    match head_by(connection, Sql::prepared(last, []))? {
        Some(head) => Ok(head),
        None => base(connection),
    }
}

/// Appends an entry to the chain, in the transaction of the change that it records.
pub(crate) fn append(connection: &mut SqliteConnection, record: &AuditRecord) -> WorkResult<()> {
    let AuditRecord { facts, values } = record;
    let last = head(connection)?;
    let position = last.position + 1;
    let hash = facts.chained(last.hash, position);
    let place = [audit_position(position).into(), hash.0.to_vec().into()];
    let mut insert: Sql<()> = Sql::new("INSERT INTO audit_entries (");
    insert.push(AUDIT_COLUMNS).push(", position, hash) VALUES ");
    insert.push_list(audit_columns(facts).into_iter().chain(place));
    insert.prepare_once().execute(connection)?;
    if let Some(values) = values {
        execute(connection, INSERT_AUDIT_VALUES, audit_value_columns(facts.id, values))?;
    }
    Ok(())
}
