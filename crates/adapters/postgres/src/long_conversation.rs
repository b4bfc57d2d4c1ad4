//! A page of a long conversation is read by an index, without reading other pages.

use diesel::sql_types::{Nullable, Text};
use diesel_async::RunQueryDsl;
use engage_outbound::DnsResolver;
use engage_repository::{CaseRepository, UpdatesWanted};
use engage_testkit::builders::{a_change_set, an_opened};
use engage_testkit::postgres::cluster;

use crate::details::{ALL, PUBLIC, Scope, newest};
use crate::sql::Sql;
use crate::store::PostgresStore;

/// Fills two cases with 10,000 updates each. One in a hundred is public, and one in two has a file.
const FILL: [&str; 4] = [
    "INSERT INTO events (id, case_id, sequence, type, timestamp, actor_kind, visibility, changes,
         snapshot)
     SELECT gen_random_uuid(), cases.id, place, 'case.updated', now(), 'CUSTOMER', 'PUBLIC', '[]', '{}'
     FROM cases, generate_series(2, 10001) AS place",
    "INSERT INTO updates (id, case_id, sequence, position, timestamp, author_kind, visibility, message)
     SELECT gen_random_uuid(), case_id, sequence, 0, now(), 'CUSTOMER',
         CASE sequence % 100 WHEN 0 THEN 'PUBLIC' ELSE 'INTERNAL' END, 'A message'
     FROM events WHERE sequence > 1",
    "INSERT INTO attachments (id, update_id, position, filename, content_type, size, hash)
     SELECT gen_random_uuid(), id, 0, 'a', 'text/plain', 1, sha256('a')
     FROM updates WHERE sequence % 2 = 0",
    "ANALYZE",
];

/// Returns the plan of a statement for the newest 50 updates of the first case. The page is bound unless it
/// is written out.
async fn plan(store: &PostgresStore, statement: &str) -> String {
    let values = ["10002", "0", "51", "2025", "1", "'CW'"];
    let values = &values[values.len() - statement.matches('?').count()..];
    let mut statement =
        format!("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {statement}");
    for value in values {
        statement = statement.replacen('?', value, 1);
    }
    let explain: Sql<Nullable<Text>> = Sql::new(&statement);
    let load = async |c: &mut _| explain.load(c).await;
    let lines: Vec<Option<String>> = store.connections().run(load).await.unwrap();
    lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_a_long_conversation_is_read_by_an_index_alone() {
    let migrate =
        async |url: String| PostgresStore::migrate(&url, &DnsResolver::system()).await.unwrap();
    let store = PostgresStore::open(&cluster().database(migrate).await, 1, &DnsResolver::system())
        .await
        .unwrap();
    for sequence in [1, 2] {
        store.commit(a_change_set(an_opened(sequence), Vec::new())).await.unwrap();
    }
    for statement in FILL {
        let fill = async |c: &mut _| diesel::sql_query(statement).execute(c).await;
        store.connections().run(fill).await.unwrap();
    }
    let page = UpdatesWanted { before: None, limit: UpdatesWanted::PAGE, view: None };
    for (statement, index) in [
        (&**PUBLIC, "updates_public"),
        (&**ALL, "updates_case_id_sequence"),
        (newest(Scope::Public(None), &page).unwrap(), "updates_public"),
        (newest(Scope::All, &page).unwrap(), "updates_case_id_sequence"),
    ] {
        let plan = plan(&store, statement).await;
        assert!(plan.contains(&format!("Index Scan Backward using {index}")), "{plan}");
        assert!(plan.contains("actual rows=51 ") || plan.contains("actual rows=51.00 "), "{plan}");
        for waste in ["Seq Scan on updates", "Seq Scan on attachments"] {
            assert!(!plan.contains(waste), "{plan}");
        }
        // The other one of the two cases may be read in vain, but no other row.
        let removed = plan.lines().filter_map(|line| line.split_once("Rows Removed by Filter: "));
        assert!(removed.map(|(_, count)| count).all(|count| count == "1"), "{plan}");
    }
}
