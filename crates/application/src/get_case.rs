use std::convert::Infallible;
use std::sync::Arc;

use engage_domain::{CaseNumber, PriorityBreakdown, PriorityPolicy};
use engage_repository::{CaseDetails, CaseQueries};

use crate::CaseError;

/// A case as staff see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseView {
    /// The case with everything that belongs to it.
    pub details: CaseDetails,
    /// The points that its priority score rests on.
    pub priority: PriorityBreakdown,
}

/// A staff member reads a case.
#[derive(Clone)]
pub struct GetCase {
    queries: Arc<dyn CaseQueries>,
    priority: PriorityPolicy,
}

impl GetCase {
    /// Reads cases, and explains their priority by a policy.
    pub fn new(queries: Arc<dyn CaseQueries>, priority: PriorityPolicy) -> Self {
        Self { queries, priority }
    }

    /// The case with everything that belongs to it.
    pub async fn execute(&self, number: &CaseNumber) -> Result<CaseView, CaseError<Infallible>> {
        let found = self.queries.find_case_details(number).await?;
        let details = found.ok_or_else(|| CaseError::NotFound(number.clone()))?;
        let priority = self.priority.explain_case(details.case.facts());
        Ok(CaseView { details, priority })
    }
}
