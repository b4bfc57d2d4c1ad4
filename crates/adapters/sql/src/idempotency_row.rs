//! Stored responses as rows of the table `idempotency_keys`.

use diesel::dsl::auto_type;
use diesel::prelude::*;
use engage_domain::{CaseId, Event, Version};
use engage_repository::{IdempotencyRecord, RequestDigest, StoredResponse};
use serde::Serialize;

use crate::column::{checked, octets};
use crate::db_id::DbId;
use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::hex::bytea;
use crate::schema::idempotency_keys;

/// The response that a change under an idempotency key got.
#[derive(Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = idempotency_keys)]
pub struct StoredResponseRow {
    /// Idempotency key.
    #[serde(serialize_with = "bytea")]
    pub key: Vec<u8>,
    #[serde(serialize_with = "bytea")]
    digest: Vec<u8>,
    case_id: DbId<CaseId>,
    version: i64,
    answer: String,
    /// Time of the change.
    pub changed_at: DbTimestamp,
    expires_at: DbTimestamp,
}

impl StoredResponseRow {
    /// Converts the record of a change.
    pub fn new(event: &Event, record: IdempotencyRecord) -> Self {
        Self {
            key: record.key.0.to_vec(),
            digest: record.digest.0.to_vec(),
            case_id: event.case_id.into(),
            version: event.sequence.get().into(),
            answer: record.answer,
            changed_at: DbTimestamp(event.timestamp),
            expires_at: DbTimestamp(record.expires_at),
        }
    }

    /// Converts the row to a stored response.
    pub fn into_stored_response(self) -> Result<StoredResponse, InvalidColumn> {
        Ok(StoredResponse {
            digest: RequestDigest(octets(&self.digest, "digest")?),
            answer: self.answer,
            case_id: self.case_id.get(),
            version: checked(self.version, Version::new, "version")?,
            changed_at: self.changed_at.0,
        })
    }
}

/// Finds the response under an idempotency key, unless it has expired.
#[auto_type(no_type_alias)]
pub fn response_under(key: Vec<u8>, now: DbTimestamp) -> _ {
    idempotency_keys::table
        .filter(idempotency_keys::key.eq(key))
        .filter(idempotency_keys::expires_at.gt(now))
}
