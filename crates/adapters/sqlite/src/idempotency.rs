//! The answers to requests that take effect once.

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::{CaseId, Event, Timestamp, Version};
use engage_repository::{
    IdempotencyKey, IdempotencyRecord, IdempotencyRepository, KeptAnswer, RepositoryError,
    RequestDigest,
};

use crate::case_rows::{checked, id_bits, id_bytes};
use crate::error::{InvalidColumn, repository_error};
use crate::schema::idempotency_keys;
use crate::store::SqliteStore;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency_keys)]
pub(crate) struct AnswerRow {
    key: Vec<u8>,
    digest: Vec<u8>,
    case_id: Vec<u8>,
    version: i64,
    answer: String,
    changed_at: i64,
    expires_at: i64,
}

impl AnswerRow {
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

    fn into_answer(self) -> Result<KeptAnswer, InvalidColumn> {
        let digest = self.digest.try_into().map_err(|_| InvalidColumn { column: "digest" })?;
        Ok(KeptAnswer {
            digest: RequestDigest(digest),
            answer: self.answer,
            case_id: CaseId::from_u128(id_bits(&self.case_id, "case_id")?),
            version: checked(self.version, Version::new, "version")?,
            changed_at: Timestamp::from_millis(self.changed_at),
        })
    }
}

/// Whether a change was kept under the key of another that happens now.
pub(crate) fn is_used(connection: &mut SqliteConnection, row: &AnswerRow) -> QueryResult<bool> {
    let same = idempotency_keys::table
        .filter(idempotency_keys::key.eq(&row.key))
        .filter(idempotency_keys::expires_at.gt(row.changed_at));
    diesel::select(diesel::dsl::exists(same)).get_result(connection)
}

/// Keeps an answer, in the place of one under the same key that has expired.
pub(crate) fn keep(connection: &mut SqliteConnection, row: &AnswerRow) -> QueryResult<()> {
    diesel::replace_into(idempotency_keys::table).values(row).execute(connection).map(drop)
}

#[async_trait]
impl IdempotencyRepository for SqliteStore {
    async fn find_answer(
        &self,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<KeptAnswer>, RepositoryError> {
        let key = key.0.to_vec();
        self.readers()
            .read(move |connection| {
                let found: Option<AnswerRow> = idempotency_keys::table
                    .filter(idempotency_keys::key.eq(key))
                    .filter(idempotency_keys::expires_at.gt(now.as_millis()))
                    .select(AnswerRow::as_select())
                    .first(connection)
                    .optional()
                    .map_err(repository_error)?;
                Ok(found.map(AnswerRow::into_answer).transpose()?)
            })
            .await
    }
}
