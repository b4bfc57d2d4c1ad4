use std::sync::Arc;

use engage_domain::{Actor, CaseNumber, InvalidTransition, Reason};

use crate::{CaseChanges, CaseError, Changed, Terms};

/// A customer gives a case up.
#[derive(Clone)]
pub struct CancelCase {
    changes: Arc<CaseChanges>,
}

impl CancelCase {
    /// Cancels cases.
    pub fn new(changes: Arc<CaseChanges>) -> Self {
        Self { changes }
    }

    /// Ends an active case at its customer's wish.
    pub async fn execute(
        &self,
        number: &CaseNumber,
        reason: Reason,
        terms: &Terms,
    ) -> Result<Changed, CaseError<InvalidTransition>> {
        self.changes
            .change(number, &Actor::Customer, None, terms, |case, policies, stamp| {
                case.cancel(reason.clone(), policies, stamp).map(Some)
            })
            .await
    }
}
