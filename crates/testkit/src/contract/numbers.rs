//! Tests of [`CaseNumbers`](engage_repository::CaseNumbers).

use std::collections::HashSet;

use super::{Store, all_at_once};
use crate::builders::{a_new_case, an_opened, monday, opened};

async fn draw(store: &Store, year: i16) -> u64 {
    store.numbers.draw(year).await.expect("a number is drawn")
}

pub async fn the_first_number_of_a_year_is_1(store: &Store) {
    assert_eq!(draw(store, 2025).await, 1);
}

pub async fn numbers_are_drawn_once_and_increase(store: &Store) {
    let mut drawn = Vec::new();
    for _ in 0..150 {
        drawn.push(draw(store, 2025).await);
    }
    assert!(drawn.is_sorted_by(|earlier, later| earlier < later), "{drawn:?}");
}

pub async fn concurrent_draws_never_return_the_same_number(store: &Store) {
    let drawn = all_at_once((0..20).map(|_| {
        let store = store.clone();
        async move {
            let mut drawn = Vec::new();
            for _ in 0..15 {
                drawn.push(draw(&store, 2025).await);
            }
            drawn
        }
    }))
    .await
    .concat();
    assert_eq!(drawn.iter().collect::<HashSet<_>>().len(), 300);
    assert!(!drawn.contains(&0));
}

pub async fn years_are_numbered_independently(store: &Store) {
    let first: Vec<u64> = [draw(store, 2025).await, draw(store, 2025).await].into();
    assert_eq!(draw(store, 2026).await, 1);
    assert_eq!(draw(store, 2024).await, 1);
    let next = draw(store, 2025).await;
    assert!(!first.contains(&next), "{next} was drawn before");
    assert!(draw(store, 2026).await > 1);
}

pub async fn the_number_of_a_stored_case_is_never_drawn(store: &Store) {
    for sequence in [1, 2, 5, 1000] {
        store.keep(an_opened(sequence)).await;
    }
    for _ in 0..120 {
        let drawn = draw(store, 2025).await;
        assert!(![1, 2, 5, 1000].contains(&drawn), "a stored case has {drawn}");
    }
}

pub async fn the_number_of_a_case_stored_after_the_first_draw_is_never_drawn(store: &Store) {
    let first = draw(store, 2025).await;
    for sequence in first + 1..first + 4 {
        store.keep(an_opened(sequence)).await;
    }
    let drawn = draw(store, 2025).await;
    assert!(drawn >= first + 4, "a stored case has {drawn}");
}

pub async fn the_number_of_a_stored_case_with_another_prefix_is_never_drawn(store: &Store) {
    store.keep(opened(a_new_case(), "HELP-2025-001".parse().unwrap(), monday())).await;
    let drawn = draw(store, 2025).await;
    assert_ne!(drawn, 1, "HELP-2025-001 has it");
}

pub async fn a_case_of_another_year_uses_up_no_number(store: &Store) {
    let summer = "2024-07-01T12:00:00Z".parse().unwrap();
    store.keep(opened(a_new_case(), "CW-2024-001".parse().unwrap(), summer)).await;
    assert_eq!(draw(store, 2025).await, 1);
}
