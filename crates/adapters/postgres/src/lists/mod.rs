//! Lists of cases.
//!
//! A short list is gathered and sorted; through a long one the cases are gone through in order
//! until a part is full. Which of the two is faster the server cannot know, since its statistics
//! know nothing of how criteria and orders hang together; so the statements leave it no choice.

mod criteria;
mod part;
mod summary_row;

use diesel_async::RunQueryDsl;
use engage_repository::{CaseFilter, CaseListing, CasePart, RepositoryError};

use crate::error::repository_error;
use crate::store::PostgresStore;
use summary_row::PartRow;

impl PostgresStore {
    pub(crate) async fn count(&self, filter: &CaseFilter) -> Result<u64, RepositoryError> {
        let mut connection = self.connection().await?;
        let total: i64 =
            criteria::count(filter).get_result(&mut connection).await.map_err(repository_error)?;
        total.try_into().map_err(RepositoryError::internal)
    }

    pub(crate) async fn list(&self, listing: &CaseListing) -> Result<CasePart, RepositoryError> {
        let mut connection = self.connection().await?;
        let rows: Vec<PartRow> =
            part::select(listing).load(&mut connection).await.map_err(repository_error)?;
        let found = rows.into_iter().map(PartRow::into_found).collect::<Result<_, _>>()?;
        Ok(CasePart::cut(found, listing))
    }
}
