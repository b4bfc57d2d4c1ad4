use std::convert::Infallible;
use std::sync::Arc;

use engage_domain::CaseNumber;
use engage_repository::{CaseProgress, CaseQueries};

use crate::CaseError;

/// A customer asks how a case is going.
#[derive(Clone)]
pub struct LookUpCase {
    queries: Arc<dyn CaseQueries>,
}

impl LookUpCase {
    /// Looks cases up.
    pub fn new(queries: Arc<dyn CaseQueries>) -> Self {
        Self { queries }
    }

    /// The case as its customer sees it.
    pub async fn execute(
        &self,
        number: &CaseNumber,
    ) -> Result<CaseProgress, CaseError<Infallible>> {
        let found = self.queries.find_case_progress(number).await?;
        found.ok_or_else(|| CaseError::NotFound(number.clone()))
    }
}
