use engage_domain::{StaffId, TokenId};
use engage_repository::RepositoryError;
use thiserror::Error;

/// Why a token was not made, listed or revoked.
#[derive(Debug, Error)]
pub enum TokenError {
    /// No member has the id; for a new token, no active one.
    #[error("there is no active staff member {0}")]
    StaffNotFound(StaffId),
    /// The member has no such token.
    #[error("there is no token {0}")]
    NotFound(TokenId),
    /// The token would be void at once.
    #[error("the expiry of a token must lie in the future")]
    Expired,
    /// The member has as many tokens as one may have. Revoke one first.
    #[error("{staff_id} has {most} tokens already; revoke one first")]
    TooMany {
        /// Whose tokens.
        staff_id: StaffId,
        /// How many one may have.
        most: usize,
    },
    /// What the maker showed is void by now.
    #[error("the credential that the token would be made with is void")]
    MakerIsVoid,
    /// The tokens of others are for administrators.
    #[error("the tokens of others are for administrators")]
    AdminNeeded,
    /// The tokens of others are for administrators whom Engage knows to be some.
    #[error("the role ADMIN comes from the identity provider alone")]
    AdminByClaim,
    /// The token is neither the maker's own credential nor made with it.
    #[error("{0} is rotated with itself, or with a token that it was made with")]
    NotRotatable(TokenId),
    /// Storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}
