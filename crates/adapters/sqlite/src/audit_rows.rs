//! Entries of the audit log as rows, and the chain that they are in.

use diesel::SqliteConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use engage_domain::{CaseId, Timestamp};
use engage_repository::{
    AuditEntry, AuditFacts, AuditHash, AuditHead, AuditRecord, AuditValues, RepositoryError,
};

use crate::case_rows::{id_bits, id_bytes};
use crate::error::{InvalidColumn, repository_error};
use crate::sql::{Sql, Value, execute};

const INSERT: &str = "
    INSERT INTO audit_entries (position, id, at, actor_kind, actor_id, credential, request_id, action,
        subject, owner, fields, values_mac, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const INSERT_VALUES: &str =
    "INSERT INTO audit_values (entry_id, salt, details, case_id) VALUES (?, ?, ?, ?)";

const SELECT: &str = "
    SELECT audit_entries.position, audit_entries.id, at, actor_kind, actor_id, credential, request_id,
        action, subject, owner, fields, values_mac, hash, salt, details, case_id
    FROM audit_entries LEFT JOIN audit_values ON audit_values.entry_id = audit_entries.id";

type Row = (
    BigInt,
    Binary,
    BigInt,
    Text,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Text,
    Nullable<Text>,
    Nullable<Text>,
    Text,
    Nullable<Binary>,
    Binary,
    Nullable<Binary>,
    Nullable<Text>,
    Nullable<Binary>,
);

#[derive(Queryable)]
struct EntryRow {
    position: i64,
    id: Vec<u8>,
    at: i64,
    actor_kind: String,
    actor_id: Option<String>,
    credential: Option<String>,
    request_id: Option<String>,
    action: String,
    subject: Option<String>,
    owner: Option<String>,
    fields: String,
    values_mac: Option<Vec<u8>>,
    hash: Vec<u8>,
    salt: Option<Vec<u8>>,
    details: Option<String>,
    case_id: Option<Vec<u8>>,
}

impl EntryRow {
    fn into_entry(self) -> Result<AuditEntry, InvalidColumn> {
        let values = match (self.salt, self.details) {
            (Some(salt), Some(json)) => {
                let case = self.case_id.map(|id| id_bits(&id, "audit case")).transpose()?;
                Some(AuditValues { salt: hash(&salt)?.0, json, case: case.map(CaseId::from_u128) })
            }
            _ => None,
        };
        let fields = self.fields.split(',').filter(|name| !name.is_empty()).map(str::to_owned);
        Ok(AuditEntry {
            position: unsigned(self.position)?,
            hash: hash(&self.hash)?,
            facts: AuditFacts {
                id: id_bits(&self.id, "audit id")?,
                at: Timestamp::from_millis(self.at),
                actor_kind: self.actor_kind,
                actor_id: self.actor_id,
                credential: self.credential,
                request_id: self.request_id,
                action: self.action,
                subject: self.subject,
                owner: self.owner,
                fields: fields.collect(),
                values_mac: self.values_mac.as_deref().map(hash).transpose()?,
            },
            values,
        })
    }
}

fn hash(bytes: &[u8]) -> Result<AuditHash, InvalidColumn> {
    bytes.try_into().map(AuditHash).map_err(|_| InvalidColumn { column: "audit hash" })
}

fn unsigned(position: i64) -> Result<u64, InvalidColumn> {
    position.try_into().map_err(|_| InvalidColumn { column: "audit position" })
}

pub(crate) fn select() -> Sql<Row> {
    Sql::new(SELECT)
}

pub(crate) fn entries(
    connection: &mut SqliteConnection,
    sql: Sql<Row>,
) -> Result<Vec<AuditEntry>, RepositoryError> {
    let rows: Vec<EntryRow> = sql.load(connection).map_err(repository_error)?;
    Ok(rows.into_iter().map(EntryRow::into_entry).collect::<Result<_, _>>()?)
}

/// The one end of a chain that a statement finds.
pub(crate) fn head_by(
    connection: &mut SqliteConnection,
    sql: Sql<(BigInt, Binary)>,
) -> Result<Option<AuditHead>, RepositoryError> {
    let found: Option<(i64, Vec<u8>)> =
        sql.get_result(connection).optional().map_err(repository_error)?;
    let head = |(position, bytes): (i64, Vec<u8>)| {
        Ok::<_, InvalidColumn>(AuditHead { position: unsigned(position)?, hash: hash(&bytes)? })
    };
    Ok(found.map(head).transpose()?)
}

/// The end of what was cut off.
pub(crate) fn base(connection: &mut SqliteConnection) -> Result<AuditHead, RepositoryError> {
    let sql = Sql::prepared("SELECT position, hash FROM audit_base", []);
    head_by(connection, sql).map(Option::unwrap_or_default)
}

/// The end of the chain.
pub(crate) fn head(connection: &mut SqliteConnection) -> Result<AuditHead, RepositoryError> {
    let last = "SELECT position, hash FROM audit_entries ORDER BY position DESC LIMIT 1";
    match head_by(connection, Sql::prepared(last, []))? {
        Some(head) => Ok(head),
        None => base(connection),
    }
}

/// Writes an entry at the end of the chain, in the transaction of the act.
pub(crate) fn append(
    connection: &mut SqliteConnection,
    record: &AuditRecord,
) -> Result<(), RepositoryError> {
    let AuditRecord { facts, values } = record;
    let last = head(connection)?;
    let position = last.position + 1;
    let hash = facts.chained(last.hash, position);
    let place = i64::try_from(position).map_err(RepositoryError::internal)?;
    let entry = [
        place.into(),
        id_bytes(facts.id).into(),
        facts.at.as_millis().into(),
        facts.actor_kind.clone().into(),
        facts.actor_id.clone().into(),
        facts.credential.clone().into(),
        facts.request_id.clone().into(),
        facts.action.clone().into(),
        facts.subject.clone().into(),
        facts.owner.clone().into(),
        facts.fields.join(",").into(),
        Value::OptionalBytes(facts.values_mac.map(|mac| mac.0.to_vec())),
        hash.0.to_vec().into(),
    ];
    execute(connection, INSERT, entry).map_err(repository_error)?;
    if let Some(AuditValues { salt, json, case }) = values {
        let case = case.map(|id| id_bytes(id.as_u128()));
        let values = [
            id_bytes(facts.id).into(),
            salt.to_vec().into(),
            json.clone().into(),
            Value::OptionalBytes(case),
        ];
        execute(connection, INSERT_VALUES, values).map_err(repository_error)?;
    }
    Ok(())
}
