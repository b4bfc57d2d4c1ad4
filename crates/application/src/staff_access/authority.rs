use std::sync::Arc;

use engage_identity::VerifierError;
use engage_repository::DirectoryVersion;

use super::{Authenticate, AuthenticatedStaff};

/// What admits a member of staff to a change, to be shown again where the directory has changed since:
/// a token may have been revoked, or a role taken away, while the body of the request was read or a
/// race was lost.
#[derive(Clone)]
pub struct Authority {
    authenticate: Authenticate,
    credential: Arc<str>,
    recognised: AuthenticatedStaff,
}

impl Authority {
    /// The authority of who was recognised by what they showed.
    pub fn new(
        authenticate: Authenticate,
        credential: impl Into<Arc<str>>,
        recognised: AuthenticatedStaff,
    ) -> Self {
        Self { authenticate, credential: credential.into(), recognised }
    }

    /// Whether it holds at a version of the directory that was read before. What was shown has to
    /// stand for the same member still, with no lower role.
    pub(crate) async fn holds_at(
        &mut self,
        directory: Option<DirectoryVersion>,
    ) -> Result<bool, VerifierError> {
        if self.recognised.directory == directory {
            return Ok(true);
        }
        let Some(found) = self.authenticate.execute(&self.credential).await? else {
            return Ok(false);
        };
        let (member, before) = (&found.member, &self.recognised.member);
        if member.id != before.id || member.role < before.role {
            return Ok(false);
        }
        self.recognised = AuthenticatedStaff { directory, ..found };
        Ok(true)
    }
}
