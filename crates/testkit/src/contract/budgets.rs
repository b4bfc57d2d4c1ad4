//! Tests of [`BudgetRepository`](engage_repository::BudgetRepository).

use std::time::Duration;

use engage_repository::{Admission, Budget};

use super::{Store, all_at_once};

const DAY: Duration = Duration::from_hours(24);

fn budget(name: u8, most: u32) -> Budget {
    Budget { key: [name; 32], most, within: DAY, share: None }
}

async fn take(store: &Store, once: u8, budget: Budget) -> Admission {
    store.budgets.take([once; 32], budget).await.expect("a use is counted")
}

async fn is_granted(store: &Store, once: u8, budget: Budget) -> bool {
    take(store, once, budget).await == Admission::Granted
}

pub async fn a_budget_grants_as_many_uses_as_it_allows(store: &Store) {
    let two = budget(1, 2);
    assert!(is_granted(store, 11, two).await && is_granted(store, 12, two).await);
    let Admission::Exhausted { free_in } = take(store, 13, two).await else {
        panic!("the budget is used up");
    };
    assert!(free_in > Duration::from_hours(23) && free_in <= DAY, "{free_in:?}");
    assert!(is_granted(store, 13, budget(2, 1)).await, "another budget");
    assert!(is_granted(store, 14, budget(1, 3)).await, "what was refused was not counted");
}

pub async fn a_repeated_use_is_free(store: &Store) {
    let one = budget(1, 1);
    for _ in 0..3 {
        assert!(is_granted(store, 11, one).await);
    }
    assert!(!is_granted(store, 12, one).await);
    assert!(!is_granted(store, 12, one).await, "what was refused is no repetition");
    assert!(is_granted(store, 11, one).await);
    assert!(is_granted(store, 12, budget(1, 2)).await, "repetitions were not counted");
}

pub async fn concurrent_uses_never_exceed_the_budget(store: &Store) {
    let uses = (0..20).map(|once| {
        let store = store.clone();
        async move { is_granted(&store, 100 + once, budget(1, 7)).await }
    });
    let granted = all_at_once(uses.collect::<Vec<_>>()).await;
    assert_eq!(granted.iter().filter(|granted| **granted).count(), 7);
}

pub async fn one_of_many_concurrent_repetitions_is_counted(store: &Store) {
    let uses = (0..20).map(|_| {
        let store = store.clone();
        async move { is_granted(&store, 11, budget(1, 2)).await }
    });
    let granted = all_at_once(uses.collect::<Vec<_>>()).await;
    assert!(granted.iter().all(|granted| *granted), "{granted:?}");
    assert!(is_granted(store, 12, budget(1, 2)).await);
}
