use std::net::IpAddr;

use engage_repository::AuditActor;

use crate::staff_access::{AuthenticatedStaff, CredentialId};

/// Who asks for something, by what, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Initiator {
    /// Who.
    pub actor: AuditActor,
    /// By what they were recognised.
    pub credential: Option<CredentialId>,
    /// From where, as far as that can be believed.
    pub address: Option<IpAddr>,
    /// By which request.
    pub request_id: Option<String>,
}

impl Initiator {
    /// Whoever may run commands on the machine.
    pub fn command_line() -> Self {
        Self { actor: AuditActor::CommandLine, credential: None, address: None, request_id: None }
    }

    /// The program by itself.
    pub fn system() -> Self {
        Self { actor: AuditActor::System, ..Self::command_line() }
    }

    /// A member of staff.
    pub fn staff(
        recognised: &AuthenticatedStaff,
        address: Option<IpAddr>,
        request_id: Option<String>,
    ) -> Self {
        let actor = AuditActor::Staff(recognised.member.id.to_string());
        Self { actor, credential: Some(recognised.credential_id), address, request_id }
    }

    /// Somebody who was not recognised.
    pub fn unknown(address: IpAddr, request_id: Option<String>) -> Self {
        Self { actor: AuditActor::Unknown, credential: None, address: Some(address), request_id }
    }
}
