use engage_domain::{Role, StaffMember};
use engage_identity::Credential;
use engage_repository::DirectoryVersion;

use super::credential_id::CredentialId;

/// An authenticated member of staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticatedStaff {
    /// The member, with the role that is in effect for this request.
    pub member: StaffMember,
    /// The role stored in Engage. A credential may lower it, and a claim of an identity provider
    /// may replace it.
    pub registered_role: Role,
    /// The presented credential.
    pub credential: Credential,
    /// Identifies the credential in logs and records. It cannot be used to log in.
    pub credential_id: CredentialId,
    /// Version of the directory, read before the authentication.
    pub directory: Option<DirectoryVersion>,
}
