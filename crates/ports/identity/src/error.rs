use std::error::Error as _;

use thiserror::Error;

/// Underlying error of a verifier.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Error returned when a credential could not be verified.
#[derive(Debug, Error)]
pub enum VerifierError {
    /// A dependency of the verifier cannot be reached. Try again later.
    #[error("credentials cannot be verified at the moment")]
    Unavailable(#[source] Cause),
    /// A dependency of the verifier returned something unexpected, which is a defect.
    #[error("internal error while verifying a credential")]
    Internal(#[source] Cause),
}

impl VerifierError {
    /// Wraps the cause of a temporary failure.
    pub fn unavailable(cause: impl Into<Cause>) -> Self {
        Self::Unavailable(cause.into())
    }

    /// Wraps the cause of an unexpected failure.
    pub fn internal(cause: impl Into<Cause>) -> Self {
        Self::Internal(cause.into())
    }

    /// Describes the underlying errors, from the outermost to the innermost, for the log. Empty if
    /// there are none.
    pub fn causes(&self) -> String {
        let causes = std::iter::successors(self.source(), |&cause| cause.source());
        causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
    }
}
