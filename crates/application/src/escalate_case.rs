use std::sync::Arc;

use engage_domain::{Actor, CaseNumber, EscalateError, EscalateRequest};

use crate::{CaseChanges, CaseError, ChangeOptions, Changed, Proof};

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
        request: EscalateRequest,
        proof: &Proof,
        options: &ChangeOptions,
    ) -> Result<Changed, CaseError<EscalateError>> {
        self.changes
            .change_for_customer(number, proof, options, |case, policies, stamp| {
                case.escalate(request.clone(), policies, stamp).map(Some)
            })
            .await
    }

    /// The same for staff.
    pub async fn execute(
        &self,
        number: &CaseNumber,
        request: EscalateRequest,
        actor: &Actor,
        options: &ChangeOptions,
    ) -> Result<Changed, CaseError<EscalateError>> {
        self.changes
            .change(number, actor, None, options, |case, policies, stamp| {
                case.escalate(request.clone(), policies, stamp).map(Some)
            })
            .await
    }
}
