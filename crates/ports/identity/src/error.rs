use thiserror::Error;

/// What a verifier met underneath.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a verifier cannot tell whom a credential stands for.
#[derive(Debug, Error)]
pub enum VerifierError {
    /// What it needs cannot be reached. Try again later.
    #[error("credentials cannot be verified now")]
    Unavailable(#[source] Cause),
    /// What it needs is not as it should be: a defect.
    #[error("verifying a credential failed")]
    Internal(#[source] Cause),
}

impl VerifierError {
    /// It cannot be told now.
    pub fn unavailable(cause: impl Into<Cause>) -> Self {
        Self::Unavailable(cause.into())
    }

    /// Something is not as it should be.
    pub fn internal(cause: impl Into<Cause>) -> Self {
        Self::Internal(cause.into())
    }
}
