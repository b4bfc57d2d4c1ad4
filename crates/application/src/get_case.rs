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
///
/// ```
/// # use std::{num::NonZeroU32, sync::Arc, time::Duration};
/// use engage_application::GetCase;
/// use engage_domain::Policies;
/// use engage_domain::sla::SlaTimerState;
/// # use engage_repository::{CaseRepository, UpdatesWanted};
/// # use engage_sqlite::SqliteStore;
/// # use engage_testkit::ManualClock;
/// # use engage_testkit::builders::{a_case_number, a_change_set, an_opened};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # store.commit(a_change_set(an_opened(1), Vec::new())).await?;
/// # let page = UpdatesWanted::LATEST;
/// let clock = ManualClock::new();
/// let get_case = GetCase::new(store, Policies::default(), Arc::new(clock.clone()));
/// let case = get_case.execute(&a_case_number(1), &page).await?;
/// assert_eq!(case.timers.first_response.state, SlaTimerState::Pending);
/// assert_eq!(case.priority.score(), case.details.case.facts().priority_score);
///
/// // An urgent case of a business should have an answer within four hours.
/// clock.advance(Duration::from_secs(5 * 3600));
/// let case = get_case.execute(&a_case_number(1), &page).await?;
/// assert_eq!(case.timers.first_response.state, SlaTimerState::Breached);
/// # Ok(())
/// # }
/// ```
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
