//! Tests of [`RequestCounts`], for stores that several servers share.

use std::collections::BTreeMap;
use std::sync::Arc;

use engage_repository::{Counted, RequestCounts};

use super::all_at_once;

type Counts = Arc<dyn RequestCounts>;

const ANN: Counted = Counted([0xff; 16]);
const BEN: Counted = Counted([0; 16]);

async fn tell(store: &Counts, server: u128, counted: &[(&str, Counted, u32)]) {
    let counted = counted.iter().map(|(quota, who, count)| ((*quota).to_owned(), *who, *count));
    store.exchange(server, counted.collect()).await.expect("counts are added");
}

/// Returns the counts of the other servers. A minute may have ended in between.
async fn heard(store: &Counts, server: u128) -> BTreeMap<(String, Counted), u32> {
    let mut sums = BTreeMap::new();
    for count in store.exchange(server, Vec::new()).await.expect("counts are read") {
        assert_eq!(count.minute % 60, 0);
        *sums.entry((count.quota, count.who)).or_default() += count.count;
    }
    sums
}

pub async fn a_server_reads_the_total_of_the_others(store: &Counts) {
    assert!(heard(store, 1).await.is_empty());
    tell(store, 1, &[("creations", ANN, 3), ("calls", ANN, 1)]).await;
    tell(store, 2, &[("creations", ANN, 4), ("creations", BEN, 5)]).await;
    let of = |quota: &str, who| (quota.to_owned(), who);
    let all = [(of("creations", ANN), 7), (of("creations", BEN), 5), (of("calls", ANN), 1)];
    assert_eq!(heard(store, 3).await, BTreeMap::from(all));
    let of_second = [(of("creations", ANN), 4), (of("creations", BEN), 5)];
    assert_eq!(heard(store, 1).await, BTreeMap::from(of_second));
}

pub async fn counts_of_a_minute_add_up(store: &Counts) {
    for _ in 0..3 {
        tell(store, 1, &[("calls", ANN, 2)]).await;
    }
    assert_eq!(heard(store, 2).await, BTreeMap::from([(("calls".to_owned(), ANN), 6)]));
    assert!(heard(store, 1).await.is_empty());
}

pub async fn concurrent_exchanges_lose_nothing(store: &Counts) {
    let exchanges = (1..=8).map(|server| {
        let store = Arc::clone(store);
        async move {
            for _ in 0..5 {
                tell(&store, server, &[("calls", ANN, 1), ("calls", BEN, 1)]).await;
            }
        }
    });
    all_at_once(exchanges).await;
    let sums = heard(store, 99).await;
    assert_eq!(sums.values().copied().collect::<Vec<_>>(), [40, 40]);
}
