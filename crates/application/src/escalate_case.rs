use std::sync::Arc;

use engage_domain::EscalateRequest;
use engage_domain::case::EscalateError;

use crate::{CaseChanges, CaseCommand, CaseError, ChangeOutcome};

/// Escalates a case at the request of its customer or of staff.
#[derive(Clone)]
pub struct EscalateCase {
    changes: Arc<CaseChanges>,
}

impl EscalateCase {
    /// Creates the use case.
    pub fn new(changes: Arc<CaseChanges>) -> Self {
        Self { changes }
    }

    /// Raises the urgency and the escalation level of an active case.
    pub async fn execute(
        &self,
        command: CaseCommand,
        request: EscalateRequest,
    ) -> Result<ChangeOutcome, CaseError<EscalateError>> {
        self.changes
            .change(command, |case, policies, stamp| {
                case.escalate(request.clone(), policies, stamp).map(Some)
            })
            .await
    }
}
