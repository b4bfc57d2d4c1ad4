use std::sync::Arc;

use engage_domain::CorrectRequest;
use engage_domain::case::CorrectError;

use crate::{CaseChanges, CaseCommand, CaseError, ChangeOutcome};

/// Corrects the classification of a case.
#[derive(Clone)]
pub struct CorrectCase {
    changes: Arc<CaseChanges>,
}

impl CorrectCase {
    /// Creates the use case.
    pub fn new(changes: Arc<CaseChanges>) -> Self {
        Self { changes }
    }

    /// Changes the classification of a case and recomputes its priority score and due times.
    pub async fn execute(
        &self,
        command: CaseCommand,
        request: CorrectRequest,
    ) -> Result<ChangeOutcome, CaseError<CorrectError>> {
        self.changes
            .change(command, |case, policies, stamp| case.correct(request, policies, stamp))
            .await
    }
}
