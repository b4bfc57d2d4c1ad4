use std::convert::Infallible;
use std::sync::Arc;

use engage_domain::CaseNumber;
use engage_repository::{CaseProgress, CaseQueries, UpdatesWanted};

use crate::{CaseError, CustomerAuthorizer, Proof};

/// Shows a case to its customer.
#[derive(Clone)]
pub struct LookUpCase {
    queries: Arc<dyn CaseQueries>,
    authorizer: CustomerAuthorizer,
}

impl LookUpCase {
    /// Creates the use case.
    pub fn new(queries: Arc<dyn CaseQueries>, authorizer: CustomerAuthorizer) -> Self {
        Self { queries, authorizer }
    }

    /// Returns the case as its customer sees it, with a page of its conversation.
    pub async fn execute(
        &self,
        number: &CaseNumber,
        proof: &Proof,
        updates: &UpdatesWanted,
    ) -> Result<CaseProgress, CaseError<Infallible>> {
        let find = async { Ok(self.queries.find_case_progress(number, updates).await?) };
        self.authorizer.authorize(number, proof, find).await
    }
}
