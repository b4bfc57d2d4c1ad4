//! Audit entries as rows.

use std::num::NonZeroU32;

use diesel::prelude::*;
use engage_domain::{CaseId, Timestamp};
use engage_repository::{AuditEntry, AuditFacts, AuditFilter, AuditHash, AuditHead, AuditValues};

use crate::column::octets;
use crate::criterion::Criterion;
use crate::db_id::DbId;
use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::sql_types::{BigInt, Binary, Nullable, SqlId, SqlTimestamp, Text};
use crate::statement::Statement;
use crate::value::Value;

/// SQL types of the columns of an [`AuditRow`].
pub type AuditColumnTypes = (
    BigInt,
    SqlId,
    SqlTimestamp,
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
    Nullable<SqlId>,
);

/// An audit entry with its values, unless these have been erased.
#[derive(Queryable)]
pub struct AuditRow {
    position: i64,
    /// Id of the entry.
    pub id: DbId<u128>,
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
    case_id: Option<DbId<CaseId>>,
}

impl AuditRow {
    /// Returns the facts of the entry, from which its hash is computed.
    pub fn facts(&self) -> Result<AuditFacts, InvalidColumn> {
        let fields = self.fields.split(',').filter(|name| !name.is_empty()).map(str::to_owned);
        Ok(AuditFacts {
            id: self.id.get(),
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

    /// Converts the row to an entry. Fails if the entry has not been sealed.
    pub fn into_entry(self) -> Result<AuditEntry, InvalidColumn> {
        let facts = self.facts()?;
        let case = self.case_id.map(DbId::get);
        let values = match (self.salt, self.details) {
            (Some(salt), Some(json)) => Some(AuditValues { salt: hash(&salt)?.0, json, case }),
            _ => None,
        };
        let (position, hash) = (position(self.position)?, hash(&self.hash.unwrap_or_default())?);
        Ok(AuditEntry { position, hash, facts, values })
    }
}

const SELECT: &str = "
    SELECT coalesce(audit_entries.position, 0), audit_entries.id, at, actor_kind, actor_id, credential,
        request_id, action, subject, owner, fields, values_mac, hash, salt, details, case_id
    FROM audit_entries LEFT JOIN audit_values ON audit_values.entry_id = audit_entries.id
    WHERE true";

/// Begins a statement that selects entries, to which criteria can be added.
pub fn select_audit() -> Statement<AuditColumnTypes> {
    Statement::new(SELECT)
}

/// Selects the entries after a position.
pub fn select_audit_after(position: u64, limit: NonZeroU32) -> Statement<AuditColumnTypes> {
    let mut sql = select_audit();
    sql.push(" AND position > ").bind(audit_position(position));
    sql.push(" ORDER BY position LIMIT ").bind(i64::from(limit.get()));
    sql
}

/// The columns of an entry of which [`audit_columns`] returns the values.
pub const AUDIT_COLUMNS: &str = "id, at, actor_kind, actor_id, credential, request_id, action, \
    subject, owner, fields, values_mac";

/// Returns the values of the columns of an entry.
pub fn audit_columns(facts: &AuditFacts) -> [Value; 11] {
    [
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
    ]
}

/// Inserts the values of an entry.
pub const INSERT_AUDIT_VALUES: &str =
    "INSERT INTO audit_values (entry_id, salt, details, case_id) VALUES (?, ?, ?, ?)";

/// Returns the values for [`INSERT_AUDIT_VALUES`].
pub fn audit_value_columns(entry: u128, values: &AuditValues) -> [Value; 4] {
    let AuditValues { salt, json, case } = values;
    let case = case.map(DbId::from);
    [DbId::from(entry).into(), salt.to_vec().into(), json.clone().into(), case.into()]
}

/// Only entries that have been sealed have a position.
const LAST_TO_CUT: &str = "
    WITH run AS (
        SELECT position, hash, at FROM audit_entries WHERE position IS NOT NULL
        ORDER BY position LIMIT ?
    )
    SELECT position, hash FROM run
    WHERE position < coalesce((SELECT min(position) FROM run WHERE at >= ?), 9223372036854775807)
        AND position < (SELECT max(position) FROM audit_entries)
    ORDER BY position DESC LIMIT 1";

/// Selects the last entry of the oldest run of entries that all precede a time. It is never the last
/// entry of the log.
pub fn select_last_to_cut(before: Timestamp, limit: NonZeroU32) -> Statement<(BigInt, Binary)> {
    let values = [i64::from(limit.get()).into(), DbTimestamp(before).into()];
    Statement::prepared(LAST_TO_CUT, values)
}

/// Records the last entry that is cut off: its position and hash.
pub const MOVE_AUDIT_BASE: &str = "UPDATE audit_base SET position = ?, hash = ?";

/// Removes the entries from one position to another.
pub const CUT_AUDIT: &str = "DELETE FROM audit_entries WHERE position BETWEEN ? AND ?";

fn hash(bytes: &[u8]) -> Result<AuditHash, InvalidColumn> {
    octets(bytes, "audit hash").map(AuditHash)
}

fn position(stored: i64) -> Result<u64, InvalidColumn> {
    stored.try_into().map_err(|_| InvalidColumn { column: "audit position" })
}

/// Returns the column of a position in the log. One that no entry can have becomes the largest.
pub fn audit_position(position: u64) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

/// An end of the chain: position and hash.
pub type HeadRow = (i64, Vec<u8>);

/// Reads an end of the chain. Without a row it is the beginning of the log.
pub fn audit_head(found: Option<HeadRow>) -> Result<AuditHead, InvalidColumn> {
    let Some((stored, bytes)) = found else { return Ok(AuditHead::default()) };
    Ok(AuditHead { position: position(stored)?, hash: hash(&bytes)? })
}

/// Returns the criteria of a filter on entries that precede a position.
pub fn audit_criteria(filter: &AuditFilter, before: Option<u64>) -> Vec<Criterion> {
    let AuditFilter { actor, credential, action, subject, from, to } = filter;
    let before = before.map_or(i64::MAX, audit_position);
    let text = |text: &'static str, value: &String| Criterion::sql(text, [value.clone().into()]);
    let mut criteria = vec![Criterion::sql("position < ?", [before.into()])];
    criteria.extend(actor.as_ref().map(|actor| text("actor_id = ?", actor)));
    criteria.extend(credential.as_ref().map(|credential| text("credential = ?", credential)));
    criteria.extend(action.as_ref().map(|action| {
        if action.ends_with('.') {
            Criterion::StartsWith { column: "action", prefix: action.clone() }
        } else {
            text("action = ?", action)
        }
    }));
    criteria.extend(subject.as_ref().map(|subject| {
        let subject = || subject.clone().into();
        Criterion::sql("(subject = ? OR owner = ?)", [subject(), subject()])
    }));
    criteria.extend(from.map(|from| Criterion::sql("at >= ?", [DbTimestamp(from).into()])));
    criteria.extend(to.map(|to| Criterion::sql("at < ?", [DbTimestamp(to).into()])));
    criteria
}
