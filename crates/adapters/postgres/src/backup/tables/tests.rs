use std::collections::BTreeSet;

use engage_outbound::DnsResolver;
use engage_testkit::postgres::cluster;

use super::*;
use crate::backup::PostgresBackup;
use crate::backup::session::connect;
use crate::store::PostgresStore;

/// Tables that are not copied: the migrations fill the first two, and counts of requests are worth
/// nothing after a minute.
const LEFT_OUT: [&str; 3] =
    ["__diesel_schema_migrations", "schema_compatibility", "request_counts"];

const ALL: &str = "
    SELECT relname::text FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm', 'S', 'f')";

const REFERENCES: &str = "
    SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
    WHERE contype = 'f' AND conrelid <> confrelid";

async fn migrated() -> Client {
    let url = cluster().empty_database().await;
    PostgresStore::migrate(&url, &DnsResolver::system()).await.unwrap();
    connect(&PostgresBackup::new(&url, &DnsResolver::system()).unwrap().connector).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_and_sequence_is_copied_or_left_out_for_a_reason() {
    let client = migrated().await;
    let rows = client.query(ALL, &[]).await.unwrap();
    let existing: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
    let known = COPIED.iter().chain(&LEFT_OUT).map(|name| (*name).to_owned());
    assert_eq!(existing, known.collect());
    let copied: Vec<String> =
        of(&client).await.unwrap().into_iter().map(|table| table.name).collect();
    assert_eq!(copied, COPIED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_filled_after_those_that_it_refers_to() {
    let client = migrated().await;
    let place = |name: &str| COPIED.iter().position(|copied| *copied == name).unwrap();
    let rows = client.query(REFERENCES, &[]).await.unwrap();
    assert!(rows.len() > 5);
    for row in rows {
        let (from, to): (&str, &str) = (row.get(0), row.get(1));
        assert!(place(to) < place(from), "{from} refers to {to}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn generated_columns_are_left_to_the_database() {
    let tables = of(&migrated().await).await.unwrap();
    let cases = tables.iter().find(|table| table.name == "cases").unwrap();
    let has = |column: &str| cases.columns.iter().any(|known| known == column);
    assert!(has("status") && !has("status_rank") && !has("urgency_rank"));
    let updates = tables.iter().find(|table| table.name == "updates").unwrap();
    let statement = updates.copy_out();
    assert!(statement.starts_with("COPY (SELECT \"id\", "), "{statement}");
    assert!(statement.ends_with(" FROM \"updates\" ORDER BY \"id\") TO STDOUT"), "{statement}");
}

#[test]
fn names_are_quoted() {
    assert_eq!(list(&["a".to_owned(), "b\"; --".to_owned()]), "\"a\", \"b\"\"; --\"");
}
