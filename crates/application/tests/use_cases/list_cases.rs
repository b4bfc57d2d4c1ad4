use std::num::NonZeroU32;
use std::sync::Arc;

use engage_application::ListCases;
use engage_domain::Status;
use engage_repository::{
    AssigneeFilter, CaseFilter, CaseListing, CasePage, CaseSort, MockCaseQueries, Page,
    RepositoryError, SortOrder,
};
use engage_testkit::builders::minutes_later;
use mockall::predicate::eq;

use crate::desk::no_connection;

fn a_listing() -> CaseListing {
    CaseListing {
        filter: CaseFilter {
            status: vec![Status::Open, Status::OnHold],
            assigned_to: vec![AssigneeFilter::Unassigned],
            created_from: Some(minutes_later(5)),
            ..CaseFilter::default()
        },
        sort: CaseSort::PriorityScore,
        order: SortOrder::Ascending,
        page: Page { number: NonZeroU32::new(3).unwrap(), limit: NonZeroU32::new(20).unwrap() },
    }
}

#[tokio::test]
async fn a_list_is_asked_for_as_given_and_passed_on_as_found() {
    let page = CasePage { cases: Vec::new(), total: 41 };
    let found = page.clone();
    let mut queries = MockCaseQueries::new();
    queries.expect_list_cases().with(eq(a_listing())).once().returning(move |_| Ok(found.clone()));
    let listed = ListCases::new(Arc::new(queries)).execute(&a_listing()).await;
    assert_eq!(listed.unwrap(), page);
}

#[tokio::test]
async fn storage_out_of_reach_is_passed_on() {
    let mut queries = MockCaseQueries::new();
    queries.expect_list_cases().once().returning(|_| Err(no_connection()));
    let outcome = ListCases::new(Arc::new(queries)).execute(&a_listing()).await;
    assert!(matches!(outcome, Err(RepositoryError::Unavailable(_))), "{outcome:?}");
}
