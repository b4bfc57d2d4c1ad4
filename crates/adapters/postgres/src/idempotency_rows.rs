//! What stands in the table of idempotency keys.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use engage_domain::{CaseId, Event, Timestamp, Version};
use engage_repository::{
    IdempotencyKey, IdempotencyRecord, RepositoryError, RequestDigest, StoredResponse,
};
use serde::Serialize;
use uuid::Uuid;

use crate::case_rows::checked;
use crate::connections::Connections;
use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::history_rows::bytea;
use crate::schema::idempotency_keys;

#[derive(Queryable, Selectable, Serialize)]
#[diesel(table_name = idempotency_keys)]
pub(crate) struct StoredResponseRow {
    #[serde(serialize_with = "bytea")]
    key: Vec<u8>,
    #[serde(serialize_with = "bytea")]
    digest: Vec<u8>,
    case_id: Uuid,
    version: i64,
    answer: String,
    changed_at: DbTimestamp,
    expires_at: DbTimestamp,
}

impl StoredResponseRow {
    pub(crate) fn new(event: &Event, record: &IdempotencyRecord) -> Self {
        Self {
            key: record.key.0.to_vec(),
            digest: record.digest.0.to_vec(),
            case_id: Uuid::from_u128(event.case_id.as_u128()),
            version: event.sequence.get().into(),
            answer: record.answer.clone(),
            changed_at: DbTimestamp(event.timestamp),
            expires_at: DbTimestamp(record.expires_at),
        }
    }

    pub(crate) fn into_stored_response(self) -> Result<StoredResponse, InvalidColumn> {
        let digest = self.digest.try_into().map_err(|_| InvalidColumn { column: "digest" })?;
        Ok(StoredResponse {
            digest: RequestDigest(digest),
            answer: self.answer,
            case_id: CaseId::from_u128(self.case_id.as_u128()),
            version: checked(self.version, Version::new, "version")?,
            changed_at: self.changed_at.0,
        })
    }
}

/// A key, and when the change happens that is to be kept under it.
#[derive(Clone, Copy)]
pub(crate) struct KeyUse {
    pub(crate) key: IdempotencyKey,
    pub(crate) at: Timestamp,
}

/// Whether another change was kept under a key.
pub(crate) async fn is_used(
    connections: &Connections,
    KeyUse { key, at }: KeyUse,
) -> Result<bool, RepositoryError> {
    let same = idempotency_keys::table
        .filter(idempotency_keys::key.eq(key.0.to_vec()))
        .filter(idempotency_keys::expires_at.gt(DbTimestamp(at)));
    let exists = diesel::select(diesel::dsl::exists(same));
    connections.run(async |c| exists.get_result(c).await).await
}
