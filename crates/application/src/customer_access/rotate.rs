use std::convert::Infallible;
use std::sync::Arc;

use engage_domain::CaseNumber;
use engage_repository::AuditedStore;

use crate::CaseError;
use crate::audit::{Act, AuditAction, AuditRecorder, Initiator};

/// Staff make void what a case's customer could prove their ownership with, such as where a link came
/// into wrong hands.
#[derive(Clone)]
pub struct RotateAccess {
    acts: Arc<dyn AuditedStore>,
    recorder: AuditRecorder,
}

impl RotateAccess {
    /// Rotates what is kept there.
    pub fn new(acts: Arc<dyn AuditedStore>, recorder: AuditRecorder) -> Self {
        Self { acts, recorder }
    }

    /// Makes all access tokens of a case void, and so the links in e-mails that were sent. The next
    /// e-mail has a link that works.
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
