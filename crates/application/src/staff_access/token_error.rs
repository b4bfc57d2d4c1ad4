use engage_domain::{Permission, StaffId, TokenId};
use engage_repository::RepositoryError;
use thiserror::Error;

/// Error returned when a token cannot be issued, listed, rotated or revoked.
#[derive(Debug, Error)]
pub enum TokenError {
    /// There is no such member, or, for a new token, no active one.
    #[error("there is no active staff member {0}")]
    StaffNotFound(StaffId),
    /// The member has no such token.
    #[error("there is no token {0}")]
    NotFound(TokenId),
    /// The requested expiry is in the past.
    #[error("the expiry of a token must be in the future")]
    Expired,
    /// The member has the maximum number of tokens. Revoke one first.
    #[error("{staff_id} already has {most} tokens; revoke one first")]
    TooMany {
        /// Owner of the tokens.
        staff_id: StaffId,
        /// Maximum number of tokens.
        most: usize,
    },
    /// The credential of the maker is no longer valid.
    #[error("the credential used to issue the token is no longer valid")]
    MakerIsVoid,
    /// The caller may not manage the tokens of others.
    #[error("the role {} is required", .0.required_role())]
    NotPermitted(Permission),
    /// Only administrators registered in Engage may manage the tokens of others. This one has the
    /// role only by a claim of the identity provider.
    #[error("the role ADMIN comes only from the identity provider")]
    AdminByClaim,
    /// The token is neither the presented credential nor derived from it.
    #[error("{0} can only be rotated with itself or with a token that it was derived from")]
    NotRotatable(TokenId),
    /// Storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}
