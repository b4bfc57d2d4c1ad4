use std::sync::Arc;

use engage_application::{CaseError, RotateAccess, RotateAccessError};
use engage_domain::PersonId;
use engage_repository::{AccessGeneration, MockAccessRepository, RotatedAccess};
use engage_testkit::builders::a_case_number;
use mockall::predicate::{always, eq};

use crate::acts::{Acts, a_recorder, an_operator};
use crate::setup::{a_clock_at, assert_unavailable, no_connection};

fn rotating(access: MockAccessRepository) -> RotateAccess {
    let acts = Acts { access: Some(Arc::new(access)), ..Acts::default() };
    RotateAccess::new(Arc::new(acts), a_recorder(a_clock_at(0)))
}

#[tokio::test]
async fn access_is_rotated_if_the_case_exists() {
    let mut access = MockAccessRepository::new();
    let rotated = RotatedAccess::To(AccessGeneration(1));
    let of = |number| eq(a_case_number(number));
    access.expect_rotate_access().with(of(1), eq(None)).returning(move |_, _| Ok(rotated));
    access
        .expect_rotate_access()
        .with(of(2), always())
        .returning(|_, _| Ok(RotatedAccess::NoSuchCase));
    access.expect_rotate_access().returning(|_, _| Err(no_connection()));
    let rotate = rotating(access);
    assert!(rotate.execute(&a_case_number(1), None, &an_operator()).await.is_ok());
    let outcome = rotate.execute(&a_case_number(2), None, &an_operator()).await;
    assert!(matches!(outcome, Err(CaseError::NotFound(number)) if number == a_case_number(2)));
    assert_unavailable(&rotate.execute(&a_case_number(3), None, &an_operator()).await);
}

#[tokio::test]
async fn access_of_one_person_is_rotated_if_the_case_has_them() {
    let [ann, stranger] = [7, 8].map(PersonId::from_u128);
    let mut access = MockAccessRepository::new();
    access
        .expect_rotate_access()
        .with(always(), eq(Some(ann)))
        .returning(|_, _| Ok(RotatedAccess::To(AccessGeneration(1))));
    access.expect_rotate_access().returning(|_, _| Ok(RotatedAccess::NoSuchPerson));
    let rotate = rotating(access);
    assert!(rotate.execute(&a_case_number(1), Some(ann), &an_operator()).await.is_ok());
    let outcome = rotate.execute(&a_case_number(1), Some(stranger), &an_operator()).await;
    let Err(CaseError::Refused(refusal)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(refusal, RotateAccessError::PersonNotFound(stranger));
}
