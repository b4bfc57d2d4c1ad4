use thiserror::Error;

/// What an adapter met underneath.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why storage did not do what it was asked.
#[derive(Debug, Error)]
pub enum RepositoryError {
    /// The case was changed since it was read. Read it again and decide anew.
    #[error("the case was changed since it was read")]
    Conflict,
    /// Whom a change concerns or who may make it was changed since it was read. Read it again and
    /// plan anew.
    #[error("the directory was changed since it was read")]
    Outdated,
    /// Another record has this key already. Choose another one.
    #[error("{key} is taken")]
    Duplicate {
        /// Which key: `attachment`, `case_number`, `idempotency_key`, `staff_id`, `staff_email`, `token`.
        key: &'static str,
    },
    /// Storage cannot be reached, is overloaded or cannot write. Try again later; whether the
    /// request took effect may be unknown, and asking again settles it.
    #[error("storage is unavailable")]
    Unavailable(#[source] Cause),
    /// Storage answered something that should be impossible: a defect.
    #[error("storage failed")]
    Internal(#[source] Cause),
}

impl RepositoryError {
    /// Storage cannot serve the request now.
    pub fn unavailable(cause: impl Into<Cause>) -> Self {
        Self::Unavailable(cause.into())
    }

    /// Storage holds or answered something that it should not.
    pub fn internal(cause: impl Into<Cause>) -> Self {
        Self::Internal(cause.into())
    }
}
