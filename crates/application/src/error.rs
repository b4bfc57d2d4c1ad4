use engage_domain::{CaseNumber, Version};
use engage_repository::RepositoryError;
use thiserror::Error;

/// Error of a use case that acts on a case. `R` is the refusal of the domain's rules.
#[derive(Debug, Error)]
pub enum CaseError<R: std::error::Error + 'static> {
    /// No case has the number, or the proof does not fit the case. Check both.
    #[error("there is no case {0}")]
    NotFound(CaseNumber),
    /// The customer has to prove that the case is theirs, by one of these fields.
    #[error("show one of: {}", accepts.join(", "))]
    ProofRequired {
        /// The fields of a request of which one is enough.
        accepts: &'static [&'static str],
    },
    /// The rules refuse the change.
    #[error(transparent)]
    Refused(R),
    /// The case is at another version than the caller expects. Read it again.
    #[error("the case is at version {current}")]
    Stale {
        /// The current version of the case.
        current: Version,
    },
    /// A request with the same idempotency key is in flight. Wait, and send it again.
    #[error("a request with this idempotency key is in flight")]
    InProgress,
    /// The idempotency key was used for another request. Choose another key.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The caller's credential is no longer valid.
    #[error("the caller's credential is no longer valid")]
    Revoked,
    /// Too many concurrent changes of the case. Try again.
    #[error("the case is being changed by too many requests at once")]
    Busy,
    /// Storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}
