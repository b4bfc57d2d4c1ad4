//! Responses to requests with an idempotency key.

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::Timestamp;
use engage_repository::{IdempotencyKey, IdempotencyRepository, RepositoryError, StoredResponse};
use engage_sql::{DbTimestamp, StoredResponseRow, response_under};

use crate::store::SqliteStore;

#[async_trait]
impl IdempotencyRepository for SqliteStore {
    async fn find_response(
        &self,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<StoredResponse>, RepositoryError> {
        let select =
            response_under(key.0.to_vec(), DbTimestamp(now)).select(StoredResponseRow::as_select());
        let found: Option<StoredResponseRow> =
            self.readers().read(move |c| Ok(select.first(c).optional()?)).await?;
        Ok(found.map(StoredResponseRow::into_stored_response).transpose()?)
    }
}
