//! Lists of cases.
//!
//! A short list is gathered and sorted; through a long one the cases are gone through in order
//! until a part is full. Which of the two is faster SQLite cannot know, since it has no statistics;
//! so the statements leave it no choice.

mod criteria;
mod part;
mod summary_row;

use diesel::prelude::*;
use engage_repository::{CaseFilter, CaseListing, CasePart, RepositoryError};

use crate::error::repository_error;
use crate::store::SqliteStore;
use summary_row::PartRow;

impl SqliteStore {
    pub(crate) async fn count(&self, filter: &CaseFilter) -> Result<u64, RepositoryError> {
        let statement = criteria::count(filter);
        self.readers()
            .read(move |connection| {
                let total: i64 = statement.get_result(connection).map_err(repository_error)?;
                total.try_into().map_err(RepositoryError::internal)
            })
            .await
    }

    pub(crate) async fn list(&self, listing: &CaseListing) -> Result<CasePart, RepositoryError> {
        let statement = part::select(listing);
        let rows: Vec<PartRow> = self
            .readers()
            .read(move |connection| statement.load(connection).map_err(repository_error))
            .await?;
        let found = rows.into_iter().map(PartRow::into_found).collect::<Result<_, _>>()?;
        Ok(CasePart::cut(found, listing))
    }
}
