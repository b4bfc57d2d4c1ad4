use async_trait::async_trait;
use engage_domain::{CaseId, Timestamp, Version};

use crate::RepositoryError;

/// Tells one request that is to take effect once from all others: the SHA-256 of the operation, of
/// who asks for it, and of the key that they gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(pub [u8; 32]);

/// The SHA-256 of what was asked for, by which a key that is used for something else is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestDigest(pub [u8; 32]);

/// What was answered to a request under a key, kept in the commit of the change that it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// The key of the request.
    pub key: IdempotencyKey,
    /// What was asked for.
    pub digest: RequestDigest,
    /// What was answered, without anything secret.
    pub answer: String,
    /// From when on the key is free again.
    pub expires_at: Timestamp,
}

/// The answer that a key stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResponse {
    /// What was asked for.
    pub digest: RequestDigest,
    /// What was answered.
    pub answer: String,
    /// The case that was changed.
    pub case_id: CaseId,
    /// The version that the change gave it.
    pub version: Version,
    /// When it was changed.
    pub changed_at: Timestamp,
}

/// The answers that were given to requests with a key. They are written by
/// [`CaseRepository::commit`](crate::CaseRepository::commit).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait IdempotencyRepository: Send + Sync {
    /// Finds the answer that was kept under a key.
    ///
    /// MUST return `None` where there is none, or where it has expired at `now`.
    async fn find_response(
        &self,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<StoredResponse>, RepositoryError>;
}
