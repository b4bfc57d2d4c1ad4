use std::sync::Arc;

use engage_domain::{Role, StaffMember};
use engage_identity::{
    Bearer, Credential, CredentialVerifier, Identity, MemberName, VerifierError,
};
use engage_repository::StaffRepository;

use super::opaque_tokens::verifier_error;
use crate::environment::Clock;

/// A member of staff who was recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// Who, with the role that they have here and now.
    pub member: StaffMember,
    /// By what.
    pub credential: Credential,
}

/// Recognises members of staff by what they show.
#[derive(Clone)]
pub struct Authenticate {
    verifiers: Vec<Arc<dyn CredentialVerifier>>,
    staff: Arc<dyn StaffRepository>,
    clock: Arc<dyn Clock>,
}

impl Authenticate {
    /// Believes these verifiers, which are asked in their order.
    pub fn new(
        verifiers: Vec<Arc<dyn CredentialVerifier>>,
        staff: Arc<dyn StaffRepository>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { verifiers, staff, clock }
    }

    /// Who shows a credential; nobody where it is unknown or void, or stands for somebody who does
    /// not work here.
    pub async fn execute(&self, credential: &str) -> Result<Option<Recognised>, VerifierError> {
        let now = self.clock.now();
        for verifier in &self.verifiers {
            if let Some(bearer) = verifier.verify(credential, now).await? {
                return self.recognise(bearer).await;
            }
        }
        Ok(None)
    }

    async fn recognise(&self, bearer: Bearer) -> Result<Option<Recognised>, VerifierError> {
        let Bearer { identity, credential } = bearer;
        let member = match identity {
            Identity::Member(member) => Some(member),
            Identity::Named { name, role } => self.look_up(&name, role).await?,
        };
        Ok(member.filter(StaffMember::is_active).map(|member| Recognised { member, credential }))
    }

    async fn look_up(
        &self,
        name: &MemberName,
        role: Option<Role>,
    ) -> Result<Option<StaffMember>, VerifierError> {
        let found = match name {
            MemberName::Id(id) => self.staff.find_staff(id).await,
            MemberName::Email(email) => self.staff.find_staff_by_email(email).await,
        };
        let member = found.map_err(verifier_error)?;
        Ok(member.map(|member| StaffMember { role: role.unwrap_or(member.role), ..member }))
    }
}
