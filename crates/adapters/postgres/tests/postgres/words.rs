//! Search words that an earlier version of the program built.

use std::num::NonZeroU32;

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use engage_domain::Case;
use engage_postgres::{DnsResolver, PostgresStore};
use engage_repository::{CaseFilter, CaseQueries, CaseRepository, SearchIndex};
use engage_testkit::builders::{a_change_set, an_opened, minutes_later, replied};

use crate::migrated;

const CASES: u64 = 40;

/// Makes words look like those of an earlier version.
const OLD: &str = "UPDATE case_search SET words = 'old', version = 1";

async fn found(store: &PostgresStore, text: &str) -> u64 {
    let filter = CaseFilter { search: Some(text.parse().unwrap()), ..CaseFilter::default() };
    store.count_cases(&filter).await.unwrap()
}

async fn open(store: &PostgresStore) -> Vec<Case> {
    let mut cases = Vec::new();
    for sequence in 1..=CASES {
        let opened = an_opened(sequence);
        cases.push(opened.case.clone());
        store.commit(a_change_set(opened, Vec::new())).await.unwrap();
    }
    cases
}

async fn renew(store: &PostgresStore) -> u64 {
    let mut total = 0;
    loop {
        match store.renew_words(NonZeroU32::new(7).unwrap()).await.unwrap() {
            0 => return total,
            count => total += count,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_renewed_once_during_commits_and_none_is_lost() {
    let url = migrated().await;
    let store = PostgresStore::open(&url, 6, &DnsResolver::system()).await.unwrap();
    let cases = open(&store).await;
    let mut connection = AsyncPgConnection::establish(&url).await.unwrap();
    connection.batch_execute(OLD).await.unwrap();
    assert_eq!((found(&store, "old").await, found(&store, "dashboard").await), (CASES, 0));
    let writing = cases.iter().map(|case| {
        let reply = replied(case, "It is the proxy.", minutes_later(1));
        store.commit(a_change_set(reply, Vec::new()))
    });
    let (written, one, other) =
        tokio::join!(futures_util::future::join_all(writing), renew(&store), renew(&store));
    assert!(written.iter().all(Result::is_ok), "{written:?}");
    // Words that were locked by a commit were skipped.
    assert_eq!(one + other + renew(&store).await, CASES);
    assert_eq!(found(&store, "old").await, 0);
    assert_eq!(found(&store, "proxy dashboard").await, CASES);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_case_keeps_its_words_and_blocks_no_other() {
    let url = migrated().await;
    let store = PostgresStore::open(&url, 2, &DnsResolver::system()).await.unwrap();
    open(&store).await;
    let mut connection = AsyncPgConnection::establish(&url).await.unwrap();
    let broken = "UPDATE cases SET customer_email = 'nobody' WHERE number_sequence = 7";
    connection.batch_execute(&format!("{OLD}; {broken}")).await.unwrap();
    assert_eq!(renew(&store).await, CASES);
    assert_eq!((found(&store, "old").await, found(&store, "dashboard").await), (1, CASES - 1));
}
