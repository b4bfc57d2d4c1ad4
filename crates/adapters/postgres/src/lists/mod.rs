//! Lists of cases.
//!
//! A short list is gathered and sorted; through a long one the cases are gone through in order
//! until a part is full. Which of the two is faster the server cannot know, since its statistics
//! know nothing of how criteria and orders hang together; so the statements leave it no choice.

mod criteria;
mod part;
mod summary_row;

use diesel_async::RunQueryDsl;
use engage_repository::{
    CaseFilter, CaseListing, CasePart, CasePosition, RepositoryError, SearchPlace,
};

use crate::error::InvalidColumn;
use crate::store::PostgresStore;
use summary_row::SummaryRow;

type Row = (SummaryRow, Option<(String, String)>, i32);

impl PostgresStore {
    pub(crate) async fn count(&self, filter: &CaseFilter) -> Result<u64, RepositoryError> {
        let count = criteria::count(filter);
        let total: i64 = self.connections().run(async |c| count.get_result(c).await).await?;
        total.try_into().map_err(RepositoryError::internal)
    }

    pub(crate) async fn list(&self, listing: &CaseListing) -> Result<CasePart, RepositoryError> {
        let select = part::select(listing);
        let mut rows: Vec<Row> = self.connections().run(async |c| select.load(c).await).await?;
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
}

fn search_place(number: i32) -> Result<SearchPlace, InvalidColumn> {
    [SearchPlace::Conversation, SearchPlace::Customer, SearchPlace::Subject, SearchPlace::Number]
        .into_iter()
        .find(|place| *place as i32 == number)
        .ok_or(InvalidColumn { column: "place" })
}
