use std::sync::Arc;

use engage_domain::{Actor, CaseNumber, StaffRef, UpdateError, UpdateRequest};

use crate::{CaseChanges, CaseError, ChangeOptions, Changed};

/// A staff member writes to a case, or gives it another status.
#[derive(Clone)]
pub struct UpdateCaseByStaff {
    changes: Arc<CaseChanges>,
}

impl UpdateCaseByStaff {
    /// Updates cases.
    pub fn new(changes: Arc<CaseChanges>) -> Self {
        Self { changes }
    }

    /// Adds a message, changes the status, or both.
    pub async fn execute(
        &self,
        number: &CaseNumber,
        request: UpdateRequest,
        by: StaffRef,
        options: &ChangeOptions,
    ) -> Result<Changed, CaseError<UpdateError>> {
        self.changes
            .change(number, &Actor::Staff(by), None, options, |case, policies, stamp| {
                case.update(request.clone(), policies, stamp)
            })
            .await
    }
}
