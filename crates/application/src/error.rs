use engage_domain::{CaseNumber, Version};
use engage_repository::RepositoryError;
use thiserror::Error;

/// Why a use case did not do what it was asked, where `R` is what the rules can refuse.
#[derive(Debug, Error)]
pub enum CaseError<R: std::error::Error + 'static> {
    /// No case has the number, or what was shown does not fit the one that has. Check both.
    #[error("there is no case {0}")]
    NotFound(CaseNumber),
    /// Something has to be shown that proves that the case is the customer's. Show one of these.
    #[error("show one of: {}", accepts.join(", "))]
    ProofRequired {
        /// The fields of a request of which one is enough.
        accepts: &'static [&'static str],
    },
    /// The rules refuse it.
    #[error(transparent)]
    Refused(R),
    /// The caller has seen another version of the case. Read it again.
    #[error("the case is at version {current}")]
    Stale {
        /// The version that the case is at.
        current: Version,
    },
    /// Another change was kept under the same idempotency key.
    #[error("another change was kept under the same key")]
    KeyTaken,
    /// What the caller was recognised by does not hold any more.
    #[error("what the caller was recognised by does not hold any more")]
    Revoked,
    /// Others kept changing the case. Try again.
    #[error("the case is being changed by many at once")]
    Busy,
    /// Storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl<R: std::error::Error + 'static> CaseError<R> {
    /// The same, where what the rules refuse is told in other words.
    pub(crate) fn map_refusal<S: std::error::Error + 'static>(
        self,
        words: impl FnOnce(R) -> S,
    ) -> CaseError<S> {
        match self {
            Self::NotFound(number) => CaseError::NotFound(number),
            Self::ProofRequired { accepts } => CaseError::ProofRequired { accepts },
            Self::Refused(refusal) => CaseError::Refused(words(refusal)),
            Self::Stale { current } => CaseError::Stale { current },
            Self::KeyTaken => CaseError::KeyTaken,
            Self::Revoked => CaseError::Revoked,
            Self::Busy => CaseError::Busy,
            Self::Repository(error) => CaseError::Repository(error),
        }
    }
}
