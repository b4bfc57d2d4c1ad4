use engage_domain::{CaseNumber, Version};
use engage_repository::RepositoryError;
use thiserror::Error;

/// Error of a use case that acts on a case. `R` is the error of the domain rules.
#[derive(Debug, Error)]
pub enum CaseError<R: std::error::Error + 'static> {
    /// There is no such case, or the proof does not match it. Check both.
    #[error("there is no case {0}")]
    NotFound(CaseNumber),
    /// The customer must prove ownership of the case with one of these fields.
    #[error("provide one of: {}", accepts.join(", "))]
    ProofRequired {
        /// Request fields of which one is required.
        accepts: &'static [&'static str],
    },
    /// The rules refuse the change.
    #[error(transparent)]
    Refused(R),
    /// The case is not at a version that the caller accepts. Read it again.
    #[error("the case is at version {current}")]
    Stale {
        /// The current version of the case.
        current: Version,
    },
    /// A request with the same idempotency key is in flight. Wait and send it again.
    #[error("a request with this idempotency key is in flight")]
    InProgress,
    /// The idempotency key was used for another request. Choose another key.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The caller's credential is no longer valid.
    #[error("the caller's credential is no longer valid")]
    Revoked,
    /// Too many concurrent changes to the case. Try again.
    #[error("the case is being changed by too many requests at once")]
    Busy,
    /// Storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}
