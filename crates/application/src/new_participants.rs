use std::sync::Arc;
use std::time::Duration;

use engage_domain::{Case, EmailAddress};
use engage_repository::{Admission, Budget, BudgetRepository, RepositoryError};

use crate::budget_keys::{budget_key, without_tag};

/// Period of the limit. The retention of budgets has to be longer.
const DAY: Duration = Duration::from_hours(24);

/// Limit on the different addresses that a customer adds to their cases within 24 hours.
///
/// Each may be sent e-mails, so the limit is that of all cases of the customer and of all servers
/// together. Staff are not limited.
#[derive(Clone)]
pub struct NewParticipants {
    budgets: Arc<dyn BudgetRepository>,
    most: u32,
}

impl NewParticipants {
    /// Default of the limit.
    pub const DEFAULT_MOST: u32 = 50;

    /// Creates the limit.
    pub fn new(budgets: Arc<dyn BudgetRepository>, most: u32) -> Self {
        Self { budgets, most }
    }

    /// Counts an address that the customer of a case adds, unless they have added it to one of their
    /// cases within the period. Returns the time to wait if the limit is reached.
    pub(crate) async fn count(
        &self,
        case: &Case,
        email: &EmailAddress,
    ) -> Result<Option<Duration>, RepositoryError> {
        // A customer without an address has this case only.
        let facts = case.facts();
        let customer =
            facts.customer.email.as_ref().map_or_else(|| facts.id.to_string(), without_tag);
        let key = budget_key(["new participants", &customer, "", ""]);
        let once = budget_key(["new participants", &customer, "address", &email.normalized()]);
        let budget = Budget { key, most: self.most, within: DAY, share: None };
        Ok(match self.budgets.take(once, budget).await? {
            Admission::Granted => None,
            Admission::Exhausted { free_in } => Some(free_in),
        })
    }
}
