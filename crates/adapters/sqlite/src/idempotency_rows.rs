//! What stands in the table of idempotency keys.

use diesel::prelude::*;
use engage_domain::{CaseId, Event, Timestamp, Version};
use engage_repository::{IdempotencyRecord, RequestDigest, StoredResponse};

use crate::case_rows::{checked, id_bits, id_bytes};
use crate::error::InvalidColumn;
use crate::schema::idempotency_keys;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency_keys)]
pub(crate) struct StoredResponseRow {
    key: Vec<u8>,
    digest: Vec<u8>,
    case_id: Vec<u8>,
    version: i64,
    answer: String,
    changed_at: i64,
    expires_at: i64,
}

impl StoredResponseRow {
    pub(crate) fn new(event: &Event, record: IdempotencyRecord) -> Self {
        Self {
            key: record.key.0.to_vec(),
            digest: record.digest.0.to_vec(),
            case_id: id_bytes(event.case_id.as_u128()),
            version: event.sequence.get().into(),
            answer: record.answer,
            changed_at: event.timestamp.as_millis(),
            expires_at: record.expires_at.as_millis(),
        }
    }

    pub(crate) fn into_stored_response(self) -> Result<StoredResponse, InvalidColumn> {
        let digest = self.digest.try_into().map_err(|_| InvalidColumn { column: "digest" })?;
        Ok(StoredResponse {
            digest: RequestDigest(digest),
            answer: self.answer,
            case_id: CaseId::from_u128(id_bits(&self.case_id, "case_id")?),
            version: checked(self.version, Version::new, "version")?,
            changed_at: Timestamp::from_millis(self.changed_at),
        })
    }
}

/// Whether a change was kept under the key of another that happens now.
pub(crate) fn is_used(
    connection: &mut SqliteConnection,
    row: &StoredResponseRow,
) -> QueryResult<bool> {
    let same = idempotency_keys::table
        .filter(idempotency_keys::key.eq(&row.key))
        .filter(idempotency_keys::expires_at.gt(row.changed_at));
    diesel::select(diesel::dsl::exists(same)).get_result(connection)
}

/// Keeps an answer, in the place of one under the same key that has expired.
pub(crate) fn store(connection: &mut SqliteConnection, row: &StoredResponseRow) -> QueryResult<()> {
    diesel::replace_into(idempotency_keys::table).values(row).execute(connection).map(drop)
}
