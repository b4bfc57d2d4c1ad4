mod totals;

use std::num::NonZeroU32;
use std::sync::Arc;

use engage_repository::{
    CaseFilter, CaseListing, CasePosition, CaseQueries, CaseSort, CaseSummary, ListSize, PartStart,
    RepositoryError, SortOrder, StaffRepository,
};

use totals::Totals;

/// Where a list goes on, and in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListCursor {
    /// By what the list is sorted.
    pub sort: CaseSort,
    /// In which direction.
    pub order: SortOrder,
    /// How long the list was when its first page was read.
    pub size: ListSize,
    /// The place after which it goes on.
    pub position: CasePosition,
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListStart {
    /// A page.
    Page {
        /// Which one, from 1.
        number: NonZeroU32,
        /// By what the list is sorted; where it is not said, a search is sorted by relevance and
        /// any other list by creation.
        sort: Option<CaseSort>,
        /// In which direction.
        order: SortOrder,
    },
    /// What comes after another part, at the same cost however far down the list that is.
    After(ListCursor),
}

/// Which cases are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRequest {
    /// The criteria that they meet.
    pub filter: CaseFilter,
    /// Which part of them.
    pub start: ListStart,
    /// How many at most.
    pub limit: NonZeroU32,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseList {
    /// The cases of this part.
    pub cases: Vec<CaseSummary>,
    /// How many cases fit the filter; not counted again after a cursor. Above 10,000 it may be 5
    /// seconds old.
    pub total: Option<u64>,
    /// Where the list goes on; none at its end.
    pub next: Option<ListCursor>,
}

/// A staff member lists cases. A search also finds them by the name of who works on them.
///
/// A search that finds more than 10,000 cases is not ranked: what fits so much is sorted by
/// creation.
#[derive(Clone)]
pub struct ListCases {
    queries: Arc<dyn CaseQueries>,
    staff: Arc<dyn StaffRepository>,
    totals: Arc<Totals>,
}

impl ListCases {
    /// Lists cases.
    pub fn new(queries: Arc<dyn CaseQueries>, staff: Arc<dyn StaffRepository>) -> Self {
        Self { totals: Arc::new(Totals::new(Arc::clone(&queries))), queries, staff }
    }

    /// The part of the list that was asked for.
    pub async fn execute(&self, request: ListRequest) -> Result<CaseList, RepositoryError> {
        let ListRequest { filter, start, limit } = request;
        let filter = self.with_members(filter).await?;
        let (listing, total) = match start {
            ListStart::After(ListCursor { sort, order, size, position }) => {
                let start = PartStart::After(position);
                (CaseListing { filter, sort, order, start, limit, size }, None)
            }
            ListStart::Page { number, sort, order } => {
                let total = self.totals.of(&filter).await?;
                let size = ListSize::of(total);
                let sort = sort.unwrap_or_else(|| default_sort(&filter, size));
                let start = PartStart::Page(number);
                (CaseListing { filter, sort, order, start, limit, size }, Some(total))
            }
        };
        let part = self.queries.list_cases(&listing).await?;
        let CaseListing { sort, order, size, .. } = listing;
        let next = part.next.map(|position| ListCursor { sort, order, size, position });
        Ok(CaseList { cases: part.cases, total, next })
    }

    /// The same filter, whose search also means the names that members of staff have now, those who
    /// have left included.
    async fn with_members(&self, filter: CaseFilter) -> Result<CaseFilter, RepositoryError> {
        let Some(search) = filter.search else { return Ok(filter) };
        let members = self.staff.list_staff().await?;
        let names = members.iter().map(|member| (&member.id, member.name.as_str()));
        Ok(CaseFilter { search: Some(search.with_members(names)), ..filter })
    }
}

fn default_sort(filter: &CaseFilter, size: ListSize) -> CaseSort {
    if filter.search.is_some() && size == ListSize::Small {
        CaseSort::Relevance
    } else {
        CaseSort::CreatedAt
    }
}
