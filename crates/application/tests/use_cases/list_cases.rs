use std::future::pending;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use engage_application::{CaseList, ListCases, ListCursor, ListRequest, ListStart};
use engage_domain::{CaseNumber, ContactId, Department, OrganizationId, StaffMember, Status};
use engage_repository::{
    AssigneeFilter, CaseDetails, CaseFilter, CaseListing, CasePart, CasePosition, CaseProgress,
    CaseQueries, CaseSort, ListSize, MockCaseQueries, MockContactRepository, MockStaffRepository,
    OrganizationAddresses, PartStart, RepositoryError, SearchQuery, SortOrder, UpdatesWanted,
};
use engage_testkit::builders::{a_case_number, a_contact_with, a_staff_member, minutes_later};
use futures_util::future::join_all;
use mockall::predicate::eq;
use tokio::task::yield_now;
use tokio::time::advance;

use crate::setup::no_connection;

fn number(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

fn a_filter() -> CaseFilter {
    CaseFilter {
        status: vec![Status::Open, Status::OnHold],
        assigned_to: vec![AssigneeFilter::Unassigned],
        created_from: Some(minutes_later(5)),
        ..CaseFilter::default()
    }
}

fn a_search() -> CaseFilter {
    CaseFilter { search: Some("invoice".parse().unwrap()), ..a_filter() }
}

fn a_request(filter: CaseFilter, sort: Option<CaseSort>) -> ListRequest {
    let start = ListStart::Page { number: number(3), sort, order: SortOrder::Ascending };
    ListRequest { filter, start, limit: number(20) }
}

fn a_listing(filter: CaseFilter, sort: CaseSort, size: ListSize) -> CaseListing {
    let start = PartStart::Page(number(3));
    CaseListing { filter, sort, order: SortOrder::Ascending, start, limit: number(20), size }
}

fn a_position() -> CasePosition {
    CasePosition { value: 7, number: a_case_number(7) }
}

fn a_cursor() -> ListCursor {
    ListCursor {
        sort: CaseSort::PriorityScore,
        order: SortOrder::Descending,
        size: ListSize::Large,
        position: a_position(),
    }
}

fn the_end() -> CasePart {
    CasePart { cases: Vec::new(), next: None }
}

/// Fails the test if the members of staff are read.
fn no_staff() -> Arc<MockStaffRepository> {
    Arc::new(MockStaffRepository::new())
}

/// Fails the test if contacts are read.
fn no_contacts() -> Arc<MockContactRepository> {
    Arc::new(MockContactRepository::new())
}

fn list_cases(queries: MockCaseQueries) -> ListCases {
    let mut staff = MockStaffRepository::new();
    staff.expect_list_staff().returning(|| Ok(Vec::new()));
    ListCases::new(Arc::new(queries), Arc::new(staff), no_contacts())
}

#[tokio::test]
async fn a_search_also_matches_the_names_of_assignees() {
    let renamed = StaffMember { name: "Ann Invoice".parse().unwrap(), ..a_staff_member("ann") };
    let members = vec![renamed, a_staff_member("bob")];
    let named = |members: &[StaffMember]| {
        let names = members.iter().map(|member| (&member.id, member.name.as_str()));
        let search: SearchQuery = "invoice".parse().unwrap();
        CaseFilter { search: Some(search.with_members(names)), ..a_filter() }
    };
    let wanted = named(&members);
    assert_eq!(wanted.search.as_ref().unwrap().assigned().len(), 1);
    let mut staff = MockStaffRepository::new();
    staff.expect_list_staff().once().returning(move || Ok(members.clone()));
    let mut queries = MockCaseQueries::new();
    queries.expect_count_cases().with(eq(wanted.clone())).once().returning(|_| Ok(1));
    queries
        .expect_list_cases()
        .withf(move |listing| listing.filter == wanted)
        .once()
        .returning(|_| Ok(the_end()));
    let list_cases = ListCases::new(Arc::new(queries), Arc::new(staff), no_contacts());
    list_cases.execute(a_request(a_search(), None)).await.unwrap();
}

#[tokio::test]
async fn a_filter_gets_the_addresses_of_a_contact() {
    let contact = a_contact_with(&["ann@x.example", "a.lee@x.example"]);
    let (id, emails) = (contact.id, contact.emails.as_slice().to_vec());
    let without_address = a_contact_with(&[]);
    let without = without_address.id;
    let mut contacts = MockContactRepository::new();
    contacts.expect_find_contact().times(3).returning(move |wanted| {
        let mut known = [&contact, &without_address].into_iter();
        Ok(known.find(|one| one.id == wanted).cloned())
    });
    let queries = Arc::new(MockCaseQueries::new());
    let list_cases = ListCases::new(queries, no_staff(), Arc::new(contacts));
    for (contact, expected) in
        [(id, emails), (without, Vec::new()), (ContactId::from_u128(7), Vec::new())]
    {
        let filter = list_cases.of_contact(a_filter(), contact).await.unwrap();
        assert_eq!(filter, CaseFilter { person_email: Some(expected), ..a_filter() });
    }
}

#[tokio::test]
async fn a_filter_gets_the_addresses_of_an_organization() {
    let organization = OrganizationId::from_u128(7);
    let people = OrganizationAddresses {
        domains: vec!["acme.example".parse().unwrap()],
        ..OrganizationAddresses::default()
    };
    let found = people.clone();
    let mut contacts = MockContactRepository::new();
    contacts
        .expect_find_organization_addresses()
        .with(eq(organization))
        .once()
        .returning(move |_| Ok(found.clone()));
    let queries = Arc::new(MockCaseQueries::new());
    let list_cases = ListCases::new(queries, no_staff(), Arc::new(contacts));
    let filter = list_cases.of_organization(a_filter(), organization).await.unwrap();
    assert_eq!(filter, CaseFilter { organization_people: Some(people), ..a_filter() });
}

#[tokio::test]
async fn departments_are_read_once_for_a_page_and_its_total() {
    let departments = |names: &[&str]| -> Vec<Department> {
        names.iter().map(|name| name.parse().unwrap()).collect()
    };
    let of = |names| CaseFilter { department: departments(names), ..a_filter() };
    let wanted = of(&["billing", "Billing"]);
    let stored = departments(&["Billing", "Sales"]);
    let mut queries = MockCaseQueries::new();
    queries.expect_list_departments().once().returning(move || Ok(stored.clone()));
    queries.expect_count_cases().with(eq(wanted.clone())).once().returning(|_| Ok(1));
    queries
        .expect_list_cases()
        .withf(move |listing| listing.filter == wanted)
        .once()
        .returning(|_| Ok(the_end()));
    list_cases(queries).execute(a_request(of(&["billing"]), None)).await.unwrap();
}

#[tokio::test]
async fn a_page_comes_with_the_total_and_a_cursor() {
    let sort = CaseSort::PriorityScore;
    let mut queries = MockCaseQueries::new();
    queries.expect_count_cases().with(eq(a_filter())).once().returning(|_| Ok(41));
    let part = CasePart { cases: Vec::new(), next: Some(a_position()) };
    queries
        .expect_list_cases()
        .with(eq(a_listing(a_filter(), sort, ListSize::Small)))
        .once()
        .returning(move |_| Ok(part.clone()));
    let listed = list_cases(queries).execute(a_request(a_filter(), Some(sort))).await;
    let next = ListCursor {
        sort,
        order: SortOrder::Ascending,
        size: ListSize::Small,
        position: a_position(),
    };
    assert_eq!(listed.unwrap(), CaseList { cases: Vec::new(), total: Some(41), next: Some(next) });
}

#[tokio::test]
async fn a_cursor_continues_the_list_without_counting() {
    let ListCursor { sort, order, size, position } = a_cursor();
    let start = PartStart::After(position);
    let listing = CaseListing { filter: a_filter(), sort, order, start, limit: number(5), size };
    let mut queries = MockCaseQueries::new();
    queries.expect_list_cases().with(eq(listing)).once().returning(|_| Ok(the_end()));
    let start = ListStart::After(a_cursor());
    let request = ListRequest { filter: a_filter(), start, limit: number(5) };
    let listed = list_cases(queries).execute(request).await;
    assert_eq!(listed.unwrap(), CaseList { cases: Vec::new(), total: None, next: None });
}

#[tokio::test]
async fn lists_are_sorted_by_creation_and_searches_up_to_10_000_results_by_relevance() {
    for (filter, total, wanted, expected, size) in [
        (a_filter(), 3, None, CaseSort::CreatedAt, ListSize::Small),
        (a_search(), 10_000, None, CaseSort::Relevance, ListSize::Small),
        (a_search(), 10_001, None, CaseSort::CreatedAt, ListSize::Medium),
        (a_filter(), 30_000, None, CaseSort::CreatedAt, ListSize::Medium),
        (a_filter(), 30_001, None, CaseSort::CreatedAt, ListSize::Large),
        (a_search(), 3, Some(CaseSort::Status), CaseSort::Status, ListSize::Small),
    ] {
        let mut queries = MockCaseQueries::new();
        queries.expect_count_cases().returning(move |_| Ok(total));
        queries
            .expect_list_cases()
            .with(eq(a_listing(filter.clone(), expected, size)))
            .once()
            .returning(|_| Ok(the_end()));
        list_cases(queries).execute(a_request(filter, wanted)).await.unwrap();
    }
}

/// Lists cases twice, `apart` from each other, and returns the totals. `totals` are the counts.
async fn totals_of_two_lists(totals: [u64; 2], apart: Duration) -> [Option<u64>; 2] {
    let mut queries = MockCaseQueries::new();
    let mut counts = totals.into_iter();
    queries.expect_count_cases().returning(move |_| Ok(counts.next().unwrap()));
    queries.expect_list_cases().returning(|_| Ok(the_end()));
    let list_cases = list_cases(queries);
    let first = list_cases.execute(a_request(a_filter(), None)).await.unwrap().total;
    advance(apart).await;
    [first, list_cases.execute(a_request(a_filter(), None)).await.unwrap().total]
}

#[tokio::test(start_paused = true)]
async fn a_total_above_10_000_is_cached_for_5_seconds_and_a_smaller_one_is_not() {
    let (just_under, five) = (Duration::from_millis(4999), Duration::from_secs(5));
    let cached = totals_of_two_lists([10_001, 20_000], just_under).await;
    assert_eq!(cached, [Some(10_001), Some(10_001)]);
    let counted_again = totals_of_two_lists([10_001, 20_000], five).await;
    assert_eq!(counted_again, [Some(10_001), Some(20_000)]);
    let small = totals_of_two_lists([10_000, 20_000], Duration::from_millis(1)).await;
    assert_eq!(small, [Some(10_000), Some(20_000)]);
}

#[tokio::test(start_paused = true)]
async fn totals_are_cached_per_filter() {
    let mut queries = MockCaseQueries::new();
    queries.expect_count_cases().with(eq(a_filter())).once().returning(|_| Ok(20_000));
    queries.expect_count_cases().with(eq(a_search())).once().returning(|_| Ok(30_000));
    queries.expect_list_cases().returning(|_| Ok(the_end()));
    let list_cases = list_cases(queries);
    for _ in 0..2 {
        for (filter, total) in [(a_filter(), 20_000), (a_search(), 30_000)] {
            let listed = list_cases.execute(a_request(filter, None)).await.unwrap();
            assert_eq!(listed.total, Some(total));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn concurrent_requests_for_the_same_large_total_share_one_count() {
    let mut queries = MockCaseQueries::new();
    queries.expect_count_cases().once().returning(|_| Ok(10_001));
    queries.expect_list_cases().times(20).returning(|_| Ok(the_end()));
    let list_cases = list_cases(queries);
    let all = join_all((0..20).map(|_| list_cases.execute(a_request(a_filter(), None)))).await;
    assert!(all.iter().all(|listed| listed.as_ref().unwrap().total == Some(10_001)));
}

#[tokio::test]
async fn a_failed_count_is_repeated() {
    let mut queries = MockCaseQueries::new();
    let mut counts = vec![Ok(20_000), Err(no_connection())];
    queries.expect_count_cases().times(2).returning(move |_| counts.pop().unwrap());
    queries.expect_list_cases().once().returning(|_| Ok(the_end()));
    let list_cases = list_cases(queries);
    let failed = list_cases.execute(a_request(a_filter(), None)).await;
    assert!(matches!(failed, Err(RepositoryError::Unavailable(_))), "{failed:?}");
    let listed = list_cases.execute(a_request(a_filter(), None)).await.unwrap();
    assert_eq!(listed.total, Some(20_000));
}

/// Storage whose first count never ends.
struct StuckOnce {
    counts: AtomicU64,
}

#[async_trait]
impl CaseQueries for StuckOnce {
    async fn find_case_progress(
        &self,
        _: &CaseNumber,
        _: &UpdatesWanted,
    ) -> Result<Option<CaseProgress>, RepositoryError> {
        unreachable!("only lists are read")
    }

    async fn find_case_details(
        &self,
        _: &CaseNumber,
        _: &UpdatesWanted,
    ) -> Result<Option<CaseDetails>, RepositoryError> {
        unreachable!("only lists are read")
    }

    async fn list_departments(&self) -> Result<Vec<Department>, RepositoryError> {
        unreachable!("only lists are read")
    }

    async fn list_cases(&self, _: &CaseListing) -> Result<CasePart, RepositoryError> {
        Ok(the_end())
    }

    async fn count_cases(&self, _: &CaseFilter) -> Result<u64, RepositoryError> {
        match self.counts.fetch_add(1, Ordering::Relaxed) {
            0 => pending().await,
            _ => Ok(7),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_count_that_hangs_does_not_block_the_next_one() {
    let queries = Arc::new(StuckOnce { counts: AtomicU64::new(0) });
    let list_cases = ListCases::new(queries, no_staff(), no_contacts());
    let stuck = list_cases.clone();
    let stuck = tokio::spawn(async move { stuck.execute(a_request(a_filter(), None)).await });
    yield_now().await;
    let listed = list_cases.execute(a_request(a_filter(), None)).await.unwrap();
    assert_eq!(listed.total, Some(7));
    let outcome = stuck.await.unwrap();
    assert!(matches!(outcome, Err(RepositoryError::Unavailable(_))), "{outcome:?}");
}

#[tokio::test]
async fn unavailable_storage_is_reported() {
    let mut queries = MockCaseQueries::new();
    queries.expect_count_cases().once().returning(|_| Ok(1));
    queries.expect_list_cases().once().returning(|_| Err(no_connection()));
    let outcome = list_cases(queries).execute(a_request(a_filter(), None)).await;
    assert!(matches!(outcome, Err(RepositoryError::Unavailable(_))), "{outcome:?}");
}
