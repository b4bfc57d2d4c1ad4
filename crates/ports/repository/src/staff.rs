use std::num::NonZeroU32;

use async_trait::async_trait;
use engage_domain::{EmailAddress, Line, Role, StaffId, StaffMember, Timestamp, TokenId};

use crate::RepositoryError;

/// The SHA-256 of a staff token. The token itself is never kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenHash(pub [u8; 32]);

impl std::fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenHash(..)")
    }
}

/// What is known of a staff token, beside the hash by which it is recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffToken {
    /// Identifies the token.
    pub id: TokenId,
    /// Whose it is.
    pub staff_id: StaffId,
    /// What it is for, in its owner's words.
    pub name: Option<Line<100>>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is void.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, as far as that was noted.
    pub last_used_at: Option<Timestamp>,
    /// The highest role that it gives; without one, its owner's.
    pub role_ceiling: Option<Role>,
    /// The token that it was made with, and ends with.
    pub parent: Option<TokenId>,
    /// The member who made it; nobody, when it was the command line.
    pub made_by: Option<StaffId>,
}

/// A token that was found by one of its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundToken {
    /// The token.
    pub token: StaffToken,
    /// Its owner, as they are now.
    pub owner: StaffMember,
    /// From when on the secret is void, when another has taken its place.
    pub superseded_until: Option<Timestamp>,
}

/// A token that was revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovedToken {
    /// The token as it was.
    pub token: StaffToken,
    /// When it was revoked.
    pub removed_at: Timestamp,
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
    /// MUST return [`RepositoryError::Duplicate`] with
    /// [`StaffId`](crate::UniqueConstraint::StaffId) or
    /// [`StaffEmail`](crate::UniqueConstraint::StaffEmail) if another member, active or not, has the id
    /// or (in any case of letters) the address.
    async fn add_staff(&self, member: &StaffMember) -> Result<(), RepositoryError>;

    /// Finds a member, active or not.
    async fn find_staff(&self, id: &StaffId) -> Result<Option<StaffMember>, RepositoryError>;

    /// Finds a member, active or not, by their address in any case of letters.
    async fn find_staff_by_email(
        &self,
        email: &EmailAddress,
    ) -> Result<Option<StaffMember>, RepositoryError>;

    /// Lists all members, active or not, in the order of their ids.
    async fn list_staff(&self) -> Result<Vec<StaffMember>, RepositoryError>;

    /// Makes of a member, as `before` has them, what `after` says; the id and when they joined stay.
    ///
    /// MUST return [`RepositoryError::Conflict`] where the member is not as `before` has them any
    /// more, or not there. MUST return [`RepositoryError::Duplicate`] with
    /// [`StaffEmail`](crate::UniqueConstraint::StaffEmail) if another member, active or not, has the address (in any case of letters). MUST answer
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
    /// Adds a token, which was not used yet.
    ///
    /// MUST return [`RepositoryError::Duplicate`] with
    /// [`Token`](crate::UniqueConstraint::Token) if the hash is known. MUST
    /// return [`RepositoryError::Conflict`] if its parent is not there (any more), also when that is
    /// removed at the same time.
    async fn add_token(&self, token: &StaffToken, hash: &TokenHash) -> Result<(), RepositoryError>;

    /// Finds a token and its owner, by its secret or by the one before the last rotation.
    ///
    /// MUST return `None` where the hash is unknown, the token or the secret is void at `now`, or the
    /// owner has left.
    async fn find_token(
        &self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<FoundToken>, RepositoryError>;

    /// Lists the tokens of a member, void ones too, the oldest first.
    async fn list_tokens(&self, staff_id: &StaffId) -> Result<Vec<StaffToken>, RepositoryError>;

    /// Gives a token of a member another secret. The present one stays good until `superseded_until`,
    /// and the one before it is void.
    ///
    /// MUST return `false` and change nothing if the member has no such token. MUST return
    /// [`RepositoryError::Duplicate`] with
    /// [`Token`](crate::UniqueConstraint::Token) if the hash is known.
    async fn rotate_token(
        &self,
        staff_id: &StaffId,
        id: TokenId,
        hash: &TokenHash,
        superseded_until: Timestamp,
    ) -> Result<bool, RepositoryError>;

    /// Removes a token of a member, and all that were made with it.
    ///
    /// MUST return `false` where the member has no such token. MUST NOT find any of them afterwards.
    /// MUST list them as removed.
    async fn remove_token(&self, staff_id: &StaffId, id: TokenId) -> Result<bool, RepositoryError>;

    /// Removes the tokens of a member that another one (or they themselves) made, and all that were
    /// made with these; returns how many.
    ///
    /// MUST NOT find any of them afterwards. MUST list them as removed.
    async fn remove_tokens_made_by(
        &self,
        staff_id: &StaffId,
        made_by: &StaffId,
    ) -> Result<u64, RepositoryError>;

    /// Lists the tokens of a member that were removed, the last removed first; `limit` at most.
    ///
    /// MUST list those that went because the member left or came back.
    async fn list_removed_tokens(
        &self,
        staff_id: &StaffId,
        limit: NonZeroU32,
    ) -> Result<Vec<RemovedToken>, RepositoryError>;

    /// Notes that a token was used.
    ///
    /// MUST keep the latest time. MUST do nothing where there is no such token.
    async fn note_token_use(&self, id: TokenId, at: Timestamp) -> Result<(), RepositoryError>;
}
