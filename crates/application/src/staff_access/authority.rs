use std::sync::Arc;

use engage_domain::StaffId;
use engage_identity::VerifierError;
use engage_repository::DirectoryVersion;

use super::{Authenticate, AuthenticatedStaff, OnBehalfError};

/// Credential of a member of staff for a change.
///
/// It is verified again if the directory has changed since, because a token may have been revoked
/// or a role removed while the request body was read or a race was lost.
#[derive(Clone)]
pub struct Authority {
    authenticate: Authenticate,
    credential: Arc<str>,
    authenticated: AuthenticatedStaff,
    on_behalf_of: Option<StaffId>,
}

impl Authority {
    /// Creates the authority of an authenticated member of staff.
    pub fn new(
        authenticate: Authenticate,
        credential: impl Into<Arc<str>>,
        authenticated: AuthenticatedStaff,
    ) -> Self {
        let (credential, on_behalf_of) = (credential.into(), None);
        Self { authenticate, credential, authenticated, on_behalf_of }
    }

    /// Limits the authority of a machine to changes on behalf of a member, who must still be active
    /// when a change is made.
    #[must_use]
    pub fn on_behalf_of(self, member: &StaffId) -> Self {
        Self { on_behalf_of: Some(member.clone()), ..self }
    }

    /// Checks whether the credential is valid at a version of the directory that was read before.
    /// It must still belong to the same member, with at least the same role and, for a machine, the
    /// same rights.
    pub(crate) async fn holds_at(
        &mut self,
        directory: Option<DirectoryVersion>,
    ) -> Result<bool, VerifierError> {
        if self.authenticated.directory == directory {
            return Ok(true);
        }
        let Some(found) = self.authenticate.execute(&self.credential).await? else {
            return Ok(false);
        };
        let (member, before) = (&found.member, &self.authenticated.member);
        let has_rights = member.role >= before.role && member.service.includes(&before.service);
        if member.id != before.id || !has_rights {
            return Ok(false);
        }
        if let Some(represented) = &self.on_behalf_of {
            match self.authenticate.on_behalf_of(member, represented).await {
                Ok(_) => {}
                Err(OnBehalfError::Verifier(error)) => return Err(error),
                Err(_) => return Ok(false),
            }
        }
        self.authenticated = AuthenticatedStaff { directory, ..found };
        Ok(true)
    }
}
