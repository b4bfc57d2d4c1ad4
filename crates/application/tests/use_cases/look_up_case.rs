use std::sync::Arc;

use engage_application::{AccessMode, CaseError, CasePerson, LookUpCase, LookedUpCase, Proof};
use engage_domain::Visibility;
use engage_repository::{
    CaseGenerations, CaseProgress, MockCaseQueries, UpdatePage, UpdatesWanted,
};
use engage_testkit::builders::{
    a_case_number, a_staff_member, an_opened, by, minutes_later, written,
};
use mockall::predicate::eq;

use crate::setup::{an_authorizer, assert_unavailable, no_connection};

fn looking_up(queries: MockCaseQueries) -> LookUpCase {
    LookUpCase::new(Arc::new(queries), an_authorizer(AccessMode::CaseNumber))
}

#[tokio::test]
async fn a_customer_sees_the_stored_case() {
    let actor = by(&a_staff_member("ann"));
    let update =
        written(&an_opened(1).case, "Looking", Visibility::Public, actor, minutes_later(1));
    let progress = CaseProgress {
        case: update.case,
        public_updates: UpdatePage { entries: update.event.updates, older: None },
        generations: CaseGenerations::default(),
    };
    let mut queries = MockCaseQueries::new();
    let found = progress.clone();
    queries
        .expect_find_case_progress()
        .with(eq(a_case_number(1)), eq(UpdatesWanted::LATEST))
        .once()
        .returning(move |_, _| Ok(Some(found.clone())));
    let outcome = looking_up(queries)
        .execute(&a_case_number(1), &Proof::default(), &UpdatesWanted::LATEST)
        .await;
    let person = CasePerson::Customer;
    assert_eq!(outcome.unwrap(), LookedUpCase { progress, person });
}

#[tokio::test]
async fn an_unknown_case_number_is_not_found() {
    let mut queries = MockCaseQueries::new();
    queries.expect_find_case_progress().once().returning(|_, _| Ok(None));
    let outcome = looking_up(queries)
        .execute(&a_case_number(9), &Proof::default(), &UpdatesWanted::LATEST)
        .await;
    assert!(matches!(outcome, Err(CaseError::NotFound(number)) if number == a_case_number(9)));
}

#[tokio::test]
async fn unavailable_storage_is_reported() {
    let mut queries = MockCaseQueries::new();
    queries.expect_find_case_progress().once().returning(|_, _| Err(no_connection()));
    assert_unavailable(
        &looking_up(queries)
            .execute(&a_case_number(1), &Proof::default(), &UpdatesWanted::LATEST)
            .await,
    );
}
