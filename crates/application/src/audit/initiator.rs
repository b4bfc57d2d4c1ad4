use std::net::IpAddr;

use engage_repository::AuditActor;

use crate::staff_access::{AuthenticatedStaff, CredentialId};

/// The caller of an audited action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Initiator {
    /// Identity of the caller.
    pub actor: AuditActor,
    /// Credential with which the caller authenticated.
    pub credential: Option<CredentialId>,
    /// Client address, as far as it can be trusted.
    pub address: Option<IpAddr>,
    /// Id of the request.
    pub request_id: Option<String>,
}

impl Initiator {
    /// Returns the initiator for commands run on the server.
    pub fn command_line() -> Self {
        Self { actor: AuditActor::CommandLine, credential: None, address: None, request_id: None }
    }

    /// Returns the initiator for actions of Engage itself.
    pub fn system() -> Self {
        Self { actor: AuditActor::System, ..Self::command_line() }
    }

    /// Returns the initiator for an authenticated member of staff.
    pub fn staff(
        authenticated: &AuthenticatedStaff,
        address: Option<IpAddr>,
        request_id: Option<String>,
    ) -> Self {
        let actor = AuditActor::Staff(authenticated.member.id.to_string());
        Self { actor, credential: Some(authenticated.credential_id), address, request_id }
    }

    /// Returns the initiator for a client that failed to authenticate.
    pub fn unknown(address: IpAddr, request_id: Option<String>) -> Self {
        Self { actor: AuditActor::Unknown, credential: None, address: Some(address), request_id }
    }
}
