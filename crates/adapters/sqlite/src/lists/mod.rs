//! Lists of cases.
//!
//! A short list is gathered and sorted; through a long one the cases are gone through in order
//! until a part is full. Which of the two is faster SQLite cannot know, since it has no statistics;
//! so the statements leave it no choice.

mod criteria;
mod part;
mod summary_row;

use diesel::prelude::*;
use engage_repository::{
    CaseFilter, CaseListing, CasePart, CasePosition, RepositoryError, SearchPlace,
};

use crate::error::{InvalidColumn, repository_error};
use crate::store::SqliteStore;
use summary_row::SummaryRow;

type Row = (SummaryRow, Option<(String, String)>, i32);

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
        let rows = self
            .readers()
            .read(move |connection| statement.load(connection).map_err(repository_error))
            .await?;
        part_of(rows, listing)
    }
}

fn part_of(mut rows: Vec<Row>, listing: &CaseListing) -> Result<CasePart, RepositoryError> {
    // One more than asked for was selected, to know whether the list goes on.
    let limit = usize::try_from(listing.limit.get()).unwrap_or(usize::MAX);
    let goes_on = rows.len() > limit;
    rows.truncate(limit);
    let mut cases = Vec::with_capacity(rows.len());
    let mut next = None;
    for (row, assignee, place) in rows {
        let case = row.into_summary(assignee)?;
        next = Some(CasePosition::of(&case, listing.sort, search_place(place)?));
        cases.push(case);
    }
    Ok(CasePart { cases, next: next.filter(|_| goes_on) })
}

fn search_place(number: i32) -> Result<SearchPlace, InvalidColumn> {
    [SearchPlace::Conversation, SearchPlace::Customer, SearchPlace::Subject, SearchPlace::Number]
        .into_iter()
        .find(|place| *place as i32 == number)
        .ok_or(InvalidColumn { column: "place" })
}
