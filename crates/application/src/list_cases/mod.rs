mod totals;

use std::num::NonZeroU32;
use std::sync::Arc;

use engage_domain::{ContactId, OrganizationId};
use engage_repository::{
    CaseFilter, CaseListing, CasePosition, CaseQueries, CaseSort, CaseSummary, ContactRepository,
    ListSize, PartStart, RepositoryError, SortOrder, StaffRepository,
};

use totals::Totals;

/// Position in a list of cases, from which the next page is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListCursor {
    /// Sort key of the list.
    pub sort: CaseSort,
    /// Sort order.
    pub order: SortOrder,
    /// Size of the list when its first page was read.
    pub size: ListSize,
    /// Last case before the next page.
    pub position: CasePosition,
}

/// Part of a list to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListStart {
    /// A numbered page.
    Page {
        /// Page number, from 1.
        number: NonZeroU32,
        /// Sort key. Defaults to relevance for a search and to the time of creation otherwise.
        sort: Option<CaseSort>,
        /// Sort order.
        order: SortOrder,
    },
    /// The cases after a cursor. The cost does not depend on the position in the list.
    After(ListCursor),
}

/// A request for a list of cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRequest {
    /// Filter criteria.
    pub filter: CaseFilter,
    /// Part of the list to read.
    pub start: ListStart,
    /// Maximum number of cases.
    pub limit: NonZeroU32,
}

/// A page of cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseList {
    /// The cases on the page.
    pub cases: Vec<CaseSummary>,
    /// Number of cases that match the filter. `None` for a page after a cursor. Totals above 10,000
    /// may be up to 5 seconds old.
    pub total: Option<u64>,
    /// Cursor of the next page, or `None` on the last one.
    pub next: Option<ListCursor>,
}

/// Lists cases for staff. A search also matches the name of the assignee.
///
/// A search with more than 10,000 results is sorted by the time of creation instead of relevance.
///
/// ```
/// # use std::{num::NonZeroU32, sync::Arc};
/// use engage_application::{ListCases, ListRequest, ListStart};
/// use engage_domain::Status;
/// use engage_repository::{CaseFilter, CaseSort, SortOrder};
/// # use engage_repository::CaseRepository;
/// # use engage_sqlite::SqliteStore;
/// # use engage_testkit::builders::{a_change_set, an_opened};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # for sequence in 1..=3 {
/// #     store.commit(a_change_set(an_opened(sequence), Vec::new())).await?;
/// # }
/// # let (number, limit) = (NonZeroU32::MIN, NonZeroU32::MIN.saturating_add(1));
/// let list_cases = ListCases::new(store.clone(), store.clone(), store);
/// let filter = CaseFilter { status: vec![Status::Open], ..CaseFilter::default() };
/// let sort = Some(CaseSort::PriorityScore);
/// let start = ListStart::Page { number, sort, order: SortOrder::Descending };
/// let request = ListRequest { filter: filter.clone(), start, limit };
/// let first = list_cases.execute(request).await?;
/// assert_eq!((first.cases.len(), first.total), (2, Some(3)));
///
/// let start = ListStart::After(first.next.expect("there is another page"));
/// let second = list_cases.execute(ListRequest { filter, start, limit }).await?;
/// assert_eq!((second.cases.len(), second.next), (1, None));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ListCases {
    queries: Arc<dyn CaseQueries>,
    staff: Arc<dyn StaffRepository>,
    contacts: Arc<dyn ContactRepository>,
    totals: Arc<Totals>,
}

impl ListCases {
    /// Creates the use case.
    pub fn new(
        queries: Arc<dyn CaseQueries>,
        staff: Arc<dyn StaffRepository>,
        contacts: Arc<dyn ContactRepository>,
    ) -> Self {
        Self { totals: Arc::new(Totals::new(Arc::clone(&queries))), queries, staff, contacts }
    }

    /// Narrows a filter to the cases whose customer or participant has one of the current addresses
    /// of a contact. No case matches if there is no such contact, or if it has no address.
    ///
    /// A list that is read in parts needs this only once.
    pub async fn of_contact(
        &self,
        filter: CaseFilter,
        contact: ContactId,
    ) -> Result<CaseFilter, RepositoryError> {
        let found = self.contacts.find_contact(contact).await?;
        let emails = found.map(|contact| contact.emails.as_slice().to_vec());
        Ok(CaseFilter { person_email: Some(emails.unwrap_or_default()), ..filter })
    }

    /// Narrows a filter to the cases whose customer or participant has an address to which an
    /// organization applies. No case matches if there is no such organization.
    ///
    /// A list that is read in parts needs this only once.
    pub async fn of_organization(
        &self,
        filter: CaseFilter,
        organization: OrganizationId,
    ) -> Result<CaseFilter, RepositoryError> {
        let people = self.contacts.find_organization_addresses(organization).await?;
        Ok(CaseFilter { organization_people: Some(people), ..filter })
    }

    /// Returns the requested page.
    pub async fn execute(&self, request: ListRequest) -> Result<CaseList, RepositoryError> {
        let ListRequest { filter, start, limit } = request;
        let filter = self.with_departments(self.with_members(filter).await?).await?;
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

    /// Extends the search with the current names of all members of staff, including deactivated
    /// ones.
    async fn with_members(&self, filter: CaseFilter) -> Result<CaseFilter, RepositoryError> {
        let Some(search) = filter.search else { return Ok(filter) };
        let members = self.staff.list_staff().await?;
        let names = members.iter().map(|member| (&member.id, member.name.as_str()));
        Ok(CaseFilter { search: Some(search.with_members(names)), ..filter })
    }

    /// Extends the filter with all spellings of its departments, once for the page and its total.
    async fn with_departments(&self, filter: CaseFilter) -> Result<CaseFilter, RepositoryError> {
        if filter.department.is_empty() {
            return Ok(filter);
        }
        Ok(filter.with_departments(self.queries.list_departments().await?))
    }
}

fn default_sort(filter: &CaseFilter, size: ListSize) -> CaseSort {
    if filter.search.is_some() && size == ListSize::Small {
        CaseSort::Relevance
    } else {
        CaseSort::CreatedAt
    }
}
