//! Budgets of what customers do over all their cases.

use async_trait::async_trait;
use engage_repository::{Admission, Budget, BudgetKey, BudgetRepository, RepositoryError};

use crate::clock::now;
use crate::outbox::budgets;
use crate::store::SqliteStore;

#[async_trait]
impl BudgetRepository for SqliteStore {
    async fn take(&self, once: BudgetKey, budget: Budget) -> Result<Admission, RepositoryError> {
        self.writer().write(move |c| Ok(budgets::take(c, &once, &budget, now())?)).await
    }
}
