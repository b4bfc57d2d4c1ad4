//! Audit entries as rows.

use diesel::prelude::*;
use engage_domain::CaseId;
use engage_repository::{AuditEntry, AuditFacts, AuditFilter, AuditHash, AuditHead, AuditValues};

use crate::column::octets;
use crate::criterion::{Criterion, Operand};
use crate::db_id::DbId;
use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::sql_types::{BigInt, Binary, Nullable, SqlId, SqlTimestamp, Text};

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
    let text =
        |text: &'static str, value: &String| Criterion::sql(text, [Operand::Text(value.clone())]);
    let mut criteria = vec![Criterion::sql("position < ?", [Operand::BigInt(before)])];
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
        let subject = || Operand::Text(subject.clone());
        Criterion::sql("(subject = ? OR owner = ?)", [subject(), subject()])
    }));
    criteria.extend(from.map(|from| Criterion::sql("at >= ?", [Operand::Time(from)])));
    criteria.extend(to.map(|to| Criterion::sql("at < ?", [Operand::Time(to)])));
    criteria
}
