//! Entries of the audit log as rows, and the chain that they are in.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_domain::CaseId;
use engage_repository::{AuditEntry, AuditFacts, AuditHash, AuditHead, AuditRecord, AuditValues};
use uuid::Uuid;

use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::sql::{Sql, Value};

/// Committed with the act, and without a place: the sealer gives it one, so that no commit waits for another.
const INSERT: &str = "
    INSERT INTO audit_entries (id, at, actor_kind, actor_id, credential, request_id, action, subject,
        owner, fields, values_mac)
    VALUES ";

const INSERT_VALUES: &str = "INSERT INTO audit_values (entry_id, salt, details, case_id) VALUES ";

const SELECT: &str = "
    SELECT coalesce(audit_entries.position, 0), audit_entries.id, at, actor_kind, actor_id, credential,
        request_id, action, subject, owner, fields, values_mac, hash, salt, details, case_id
    FROM audit_entries LEFT JOIN audit_values ON audit_values.entry_id = audit_entries.id";

pub(crate) type Row = (
    BigInt,
    SqlUuid,
    Timestamptz,
    Text,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Text,
    Nullable<Text>,
    Nullable<Text>,
    Text,
    Nullable<Binary>,
    Nullable<Binary>,
    Nullable<Binary>,
    Nullable<Text>,
    Nullable<SqlUuid>,
);

#[derive(Queryable)]
pub(crate) struct EntryRow {
    position: i64,
    pub(crate) id: Uuid,
    at: DbTimestamp,
    actor_kind: String,
    actor_id: Option<String>,
    credential: Option<String>,
    request_id: Option<String>,
    action: String,
    subject: Option<String>,
    owner: Option<String>,
    fields: String,
    values_mac: Option<Vec<u8>>,
    hash: Option<Vec<u8>>,
    salt: Option<Vec<u8>>,
    details: Option<String>,
    case_id: Option<Uuid>,
}

impl EntryRow {
    pub(crate) fn facts(&self) -> Result<AuditFacts, InvalidColumn> {
        let fields = self.fields.split(',').filter(|name| !name.is_empty()).map(str::to_owned);
        Ok(AuditFacts {
            id: self.id.as_u128(),
            at: self.at.0,
            actor_kind: self.actor_kind.clone(),
            actor_id: self.actor_id.clone(),
            credential: self.credential.clone(),
            request_id: self.request_id.clone(),
            action: self.action.clone(),
            subject: self.subject.clone(),
            owner: self.owner.clone(),
            fields: fields.collect(),
            values_mac: self.values_mac.as_deref().map(hash).transpose()?,
        })
    }

    pub(crate) fn into_entry(self) -> Result<AuditEntry, InvalidColumn> {
        let facts = self.facts()?;
        let case = self.case_id.map(|id| CaseId::from_u128(id.as_u128()));
        let values = match (self.salt, self.details) {
            (Some(salt), Some(json)) => Some(AuditValues { salt: hash(&salt)?.0, json, case }),
            _ => None,
        };
        let (position, hash) = (unsigned(self.position)?, hash(&self.hash.unwrap_or_default())?);
        Ok(AuditEntry { position, hash, facts, values })
    }
}

pub(crate) fn hash(bytes: &[u8]) -> Result<AuditHash, InvalidColumn> {
    bytes.try_into().map(AuditHash).map_err(|_| InvalidColumn { column: "audit hash" })
}

pub(crate) fn unsigned(position: i64) -> Result<u64, InvalidColumn> {
    position.try_into().map_err(|_| InvalidColumn { column: "audit position" })
}

pub(crate) fn select() -> Sql<Row> {
    Sql::new(SELECT)
}

/// Reads the one end of a chain that a statement finds.
pub(crate) async fn head_by(
    connection: &mut AsyncPgConnection,
    sql: Sql<(BigInt, Binary)>,
) -> QueryResult<Option<(i64, Vec<u8>)>> {
    sql.get_result(connection).await.optional()
}

pub(crate) fn head_of(found: Option<(i64, Vec<u8>)>) -> Result<AuditHead, InvalidColumn> {
    let Some((position, bytes)) = found else { return Ok(AuditHead::default()) };
    Ok(AuditHead { position: unsigned(position)?, hash: hash(&bytes)? })
}

/// The end of what was cut off.
pub(crate) async fn base(
    connection: &mut AsyncPgConnection,
) -> QueryResult<Option<(i64, Vec<u8>)>> {
    head_by(connection, Sql::prepared("SELECT position, hash FROM audit_base", [])).await
}

/// The end of the chain.
pub(crate) async fn head(
    connection: &mut AsyncPgConnection,
) -> QueryResult<Option<(i64, Vec<u8>)>> {
    let last = "
        SELECT position, hash FROM audit_entries WHERE position IS NOT NULL
        ORDER BY position DESC LIMIT 1";
    match head_by(connection, Sql::prepared(last, [])).await? {
        Some(head) => Ok(Some(head)),
        None => base(connection).await,
    }
}

/// Writes an entry in the transaction of the act: with its values in one statement, so that there is one
/// answer to wait for.
pub(crate) async fn append(
    connection: &mut AsyncPgConnection,
    record: &AuditRecord,
) -> QueryResult<()> {
    let AuditRecord { facts, values } = record;
    let mut insert: Sql<()> = Sql::new("");
    if values.is_some() {
        insert.push("WITH entry AS (");
    }
    row(
        insert.push(INSERT),
        [
            Uuid::from_u128(facts.id).into(),
            DbTimestamp(facts.at).into(),
            facts.actor_kind.clone().into(),
            facts.actor_id.clone().into(),
            facts.credential.clone().into(),
            facts.request_id.clone().into(),
            facts.action.clone().into(),
            facts.subject.clone().into(),
            facts.owner.clone().into(),
            facts.fields.join(",").into(),
            Value::OptionalBytes(facts.values_mac.map(|mac| mac.0.to_vec())),
        ],
    );
    if let Some(AuditValues { salt, json, case }) = values {
        row(
            insert.push(") ").push(INSERT_VALUES),
            [
                Uuid::from_u128(facts.id).into(),
                Value::OptionalBytes(Some(salt.to_vec())),
                json.clone().into(),
                Value::OptionalUuid(case.map(|id| Uuid::from_u128(id.as_u128()))),
            ],
        );
    }
    insert.prepare_once().execute(connection).await.map(drop)
}

fn row<const N: usize>(sql: &mut Sql<()>, values: [Value; N]) {
    for (place, value) in values.into_iter().enumerate() {
        sql.push(if place == 0 { "(" } else { ", " }).bind(value);
    }
    sql.push(")");
}
