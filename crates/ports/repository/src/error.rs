use std::error::Error as _;
use std::fmt;

use thiserror::Error;

/// Underlying error of an adapter.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Error returned by the storage ports.
#[derive(Debug, Error)]
pub enum RepositoryError {
    /// The case has changed since it was read. Read it again and repeat the decision.
    #[error("the case has changed since it was read")]
    Conflict,
    /// The directory, which determines who is notified of a change and who may make it, has changed
    /// since it was read. Read it again and plan the change anew.
    #[error("the directory has changed since it was read")]
    Outdated,
    /// Another record already has this value. Choose a different one.
    #[error("{constraint} is already in use")]
    Duplicate {
        /// The constraint that the record would violate.
        constraint: UniqueConstraint,
    },
    /// Storage cannot be reached, is overloaded or cannot write. It may be unknown whether the
    /// request took effect. Try again later, which also resolves that.
    #[error("storage is unavailable")]
    Unavailable(#[source] Cause),
    /// Storage returned something that should be impossible, which is a defect.
    #[error("storage failed")]
    Internal(#[source] Cause),
}

/// A value that must be unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UniqueConstraint {
    /// An attachment belongs to one update.
    Attachment,
    /// A case number identifies one case.
    CaseNumber,
    /// An idempotency key identifies one change until it expires.
    IdempotencyKey,
    /// A staff id identifies one staff member.
    StaffId,
    /// An e-mail address belongs to one staff member. It is case-insensitive.
    StaffEmail,
    /// The hash of a token secret belongs to one token.
    Token,
    /// A webhook id identifies one endpoint.
    WebhookId,
}

impl fmt::Display for UniqueConstraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Attachment => "the attachment",
            Self::CaseNumber => "the case number",
            Self::IdempotencyKey => "the idempotency key",
            Self::StaffId => "the staff id",
            Self::StaffEmail => "the e-mail address",
            Self::Token => "the token",
            Self::WebhookId => "the webhook id",
        })
    }
}

impl RepositoryError {
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
