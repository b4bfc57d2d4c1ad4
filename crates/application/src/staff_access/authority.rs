use std::sync::Arc;

use engage_identity::VerifierError;
use engage_repository::DirectoryVersion;

use super::{Authenticate, AuthenticatedStaff};

/// Credential of a member of staff for a change.
///
/// It is verified again if the directory has changed since, because a token may have been revoked
/// or a role removed while the request body was read or a race was lost.
#[derive(Clone)]
pub struct Authority {
    authenticate: Authenticate,
    credential: Arc<str>,
    authenticated: AuthenticatedStaff,
}

impl Authority {
    /// Creates the authority of an authenticated member of staff.
    pub fn new(
        authenticate: Authenticate,
        credential: impl Into<Arc<str>>,
        authenticated: AuthenticatedStaff,
    ) -> Self {
        Self { authenticate, credential: credential.into(), authenticated }
    }

    /// Checks whether the credential is valid at a version of the directory that was read before.
    /// It must still belong to the same member, with at least the same role.
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
        if member.id != before.id || member.role < before.role {
            return Ok(false);
        }
        self.authenticated = AuthenticatedStaff { directory, ..found };
        Ok(true)
    }
}
