use std::convert::Infallible;
use std::sync::Arc;

use engage_domain::priority::PriorityBreakdown;
use engage_domain::sla::SlaTimers;
use engage_domain::{CaseNumber, Policies};
use engage_environment::Clock;
use engage_repository::{CaseDetails, CaseQueries, UpdatesWanted};

use crate::CaseError;

/// A case as shown to staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseView {
    /// The case and related data.
    pub details: CaseDetails,
    /// Points that make up the priority score.
    pub priority: PriorityBreakdown,
    /// State of the SLA timers.
    pub timers: SlaTimers,
}

/// Shows a case to staff.
#[derive(Clone)]
pub struct GetCase {
    queries: Arc<dyn CaseQueries>,
    policies: Policies,
    clock: Arc<dyn Clock>,
}

impl GetCase {
    /// Creates the use case. The policies explain the priority and the SLA timers.
    pub fn new(queries: Arc<dyn CaseQueries>, policies: Policies, clock: Arc<dyn Clock>) -> Self {
        Self { queries, policies, clock }
    }

    /// Returns the case with a page of its conversation.
    pub async fn execute(
        &self,
        number: &CaseNumber,
        updates: &UpdatesWanted,
    ) -> Result<CaseView, CaseError<Infallible>> {
        let found = self.queries.find_case_details(number, updates).await?;
        let details = found.ok_or_else(|| CaseError::NotFound(number.clone()))?;
        let case = details.case.facts();
        let priority = self.policies.explain_priority(case);
        let timers = self.policies.sla.timers(case, self.clock.now());
        Ok(CaseView { details, priority, timers })
    }
}
