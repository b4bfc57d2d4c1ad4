use std::convert::Infallible;
use std::sync::Arc;

use engage_domain::{CaseNumber, Policies, PriorityBreakdown, SlaTimers};
use engage_repository::{CaseDetails, CaseQueries, UpdatesWanted};

use crate::{CaseError, Clock};

/// A case as staff see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseView {
    /// The case with what belongs to it.
    pub details: CaseDetails,
    /// The points that its priority score rests on.
    pub priority: PriorityBreakdown,
    /// How it stands to its service targets.
    pub timers: SlaTimers,
}

/// A staff member reads a case.
#[derive(Clone)]
pub struct GetCase {
    queries: Arc<dyn CaseQueries>,
    policies: Policies,
    clock: Arc<dyn Clock>,
}

impl GetCase {
    /// Reads cases, and explains their priority and service targets by the rules.
    pub fn new(queries: Arc<dyn CaseQueries>, policies: Policies, clock: Arc<dyn Clock>) -> Self {
        Self { queries, policies, clock }
    }

    /// The case with what belongs to it, of its conversation a page.
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
