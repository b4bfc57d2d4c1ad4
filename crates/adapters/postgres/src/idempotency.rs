//! The answers to requests that take effect once.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use engage_domain::{CaseId, Event, Timestamp, Version};
use engage_repository::{
    IdempotencyKey, IdempotencyRecord, IdempotencyRepository, KeptAnswer, RepositoryError,
    RequestDigest,
};
use serde::Serialize;
use uuid::Uuid;

use crate::case_rows::checked;
use crate::connections::Connections;
use crate::error::InvalidColumn;
use crate::history_rows::bytea;
use crate::instant::Instant;
use crate::schema::idempotency_keys;
use crate::store::PostgresStore;

#[derive(Queryable, Selectable, Serialize)]
#[diesel(table_name = idempotency_keys)]
pub(crate) struct AnswerRow {
    #[serde(serialize_with = "bytea")]
    key: Vec<u8>,
    #[serde(serialize_with = "bytea")]
    digest: Vec<u8>,
    case_id: Uuid,
    version: i64,
    answer: String,
    changed_at: Instant,
    expires_at: Instant,
}

impl AnswerRow {
    pub(crate) fn new(event: &Event, record: &IdempotencyRecord) -> Self {
        Self {
            key: record.key.0.to_vec(),
            digest: record.digest.0.to_vec(),
            case_id: Uuid::from_u128(event.case_id.as_u128()),
            version: event.sequence.get().into(),
            answer: record.answer.clone(),
            changed_at: Instant(event.timestamp),
            expires_at: Instant(record.expires_at),
        }
    }

    fn into_answer(self) -> Result<KeptAnswer, InvalidColumn> {
        let digest = self.digest.try_into().map_err(|_| InvalidColumn { column: "digest" })?;
        Ok(KeptAnswer {
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
        .filter(idempotency_keys::expires_at.gt(Instant(at)));
    let exists = diesel::select(diesel::dsl::exists(same));
    connections.run(async |c| exists.get_result(c).await).await
}

#[async_trait]
impl IdempotencyRepository for PostgresStore {
    async fn find_answer(
        &self,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<KeptAnswer>, RepositoryError> {
        let select = idempotency_keys::table
            .filter(idempotency_keys::key.eq(key.0.to_vec()))
            .filter(idempotency_keys::expires_at.gt(Instant(now)))
            .select(AnswerRow::as_select());
        let found = async |c: &mut _| select.first(c).await.optional();
        let found: Option<AnswerRow> = self.connections().run(found).await?;
        Ok(found.map(AnswerRow::into_answer).transpose()?)
    }
}
