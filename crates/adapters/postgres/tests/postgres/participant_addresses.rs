//! Addresses of participants who were stored before there was a table of them.

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use engage_domain::{Actor, Policies};
use engage_postgres::{DnsResolver, PostgresStore};
use engage_repository::{CaseFilter, CaseQueries, CaseRepository};
use engage_testkit::builders::{a_change_set, a_stamp, an_opened, joined, minutes_later};

use crate::{migrated, statements};

async fn found(store: &PostgresStore, email: &str) -> u64 {
    let filter =
        CaseFilter { participant_email: vec![email.parse().unwrap()], ..CaseFilter::default() };
    store.count_cases(&filter).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn participants_who_were_stored_before_are_found_unless_they_are_gone() {
    let url = migrated().await;
    let store = PostgresStore::open(&url, 1, &DnsResolver::system()).await.unwrap();
    for sequence in 1..=3 {
        let opened = an_opened(sequence);
        let ann = joined(&opened.case, "Ann@X.example", Actor::Customer, minutes_later(1));
        let person = ann.case.facts().participants[0].id;
        let bob = joined(&ann.case, "bob@b\u{fc}cher.example", Actor::Customer, minutes_later(2));
        let stamp = a_stamp(Actor::Customer, minutes_later(3));
        let gone = bob.case.remove_participant(person, &Policies::default(), stamp);
        let gone = (sequence == 1).then(|| gone.unwrap().unwrap());
        for decision in [opened, ann, bob].into_iter().chain(gone) {
            store.commit(a_change_set(decision, Vec::new())).await.unwrap();
        }
    }
    store.commit(a_change_set(an_opened(4), Vec::new())).await.unwrap();
    let mut connection = AsyncPgConnection::establish(&url).await.unwrap();
    for migration in [
        "20261130050100_addresses_of_participants/down.sql",
        "20261130050000_participant_addresses/down.sql",
        "20261130050000_participant_addresses/up.sql",
        "20261130050100_addresses_of_participants/up.sql",
    ] {
        connection.batch_execute(&statements(migration)).await.unwrap();
    }
    drop(store);
    let store = PostgresStore::open(&url, 1, &DnsResolver::system()).await.unwrap();
    assert_eq!(found(&store, "ann@x.example").await, 2);
    assert_eq!(found(&store, "bob@xn--bcher-kva.example").await, 3);
}
