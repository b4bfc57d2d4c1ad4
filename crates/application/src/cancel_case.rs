use std::sync::Arc;

use engage_domain::{CaseNumber, InvalidTransition, Reason};

use crate::{CaseChanges, CaseError, ChangeOptions, Changed, Proof};

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
        options: &ChangeOptions,
    ) -> Result<Changed, CaseError<InvalidTransition>> {
        self.changes
            .change_for_customer(number, proof, options, |case, policies, stamp| {
                case.cancel(reason.clone(), policies, stamp).map(Some)
            })
            .await
    }
}
