use std::sync::Arc;

use engage_repository::{CaseListing, CasePage, CaseQueries, RepositoryError};

/// A staff member lists cases.
#[derive(Clone)]
pub struct ListCases {
    queries: Arc<dyn CaseQueries>,
}

impl ListCases {
    /// Lists cases.
    pub fn new(queries: Arc<dyn CaseQueries>) -> Self {
        Self { queries }
    }

    /// The part of the list that was asked for, and how long the list is.
    pub async fn execute(&self, listing: &CaseListing) -> Result<CasePage, RepositoryError> {
        self.queries.list_cases(listing).await
    }
}
