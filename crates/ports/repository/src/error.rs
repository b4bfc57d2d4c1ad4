use std::fmt;

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
    /// Another record has this value already. Choose another one.
    #[error("{constraint} is taken")]
    Duplicate {
        /// The constraint that the record would have violated.
        constraint: UniqueConstraint,
    },
    /// Storage cannot be reached, is overloaded or cannot write. Try again later; whether the
    /// request took effect may be unknown, and asking again settles it.
    #[error("storage is unavailable")]
    Unavailable(#[source] Cause),
    /// Storage answered something that should be impossible: a defect.
    #[error("storage failed")]
    Internal(#[source] Cause),
}

/// A value that no two records share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UniqueConstraint {
    /// An attachment belongs to one update.
    Attachment,
    /// A case number names one case.
    CaseNumber,
    /// An idempotency key stands for one change until it expires.
    IdempotencyKey,
    /// A staff id names one member of staff.
    StaffId,
    /// An e-mail address belongs to one member of staff; upper and lower case are the same.
    StaffEmail,
    /// The hash of a token's secret belongs to one token.
    Token,
    /// A webhook id names one endpoint.
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
    /// Storage cannot serve the request now.
    pub fn unavailable(cause: impl Into<Cause>) -> Self {
        Self::Unavailable(cause.into())
    }

    /// Storage holds or answered something that it should not.
    pub fn internal(cause: impl Into<Cause>) -> Self {
        Self::Internal(cause.into())
    }
}
