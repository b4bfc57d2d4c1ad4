use std::sync::Arc;

use engage_domain::Reason;
use engage_domain::case::InvalidTransition;

use crate::{CaseChanges, CaseCommand, CaseError, ChangeOutcome};

/// Cancels a case at the request of its customer.
#[derive(Clone)]
pub struct CancelCase {
    changes: Arc<CaseChanges>,
}

impl CancelCase {
    /// Creates the use case.
    pub fn new(changes: Arc<CaseChanges>) -> Self {
        Self { changes }
    }

    /// Cancels an active case.
    pub async fn execute(
        &self,
        command: CaseCommand,
        reason: Reason,
    ) -> Result<ChangeOutcome, CaseError<InvalidTransition>> {
        self.changes
            .change(command, |case, policies, stamp| {
                case.cancel(reason.clone(), policies, stamp).map(Some)
            })
            .await
    }
}
