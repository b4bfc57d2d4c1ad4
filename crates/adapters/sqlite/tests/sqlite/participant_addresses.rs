//! Addresses of participants who were stored before there was a table of them.

use std::fs;
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use engage_domain::{Actor, Policies};
use engage_repository::{CaseFilter, CaseQueries, CaseRepository};
use engage_sqlite::SqliteStore;
use engage_testkit::builders::{a_change_set, a_stamp, an_opened, joined, minutes_later};

/// Returns the statements of a file of the migration.
fn migration(file: &str) -> String {
    let folder = "sqlite/20261130050000_participant_addresses";
    fs::read_to_string(Path::new(engage_migrations::FOLDER).join(folder).join(file)).unwrap()
}

async fn found(store: &SqliteStore, email: &str) -> u64 {
    let filter =
        CaseFilter { participant_email: vec![email.parse().unwrap()], ..CaseFilter::default() };
    store.count_cases(&filter).await.unwrap()
}

#[tokio::test]
async fn participants_who_were_stored_before_are_found_unless_they_are_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("engage.db");
    let store = SqliteStore::attach(&path).unwrap();
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
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection.batch_execute(&migration("down.sql")).unwrap();
    connection.batch_execute(&migration("up.sql")).unwrap();
    assert_eq!(found(&store, "ann@x.example").await, 2);
    assert_eq!(found(&store, "bob@xn--bcher-kva.example").await, 3);
}
