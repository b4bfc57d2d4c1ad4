use std::sync::Arc;

use engage_domain::{Actor, CaseNumber, Escalate, EscalateError};

use crate::{CaseChanges, CaseError, Changed, Proof, Terms};

/// Somebody wants more attention for a case.
#[derive(Clone)]
pub struct EscalateCase {
    changes: Arc<CaseChanges>,
}

impl EscalateCase {
    /// Escalates cases.
    pub fn new(changes: Arc<CaseChanges>) -> Self {
        Self { changes }
    }

    /// Raises the urgency and the escalation level of an active case, for who shows that they are its
    /// customer.
    pub async fn execute_for_customer(
        &self,
        number: &CaseNumber,
        request: Escalate,
        proof: &Proof,
        terms: &Terms,
    ) -> Result<Changed, CaseError<EscalateError>> {
        self.changes
            .change_for_customer(number, proof, terms, |case, policies, stamp| {
                case.escalate(request.clone(), policies, stamp).map(Some)
            })
            .await
    }

    /// The same for staff.
    pub async fn execute(
        &self,
        number: &CaseNumber,
        request: Escalate,
        actor: &Actor,
        terms: &Terms,
    ) -> Result<Changed, CaseError<EscalateError>> {
        self.changes
            .change(number, actor, None, terms, |case, policies, stamp| {
                case.escalate(request.clone(), policies, stamp).map(Some)
            })
            .await
    }
}
