use std::sync::Arc;

use engage_domain::{Actor, CaseNumber, StaffRef, UpdateCase, UpdateError};

use crate::{CaseChanges, CaseError, Changed, Terms};

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
        request: UpdateCase,
        by: StaffRef,
        terms: &Terms,
    ) -> Result<Changed, CaseError<UpdateError>> {
        self.changes
            .change(number, &Actor::Staff(by), None, terms, |case, policies, stamp| {
                case.update(request.clone(), policies, stamp)
            })
            .await
    }
}
