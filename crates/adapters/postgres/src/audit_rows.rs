//! Statements of the audit log, whose entries form a chain of hashes.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_repository::{AuditRecord, AuditValues};
use engage_sql::{AuditColumnTypes, DbId, DbTimestamp, HeadRow};

use crate::sql::{Sql, Value};

/// Committed with the change, without a position: the sealer assigns one, so that no commit waits for
/// another.
const INSERT: &str = "
    INSERT INTO audit_entries (id, at, actor_kind, actor_id, credential, request_id, action, subject,
        owner, fields, values_mac)
    VALUES ";

const INSERT_VALUES: &str = "INSERT INTO audit_values (entry_id, salt, details, case_id) VALUES ";

const SELECT: &str = "
    SELECT coalesce(audit_entries.position, 0), audit_entries.id, at, actor_kind, actor_id, credential,
        request_id, action, subject, owner, fields, values_mac, hash, salt, details, case_id
    FROM audit_entries LEFT JOIN audit_values ON audit_values.entry_id = audit_entries.id
    WHERE true";

/// Begins a statement that selects entries, to which criteria can be added.
pub(crate) fn select() -> Sql<AuditColumnTypes> {
    Sql::new(SELECT)
}

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

/// Inserts an entry in the transaction of the change that it records. The entry and its values are one
/// statement, so there is one round trip.
pub(crate) async fn append(
    connection: &mut AsyncPgConnection,
    record: &AuditRecord,
) -> QueryResult<()> {
    let AuditRecord { facts, values } = record;
    let mut insert: Sql<()> = Sql::new("");
    if values.is_some() {
        insert.push("WITH entry AS (");
    }
    let entry = [
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
    ];
    row(insert.push(INSERT), entry);
    if let Some(AuditValues { salt, json, case }) = values {
        let values = [
            DbId::from(facts.id).into(),
            salt.to_vec().into(),
            json.clone().into(),
            case.map(DbId::from).into(),
        ];
        row(insert.push(") ").push(INSERT_VALUES), values);
    }
    insert.prepare_once().execute(connection).await.map(drop)
}

fn row<const N: usize>(sql: &mut Sql<()>, values: [Value; N]) {
    for (place, value) in values.into_iter().enumerate() {
        sql.push(if place == 0 { "(" } else { ", " }).bind(value);
    }
    sql.push(")");
}
