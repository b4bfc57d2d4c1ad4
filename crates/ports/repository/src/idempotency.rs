use async_trait::async_trait;
use engage_domain::{CaseId, Timestamp, Version};

use crate::RepositoryError;

/// Stored form of an idempotency key: the SHA-256 of the operation, the client and the key that the
/// client sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(pub [u8; 32]);

/// SHA-256 of the content of a request, used to detect a key that is reused for another request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestDigest(pub [u8; 32]);

/// Response to a request with an idempotency key, stored in the commit of the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// Key of the request.
    pub key: IdempotencyKey,
    /// Digest of the request.
    pub digest: RequestDigest,
    /// The response, without any secrets.
    pub answer: String,
    /// Time at which the key expires.
    pub expires_at: Timestamp,
}

/// The response stored under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResponse {
    /// Digest of the request.
    pub digest: RequestDigest,
    /// The response.
    pub answer: String,
    /// Id of the changed case.
    pub case_id: CaseId,
    /// Version of the case after the change.
    pub version: Version,
    /// Time of the change.
    pub changed_at: Timestamp,
}

/// Responses to requests with an idempotency key. They are stored by
/// [`CaseRepository::commit`](crate::CaseRepository::commit).
///
/// ```
/// # use engage_repository::{CaseRepository, IdempotencyRecord, IdempotencyRepository};
/// use engage_repository::{IdempotencyKey, RequestDigest};
/// use engage_sqlite::SqliteStore;
/// use engage_testkit::builders::{a_change_set, an_opened, minutes_later, monday};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory()?;
/// let (key, digest) = (IdempotencyKey([7; 32]), RequestDigest([1; 32]));
/// let (answer, expires_at) = ("CW-2025-001".to_owned(), minutes_later(24 * 60));
/// let mut change_set = a_change_set(an_opened(1), Vec::new());
/// change_set.idempotency = Some(IdempotencyRecord { key, digest, answer, expires_at });
/// store.commit(change_set).await?;
///
/// let found = store.find_response(&key, monday()).await?.expect("the key is in use");
/// assert_eq!((found.digest, found.answer.as_str()), (digest, "CW-2025-001"));
/// assert_eq!(store.find_response(&key, expires_at).await?, None);
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait IdempotencyRepository: Send + Sync {
    /// Finds the response stored under a key.
    ///
    /// MUST return `None` if there is none, or if it has expired at `now`.
    async fn find_response(
        &self,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<StoredResponse>, RepositoryError>;
}
