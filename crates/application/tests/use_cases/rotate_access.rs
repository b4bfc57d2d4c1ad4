use std::sync::Arc;

use engage_application::{CaseError, RotateAccess};
use engage_repository::{AccessGeneration, MockAccessRepository};
use engage_testkit::builders::a_case_number;
use mockall::predicate::eq;

use crate::acts::{Acts, a_recorder, an_operator};
use crate::setup::{a_clock_at, assert_unavailable, no_connection};

#[tokio::test]
async fn access_is_rotated_if_the_case_exists() {
    let mut access = MockAccessRepository::new();
    let rotated = Some(AccessGeneration(1));
    access.expect_rotate_access().with(eq(a_case_number(1))).returning(move |_| Ok(rotated));
    access.expect_rotate_access().with(eq(a_case_number(2))).returning(|_| Ok(None));
    access.expect_rotate_access().returning(|_| Err(no_connection()));
    let acts = Acts { access: Some(Arc::new(access)), ..Acts::default() };
    let rotate = RotateAccess::new(Arc::new(acts), a_recorder(a_clock_at(0)));
    assert!(rotate.execute(&a_case_number(1), &an_operator()).await.is_ok());
    let outcome = rotate.execute(&a_case_number(2), &an_operator()).await;
    assert!(matches!(outcome, Err(CaseError::NotFound(number)) if number == a_case_number(2)));
    assert_unavailable(&rotate.execute(&a_case_number(3), &an_operator()).await);
}
