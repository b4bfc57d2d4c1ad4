//! Budgets of what customers do over all their cases.

use async_trait::async_trait;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use engage_repository::{Admission, Budget, BudgetKey, BudgetRepository, RepositoryError};

use crate::outbox::budgets;
use crate::store::PostgresStore;

#[async_trait]
impl BudgetRepository for PostgresStore {
    async fn take(&self, once: BudgetKey, budget: Budget) -> Result<Admission, RepositoryError> {
        let take = async |c: &mut AsyncPgConnection| {
            c.transaction(async |c| budgets::take(c, &once, &budget).await).await
        };
        self.connections().run(take).await
    }
}
