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

use crate::store::PostgresStore;
use summary_row::PartRow;

impl PostgresStore {
    pub(crate) async fn count(&self, filter: &CaseFilter) -> Result<u64, RepositoryError> {
        let count = criteria::count(filter);
        let total: i64 = self.connections().run(async |c| count.get_result(c).await).await?;
        total.try_into().map_err(RepositoryError::internal)
    }

    pub(crate) async fn list(&self, listing: &CaseListing) -> Result<CasePart, RepositoryError> {
        let select = part::select(listing);
        let rows: Vec<PartRow> = self.connections().run(async |c| select.load(c).await).await?;
        let found = rows.into_iter().map(PartRow::into_found).collect::<Result<_, _>>()?;
        Ok(CasePart::cut(found, listing))
    }
}
