use std::num::NonZeroU32;

use async_trait::async_trait;
use engage_domain::text::Line;
use engage_domain::{EmailAddress, Role, StaffId, StaffMember, Timestamp, TokenId};

use crate::RepositoryError;

/// SHA-256 of a staff token. The token itself is never stored.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenHash(pub [u8; 32]);

impl std::fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenHash(..)")
    }
}

/// Metadata of a staff token, without its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffToken {
    /// Id of the token.
    pub id: TokenId,
    /// Owner of the token.
    pub staff_id: StaffId,
    /// Purpose of the token, as described by its owner.
    pub name: Option<Line<100>>,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time at which it expires.
    pub expires_at: Option<Timestamp>,
    /// Time of the last recorded use.
    pub last_used_at: Option<Timestamp>,
    /// Highest role that it grants. The owner's own role if absent.
    pub role_ceiling: Option<Role>,
    /// Token that it was created with. It is revoked together with that token.
    pub parent: Option<TokenId>,
    /// Staff member who created it. `None` if it was created on the command line.
    pub made_by: Option<StaffId>,
}

/// A token found by one of its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundToken {
    /// The token.
    pub token: StaffToken,
    /// Current state of its owner.
    pub owner: StaffMember,
    /// Time at which the secret expires, if it has been superseded by a newer one.
    pub superseded_until: Option<Timestamp>,
}

/// A revoked token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovedToken {
    /// The token before its revocation.
    pub token: StaffToken,
    /// Time of the revocation.
    pub removed_at: Timestamp,
}

/// Result of changing a staff member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffChange {
    /// The change was made.
    Made,
    /// The change was rejected because it would leave no active administrator.
    LastAdmin,
}

/// Staff members.
///
/// ```
/// use engage_domain::{Role, StaffMember};
/// use engage_repository::{StaffChange, StaffRepository};
/// use engage_sqlite::SqliteStore;
/// use engage_testkit::builders::{a_staff_member, minutes_later};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory()?;
/// let jane = StaffMember { role: Role::Admin, ..a_staff_member("staff-123") };
/// store.add_staff(&jane).await?;
/// let found = store.find_staff_by_email(&"Staff-123@desk.example".parse()?).await?;
/// assert_eq!(found, Some(jane.clone()));
///
/// // Somebody has to be able to let others in.
/// let left = StaffMember { deactivated_at: Some(minutes_later(5)), ..jane.clone() };
/// assert_eq!(store.change_staff(&jane, &left).await?, StaffChange::LastAdmin);
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait StaffRepository: Send + Sync {
    /// Adds a staff member.
    ///
    /// MUST return [`RepositoryError::Duplicate`] with
    /// [`StaffId`](crate::UniqueConstraint::StaffId) or
    /// [`StaffEmail`](crate::UniqueConstraint::StaffEmail) if another member, active or not, has
    /// the id or, compared case-insensitively, the e-mail address.
    async fn add_staff(&self, member: &StaffMember) -> Result<(), RepositoryError>;

    /// Finds a member, active or not.
    async fn find_staff(&self, id: &StaffId) -> Result<Option<StaffMember>, RepositoryError>;

    /// Finds a member, active or not, by their e-mail address, compared case-insensitively.
    async fn find_staff_by_email(
        &self,
        email: &EmailAddress,
    ) -> Result<Option<StaffMember>, RepositoryError>;

    /// Lists all members, active or not, in the order of their ids.
    async fn list_staff(&self) -> Result<Vec<StaffMember>, RepositoryError>;

    /// Changes a member from `before` to `after`. The id and the time of joining stay unchanged.
    ///
    /// MUST return [`RepositoryError::Conflict`] if the member no longer matches `before` or does
    /// not exist. MUST return [`RepositoryError::Duplicate`] with
    /// [`StaffEmail`](crate::UniqueConstraint::StaffEmail) if another member, active or not, has
    /// the e-mail address, compared case-insensitively. MUST return [`StaffChange::LastAdmin`] if
    /// the change [leaves no administrator](StaffMember::leaves_no_administrator), even if several
    /// members are changed concurrently. MUST change nothing in any of these cases. MUST remove all
    /// tokens of a member who is deactivated or reactivated.
    async fn change_staff(
        &self,
        before: &StaffMember,
        after: &StaffMember,
    ) -> Result<StaffChange, RepositoryError>;
}

/// Tokens that authenticate staff members.
///
/// ```
/// use engage_repository::{StaffRepository, TokenHash, TokenRepository};
/// use engage_sqlite::SqliteStore;
/// use engage_testkit::builders::{a_staff_member, a_staff_token, monday};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory()?;
/// let jane = a_staff_member("staff-123");
/// store.add_staff(&jane).await?;
/// let (token, hash) = (a_staff_token(&jane), TokenHash([7; 32]));
/// store.add_token(&token, &hash).await?;
///
/// let found = store.find_token(&hash, monday()).await?.expect("the token is valid");
/// assert_eq!((found.token, found.owner), (token.clone(), jane.clone()));
/// assert!(store.remove_token(&jane.id, token.id).await?);
/// assert_eq!(store.find_token(&hash, monday()).await?, None);
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TokenRepository: Send + Sync {
    /// Adds an unused token.
    ///
    /// MUST return [`RepositoryError::Duplicate`] with [`Token`](crate::UniqueConstraint::Token) if
    /// the hash is already in use. MUST return [`RepositoryError::Conflict`] if its parent does not
    /// exist or no longer exists, even if the parent is removed concurrently.
    async fn add_token(&self, token: &StaffToken, hash: &TokenHash) -> Result<(), RepositoryError>;

    /// Finds a token and its owner, by its current secret or by the one before the last rotation.
    ///
    /// MUST return `None` if the hash is unknown, the token or the secret has expired at `now`, or
    /// the owner is inactive.
    async fn find_token(
        &self,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<FoundToken>, RepositoryError>;

    /// Lists the tokens of a member, including expired ones, oldest first.
    async fn list_tokens(&self, staff_id: &StaffId) -> Result<Vec<StaffToken>, RepositoryError>;

    /// Rotates the secret of a member's token. The current secret remains valid until
    /// `superseded_until`, and the one before it becomes invalid.
    ///
    /// MUST return `false` and change nothing if the member has no such token. MUST return
    /// [`RepositoryError::Duplicate`] with [`Token`](crate::UniqueConstraint::Token) if the hash is
    /// already in use.
    async fn rotate_token(
        &self,
        staff_id: &StaffId,
        id: TokenId,
        hash: &TokenHash,
        superseded_until: Timestamp,
    ) -> Result<bool, RepositoryError>;

    /// Removes a token of a member, and all tokens that were created with it.
    ///
    /// MUST return `false` if the member has no such token. MUST NOT find any of them afterwards.
    /// MUST list them as removed.
    async fn remove_token(&self, staff_id: &StaffId, id: TokenId) -> Result<bool, RepositoryError>;

    /// Removes the tokens of a member that were created by the given member, who may be the same,
    /// and all tokens that were created with these. Returns their number.
    ///
    /// MUST NOT find any of them afterwards. MUST list them as removed.
    async fn remove_tokens_made_by(
        &self,
        staff_id: &StaffId,
        made_by: &StaffId,
    ) -> Result<u64, RepositoryError>;

    /// Lists the removed tokens of a member, last removed first and at most `limit`.
    ///
    /// MUST include those that were removed because the member was deactivated or reactivated.
    async fn list_removed_tokens(
        &self,
        staff_id: &StaffId,
        limit: NonZeroU32,
    ) -> Result<Vec<RemovedToken>, RepositoryError>;

    /// Records the use of a token.
    ///
    /// MUST retain the latest time. MUST do nothing if the token does not exist.
    async fn note_token_use(&self, id: TokenId, at: Timestamp) -> Result<(), RepositoryError>;
}
