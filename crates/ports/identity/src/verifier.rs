use async_trait::async_trait;
use engage_domain::{EmailAddress, Role, StaffId, StaffMember, Timestamp, TokenId};

use crate::VerifierError;

/// How a member of staff is named outside of Engage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberName {
    /// By their id.
    Id(StaffId),
    /// By their address.
    Email(EmailAddress),
}

/// Whom a credential stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// A member who works here.
    Member {
        /// As they are now.
        member: StaffMember,
        /// The highest role that the credential gives; without one, the member's.
        role_ceiling: Option<Role>,
    },
    /// Somebody who is named, and has yet to be looked up.
    Named {
        /// Who.
        name: MemberName,
        /// What they may do, instead of what Engage knows of that.
        role: Option<Role>,
    },
}

/// What was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// A token that Engage made.
    Token {
        /// Which.
        id: TokenId,
        /// From when on it is void; the secret that was shown, if it has been superseded.
        expires_at: Option<Timestamp>,
        /// Whether another secret has taken the place of the one that was shown.
        is_superseded: bool,
    },
    /// A JSON Web Token that an identity provider signed.
    Jwt {
        /// From when on it is void.
        expires_at: Timestamp,
    },
}

impl Credential {
    /// From when on it is void, if ever.
    pub fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Self::Token { expires_at, .. } => *expires_at,
            Self::Jwt { expires_at } => Some(*expires_at),
        }
    }

    /// The token of Engage's that it is.
    pub fn token_id(&self) -> Option<TokenId> {
        match self {
            Self::Token { id, .. } => Some(*id),
            Self::Jwt { .. } => None,
        }
    }
}

/// Somebody who showed a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// Who.
    pub identity: Identity,
    /// By what they were recognised.
    pub credential: Credential,
}

/// Tells whom credentials of one kind stand for.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CredentialVerifier: Send + Sync {
    /// Tells whom a credential stands for.
    ///
    /// MUST return `None` for a credential of another kind, and for one that is not genuine or not
    /// valid at `now`. MUST return [`VerifierError::Unavailable`] where it cannot tell at present,
    /// and not `None`.
    async fn verify(
        &self,
        credential: &str,
        now: Timestamp,
    ) -> Result<Option<Bearer>, VerifierError>;
}
