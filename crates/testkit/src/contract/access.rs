//! [`AccessRepository`](engage_repository::AccessRepository), and the generations that cases are
//! read with.

use engage_domain::{Actor, CaseNumber};
use engage_repository::AccessGeneration;

use super::Store;
use crate::builders::{a_case_number, an_opened, escalated, minutes_later, replied};

/// The generation that both readers of a case find, the same.
async fn generation(store: &Store, number: &CaseNumber) -> AccessGeneration {
    let stored = store.find(number).await.expect("the case is kept");
    let progress = store.queries.find_case_progress(number).await.expect("a case is looked up");
    assert_eq!(progress.expect("the case is kept").access_generation, stored.access_generation);
    stored.access_generation
}

async fn rotate(store: &Store, number: &CaseNumber) -> Option<AccessGeneration> {
    store.access.rotate_access(number).await.expect("access is rotated")
}

pub async fn a_new_case_is_in_the_first_generation(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    assert_eq!(generation(store, case.number()).await, AccessGeneration(0));
}

pub async fn access_is_rotated_for_all_who_read_the_case(store: &Store) {
    let (case, other) = (store.keep(an_opened(1)).await, store.keep(an_opened(2)).await);
    for count in 1..=3 {
        let rotated = rotate(store, case.number()).await;
        assert_eq!(rotated, Some(AccessGeneration(count)));
        assert_eq!(generation(store, case.number()).await, AccessGeneration(count));
    }
    assert_eq!(generation(store, other.number()).await, AccessGeneration(0));
}

pub async fn access_to_a_case_that_is_not_there_is_not_rotated(store: &Store) {
    store.keep(an_opened(1)).await;
    assert_eq!(rotate(store, &a_case_number(2)).await, None);
}

pub async fn changes_of_a_case_leave_its_generation_alone(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    rotate(store, case.number()).await;
    let case = store.keep(escalated(&case, Actor::Customer, minutes_later(1))).await;
    store.keep(replied(&case, "Any news?", minutes_later(2))).await;
    assert_eq!(generation(store, case.number()).await, AccessGeneration(1));
}

pub async fn rotating_access_leaves_everything_else_of_a_case_alone(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let before = store.details(case.number()).await;
    rotate(store, case.number()).await;
    assert_eq!(store.details(case.number()).await, before);
    // A change that was decided before does not conflict.
    store.keep(replied(&case, "Any news?", minutes_later(1))).await;
}
