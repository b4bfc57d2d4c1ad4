//! The answers to requests that take effect once.

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::Timestamp;
use engage_repository::{IdempotencyKey, IdempotencyRepository, RepositoryError, StoredResponse};

use crate::error::repository_error;
use crate::idempotency_rows::StoredResponseRow;
use crate::schema::idempotency_keys;
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
                    .filter(idempotency_keys::expires_at.gt(now.as_millis()))
                    .select(StoredResponseRow::as_select())
                    .first(connection)
                    .optional()
                    .map_err(repository_error)?;
                Ok(found.map(StoredResponseRow::into_stored_response).transpose()?)
            })
            .await
    }
}
