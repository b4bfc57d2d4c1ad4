//! Responses to requests with an idempotency key.

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::Timestamp;
use engage_repository::{IdempotencyKey, IdempotencyRepository, RepositoryError, StoredResponse};
use engage_sql::schema::idempotency_keys;
use engage_sql::{DbTimestamp, StoredResponseRow, repository_error};

use crate::store::SqliteStore;

#[async_trait]
impl IdempotencyRepository for SqliteStore {
    async fn find_response(
        &self,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<StoredResponse>, RepositoryError> {
        let key = key.0.to_vec();
        self.readers()
            .read(move |connection| {
                let found: Option<StoredResponseRow> = idempotency_keys::table
                    .filter(idempotency_keys::key.eq(key))
                    .filter(idempotency_keys::expires_at.gt(DbTimestamp(now)))
                    .select(StoredResponseRow::as_select())
                    .first(connection)
                    .optional()
                    .map_err(repository_error)?;
                Ok(found.map(StoredResponseRow::into_stored_response).transpose()?)
            })
            .await
    }
}
