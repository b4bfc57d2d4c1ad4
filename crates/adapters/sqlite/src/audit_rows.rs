//! Statements of the audit log, whose entries form a chain of hashes.

use diesel::SqliteConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary};
use engage_repository::{AuditEntry, AuditHead, AuditRecord, AuditValues, RepositoryError};
use engage_sql::{
    AuditColumnTypes, AuditRow, DbId, DbTimestamp, HeadRow, audit_head, repository_error,
};

use crate::sql::{Sql, execute};

const INSERT: &str = "
    INSERT INTO audit_entries (position, id, at, actor_kind, actor_id, credential, request_id, action,
        subject, owner, fields, values_mac, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const INSERT_VALUES: &str =
    "INSERT INTO audit_values (entry_id, salt, details, case_id) VALUES (?, ?, ?, ?)";

const SELECT: &str = "
    SELECT audit_entries.position, audit_entries.id, at, actor_kind, actor_id, credential, request_id,
        action, subject, owner, fields, values_mac, hash, salt, details, case_id
    FROM audit_entries LEFT JOIN audit_values ON audit_values.entry_id = audit_entries.id
    WHERE true";

/// Begins a statement that selects entries, to which criteria can be added.
pub(crate) fn select() -> Sql<AuditColumnTypes> {
    Sql::new(SELECT)
}

pub(crate) fn entries(
    connection: &mut SqliteConnection,
    sql: Sql<AuditColumnTypes>,
) -> Result<Vec<AuditEntry>, RepositoryError> {
    let rows: Vec<AuditRow> = sql.load(connection).map_err(repository_error)?;
    Ok(rows.into_iter().map(AuditRow::into_entry).collect::<Result<_, _>>()?)
}

/// Reads the one end of a chain that a statement selects.
pub(crate) fn head_by(
    connection: &mut SqliteConnection,
    sql: Sql<(BigInt, Binary)>,
) -> Result<Option<AuditHead>, RepositoryError> {
    let found: Option<HeadRow> = sql.get_result(connection).optional().map_err(repository_error)?;
    Ok(found.map(|row| audit_head(Some(row))).transpose()?)
}

/// Reads the end of the part that was cut off.
pub(crate) fn base(connection: &mut SqliteConnection) -> Result<AuditHead, RepositoryError> {
    let sql = Sql::prepared("SELECT position, hash FROM audit_base", []);
    head_by(connection, sql).map(Option::unwrap_or_default)
}

/// Reads the end of the chain.
pub(crate) fn head(connection: &mut SqliteConnection) -> Result<AuditHead, RepositoryError> {
    let last = "SELECT position, hash FROM audit_entries ORDER BY position DESC LIMIT 1";
    match head_by(connection, Sql::prepared(last, []))? {
        Some(head) => Ok(head),
        None => base(connection),
    }
}

/// Appends an entry to the chain, in the transaction of the change that it records.
pub(crate) fn append(
    connection: &mut SqliteConnection,
    record: &AuditRecord,
) -> Result<(), RepositoryError> {
    let AuditRecord { facts, values } = record;
    let last = head(connection)?;
    let position = last.position + 1;
    let hash = facts.chained(last.hash, position);
    let entry = [
        i64::try_from(position).map_err(RepositoryError::internal)?.into(),
        DbId::from(facts.id).into(),
        DbTimestamp(facts.at).into(),
        facts.actor_kind.clone().into(),
        facts.actor_id.clone().into(),
        facts.credential.clone().into(),
        facts.request_id.clone().into(),
        facts.action.clone().into(),
        facts.subject.clone().into(),
        facts.owner.clone().into(),
        facts.fields.join(",").into(),
        facts.values_mac.map(|mac| mac.0.to_vec()).into(),
        hash.0.to_vec().into(),
    ];
    execute(connection, INSERT, entry).map_err(repository_error)?;
    if let Some(AuditValues { salt, json, case }) = values {
        let values = [
            DbId::from(facts.id).into(),
            salt.to_vec().into(),
            json.clone().into(),
            case.map(DbId::from).into(),
        ];
        execute(connection, INSERT_VALUES, values).map_err(repository_error)?;
    }
    Ok(())
}
