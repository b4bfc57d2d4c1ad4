use async_trait::async_trait;
use engage_domain::Timestamp;
use engage_repository::{IdempotencyKey, IdempotencyRepository, RepositoryError, StoredResponse};

/// Finds no responses, for use cases whose callers do not send idempotency keys.
pub(crate) struct NoResponses;

#[async_trait]
impl IdempotencyRepository for NoResponses {
    async fn find_response(
        &self,
        _: &IdempotencyKey,
        _: Timestamp,
    ) -> Result<Option<StoredResponse>, RepositoryError> {
        Ok(None)
    }
}
