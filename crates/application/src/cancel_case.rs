use std::sync::Arc;

use engage_domain::{CaseNumber, InvalidTransition, Reason};

use crate::{CaseChanges, CaseError, Changed, Proof, Terms};

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

    /// Ends an active case at the wish of who shows that they are its customer.
    pub async fn execute(
        &self,
        number: &CaseNumber,
        reason: Reason,
        proof: &Proof,
        terms: &Terms,
    ) -> Result<Changed, CaseError<InvalidTransition>> {
        self.changes
            .change_for_customer(number, proof, terms, |case, policies, stamp| {
                case.cancel(reason.clone(), policies, stamp).map(Some)
            })
            .await
    }
}
