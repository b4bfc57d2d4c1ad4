use std::convert::Infallible;
use std::sync::Arc;

use engage_domain::CaseNumber;
use engage_repository::AuditedStore;

use crate::CaseError;
use crate::audit::{Act, AuditAction, AuditRecorder, Initiator};

/// Revokes the access of a case's customer, for example after a link was leaked.
#[derive(Clone)]
pub struct RotateAccess {
    acts: Arc<dyn AuditedStore>,
    recorder: AuditRecorder,
}

impl RotateAccess {
    /// Creates the use case.
    pub fn new(acts: Arc<dyn AuditedStore>, recorder: AuditRecorder) -> Self {
        Self { acts, recorder }
    }

    /// Revokes all access tokens of a case, including those in links already sent. Later emails
    /// contain a valid link.
    pub async fn execute(
        &self,
        number: &CaseNumber,
        by: &Initiator,
    ) -> Result<(), CaseError<Infallible>> {
        let act = Act::new(AuditAction::CaseAccessRotated).to(number);
        let access = self.acts.access(self.recorder.record(by, act));
        let rotated = access.rotate_access(number).await?;
        rotated.map(drop).ok_or_else(|| CaseError::NotFound(number.clone()))
    }
}
