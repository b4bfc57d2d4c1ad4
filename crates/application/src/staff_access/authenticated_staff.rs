use engage_domain::{Role, StaffMember};
use engage_identity::Credential;
use engage_repository::DirectoryVersion;

use super::credential_id::CredentialId;

/// A member of staff who was recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticatedStaff {
    /// Who, with the role that they have here and now.
    pub member: StaffMember,
    /// The role that Engage knows them to have, which a credential may lower and a claim of an
    /// identity provider may replace.
    pub registered_role: Role,
    /// By what.
    pub credential: Credential,
    /// Names the credential in logs and records; nothing can be done with it.
    pub credential_id: CredentialId,
    /// The version of the directory before that.
    pub directory: Option<DirectoryVersion>,
}

impl AuthenticatedStaff {
    /// Whether only the identity provider says that they are an administrator.
    pub fn is_admin_by_claim_alone(&self) -> bool {
        self.member.role == Role::Admin && self.registered_role != Role::Admin
    }
}
