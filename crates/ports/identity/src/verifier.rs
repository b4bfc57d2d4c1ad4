use async_trait::async_trait;
use engage_domain::{EmailAddress, Role, StaffId, StaffMember, Timestamp, TokenId};

use crate::VerifierError;

/// Reference to a staff member in a credential issued outside of Engage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberName {
    /// The staff id.
    Id(StaffId),
    /// The e-mail address.
    Email(EmailAddress),
}

/// The staff member that a credential belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// A staff member that the verifier has already looked up.
    Member {
        /// Current state of the member.
        member: StaffMember,
        /// Highest role that the credential grants. The member's own role if absent.
        role_ceiling: Option<Role>,
    },
    /// A staff member who is named by the credential and still has to be looked up.
    Named {
        /// Name to look up.
        name: MemberName,
        /// Role from the credential, which replaces the role registered in Engage. A machine keeps
        /// its role, and a credential with [`Role::Service`] is accepted for machines only.
        role: Option<Role>,
    },
}

/// The kind of credential, with its validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// A token issued by Engage.
    Token {
        /// Id of the token.
        id: TokenId,
        /// Time at which the token expires. For a superseded secret, the time at which that secret
        /// expires.
        expires_at: Option<Timestamp>,
        /// True if the secret has been superseded by a newer one.
        is_superseded: bool,
    },
    /// A JSON Web Token signed by an identity provider.
    Jwt {
        /// Time at which the JWT expires.
        expires_at: Timestamp,
    },
}

impl Credential {
    /// Returns the time at which the credential expires, if it does.
    pub fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Self::Token { expires_at, .. } => *expires_at,
            Self::Jwt { expires_at } => Some(*expires_at),
        }
    }

    /// Returns the id of the token if Engage issued the credential.
    pub fn token_id(&self) -> Option<TokenId> {
        match self {
            Self::Token { id, .. } => Some(*id),
            Self::Jwt { .. } => None,
        }
    }
}

/// An authenticated credential and the staff member it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The staff member.
    pub identity: Identity,
    /// The credential that was verified.
    pub credential: Credential,
}

/// Verifies credentials of one kind.
///
/// ```
/// # use engage_domain::{StaffId, Timestamp};
/// # use engage_identity::{
/// #     Bearer, Credential, CredentialVerifier, Identity, MemberName, VerifierError, async_trait,
/// # };
/// /// Takes the badge of one member, until it expires.
/// struct Badge(&'static str, Bearer);
///
/// #[async_trait]
/// impl CredentialVerifier for Badge {
///     async fn verify(&self, id: &str, now: Timestamp) -> Result<Option<Bearer>, VerifierError> {
///         let is_valid = id == self.0 && self.1.credential.expires_at() > Some(now);
///         Ok(is_valid.then(|| self.1.clone()))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let now: Timestamp = "2025-01-27T10:00:00Z".parse()?;
/// # let expires_at: Timestamp = "2025-01-27T18:00:00Z".parse()?;
/// # let identity = Identity::Named { name: MemberName::Id("staff-123".parse()?), role: None };
/// # let jane = Bearer { identity, credential: Credential::Jwt { expires_at } };
/// let badge = Badge("badge-7", jane.clone());
/// assert_eq!(badge.verify("badge-7", now).await?, Some(jane));
/// assert_eq!(badge.verify("badge-8", now).await?, None);
/// assert_eq!(badge.verify("badge-7", expires_at).await?, None);
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CredentialVerifier: Send + Sync {
    /// Verifies a credential and returns its bearer.
    ///
    /// MUST return `None` for a credential of another kind, and for one that is not genuine or not
    /// valid at `now`. MUST return [`VerifierError::Unavailable`], not `None`, if the credential
    /// cannot be verified at the moment.
    async fn verify(
        &self,
        credential: &str,
        now: Timestamp,
    ) -> Result<Option<Bearer>, VerifierError>;
}
