use std::sync::Arc;

use engage_domain::{Actor, CaseNumber, CorrectRequest, InvalidTransition, StaffRef};

use crate::{CaseChanges, CaseError, ChangeOptions, Changed};

/// A staff member finds a case to be otherwise than its customer said.
#[derive(Clone)]
pub struct CorrectCase {
    changes: Arc<CaseChanges>,
}

impl CorrectCase {
    /// Corrects cases.
    pub fn new(changes: Arc<CaseChanges>) -> Self {
        Self { changes }
    }

    /// Changes how a case is classified; its score and its due times follow.
    pub async fn execute(
        &self,
        number: &CaseNumber,
        request: CorrectRequest,
        by: StaffRef,
        options: &ChangeOptions,
    ) -> Result<Changed, CaseError<InvalidTransition>> {
        self.changes
            .change(number, &Actor::Staff(by), None, options, |case, policies, stamp| {
                case.correct(request, policies, stamp)
            })
            .await
    }
}
