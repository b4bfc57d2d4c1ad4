//! Tests of [`StoreHealth`](engage_repository::StoreHealth).

use engage_repository::ConnectionUse;
use tokio::task::JoinSet;

use super::Store;

pub async fn a_working_store_is_healthy(store: &Store) {
    store.health.check().await.expect("the store is healthy");
}

pub async fn the_number_of_connections_stays_within_its_limit(store: &Store) {
    let mut checks = JoinSet::new();
    for _ in 0..50 {
        let health = store.health.clone();
        checks.spawn(async move { health.check().await });
    }
    let within_limit = || {
        let ConnectionUse { limit, in_use, idle, .. } = store.health.connection_use();
        assert!(limit > 0 && in_use + idle <= limit, "{in_use} + {idle} of {limit}");
    };
    while let Some(check) = checks.join_next().await {
        check.expect("a check completes").expect("the store is healthy");
        within_limit();
    }
}

pub async fn an_idle_store_uses_no_connection(store: &Store) {
    store.health.check().await.expect("the store is healthy");
    let at_rest = store.health.connection_use();
    assert_eq!((at_rest.in_use, at_rest.waiting), (0, 0), "{at_rest:?}");
    assert!(at_rest.idle > 0, "{at_rest:?}");
}
