use std::convert::Infallible;
use std::sync::Arc;

use engage_domain::CaseNumber;
use engage_repository::{CaseProgress, CaseQueries, UpdatesWanted};

use crate::{CaseError, CustomerAuthorizer, Proof};

/// A customer asks how a case is going.
#[derive(Clone)]
pub struct LookUpCase {
    queries: Arc<dyn CaseQueries>,
    authorizer: CustomerAuthorizer,
}

impl LookUpCase {
    /// Looks cases up.
    pub fn new(queries: Arc<dyn CaseQueries>, authorizer: CustomerAuthorizer) -> Self {
        Self { queries, authorizer }
    }

    /// The case as its customer sees it, with a page of its conversation, for who shows that they are.
    pub async fn execute(
        &self,
        number: &CaseNumber,
        proof: &Proof,
        updates: &UpdatesWanted,
    ) -> Result<CaseProgress, CaseError<Infallible>> {
        let asking = self.authorizer.ask(proof)?;
        let found = self.queries.find_case_progress(number, updates).await?;
        let owner = found.as_ref().map(|progress| (&progress.case, progress.access_generation));
        let is_admitted = asking.is_admitted(owner);
        let admitted = found.filter(|_| is_admitted);
        asking.settle(admitted.ok_or_else(|| CaseError::NotFound(number.clone()))).await
    }
}
