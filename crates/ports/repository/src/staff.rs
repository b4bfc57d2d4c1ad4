use async_trait::async_trait;
use engage_domain::{Line, StaffId, StaffMember, Timestamp, TokenId};

use crate::RepositoryError;

/// The SHA-256 of a staff token. The token itself is never kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenHash(pub [u8; 32]);

impl std::fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenHash(..)")
    }
}

/// What is kept of a staff token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffToken {
    /// Identifies the token.
    pub id: TokenId,
    /// Whose it is.
    pub staff_id: StaffId,
    /// What it is for, in its owner's words.
    pub name: Option<Line<100>>,
    /// By which it is recognised.
    pub hash: TokenHash,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is void.
    pub expires_at: Option<Timestamp>,
}

/// What became of a change of a member of staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffChange {
    /// It is made.
    Made,
    /// It is not: nobody could give others access any more.
    LastAdmin,
}

/// The members of staff.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait StaffRepository: Send + Sync {
    /// Adds a member.
    ///
    /// MUST return [`RepositoryError::Duplicate`] with the key `staff_id` or `staff_email` where
    /// another member, active or not, has the id or (in any case of letters) the address.
    async fn add_staff(&self, member: &StaffMember) -> Result<(), RepositoryError>;

    /// Finds a member, active or not.
    async fn find_staff(&self, id: &StaffId) -> Result<Option<StaffMember>, RepositoryError>;

    /// Lists all members, active or not, in the order of their ids.
    async fn list_staff(&self) -> Result<Vec<StaffMember>, RepositoryError>;

    /// Makes of a member, as `before` has them, what `after` says; the id and when they joined stay.
    ///
    /// MUST return [`RepositoryError::Conflict`] where the member is not as `before` has them any
    /// more, or not there. MUST return [`RepositoryError::Duplicate`] with the key `staff_email`
    /// where another member, active or not, has the address (in any case of letters). MUST answer
    /// [`StaffChange::LastAdmin`] where the member is the only active administrator and would not
    /// be one any more, also where several are changed at once. MUST change nothing in any of these
    /// cases. MUST remove all tokens of a member who leaves or comes back.
    async fn change_staff(
        &self,
        before: &StaffMember,
        after: &StaffMember,
    ) -> Result<StaffChange, RepositoryError>;
}

/// The tokens by which members of staff are recognised.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TokenRepository: Send + Sync {
    /// Adds a token.
    ///
    /// MUST return [`RepositoryError::Duplicate`] with the key `token` where the hash is known.
    async fn add_token(&self, token: &StaffToken) -> Result<(), RepositoryError>;

    /// Finds the owner of a token.
    ///
    /// MUST return `None` where the hash is unknown, the token is void at `now`, or its owner has
    /// left.
    async fn find_token_owner(
        &self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<StaffMember>, RepositoryError>;
}
