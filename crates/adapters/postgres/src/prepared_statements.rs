//! Frequent statements are prepared once per connection. One that diesel does not cache costs another
//! round trip each time, and no other test would show it.

use std::num::NonZeroU32;
use std::time::Duration;

use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use engage_domain::{Actor, Case, Timestamp};
use engage_outbound::DnsResolver;
use engage_repository::{
    Admission, Budget, CaseQueries, CaseRepository, ClaimOutcome, DueCases, OutboxRepository,
    StoreHealth, UpdatesWanted,
};
use engage_testkit::builders::{
    a_change_set, a_claim, a_message, a_staff_member, an_attempt, an_opened, assigned,
    minutes_later, replied,
};
use engage_testkit::postgres::cluster;

use crate::store::PostgresStore;

#[derive(diesel::QueryableByName, Debug, PartialEq, Eq)]
struct Prepared {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    statement: String,
}

/// Returns a store with one connection.
async fn store() -> PostgresStore {
    let migrate =
        async |url: String| PostgresStore::migrate(&url, &DnsResolver::system()).await.unwrap();
    PostgresStore::open(&cluster().database(migrate).await, 1, &DnsResolver::system())
        .await
        .unwrap()
}

/// Returns the prepared statements of the one connection, except for this query.
async fn prepared(store: &PostgresStore) -> Vec<Prepared> {
    let query = "SELECT name, statement FROM pg_prepared_statements
        WHERE statement NOT LIKE '%pg_prepared_statements%' ORDER BY name";
    let load = async |c: &mut _| diesel::sql_query(query).load(c).await;
    store.connections().run(load).await.unwrap()
}

async fn commit(store: &PostgresStore, decision: engage_domain::Decision) -> Case {
    let case = decision.case.clone();
    let messages = vec![a_message("john@example.com")];
    store.commit(a_change_set(decision, messages)).await.unwrap();
    case
}

/// Opens a case, changes it twice, reads it, and delivers its notifications.
async fn a_round(store: &PostgresStore, sequence: u64) {
    let member = a_staff_member("staff-123");
    let case = commit(store, an_opened(sequence)).await;
    let case = commit(store, replied(&case, "It works.", minutes_later(1))).await;
    let case = commit(store, assigned(&case, Some(&member), Actor::System, minutes_later(2))).await;
    assert!(store.find_case(case.number()).await.unwrap().is_some());
    assert!(
        store.find_case_details(case.number(), &UpdatesWanted::LATEST).await.unwrap().is_some()
    );
    assert!(
        store.find_case_progress(case.number(), &UpdatesWanted::LATEST).await.unwrap().is_some()
    );
    for _ in 0..3 {
        let claimed = store.claim_due(a_claim()).await.unwrap();
        let [message] = &claimed[..] else { panic!("one message is due") };
        let budget =
            Budget { key: [7; 32], most: 100, within: Duration::from_hours(1), share: None };
        assert_eq!(store.find_suppression(&message.address.clone().into()).await.unwrap(), None);
        assert_eq!(store.admit(message.id, vec![budget]).await.unwrap(), Admission::Granted);
        let attempt = an_attempt(message, ClaimOutcome::Sent);
        assert_eq!(store.complete(vec![attempt]).await.unwrap(), [true]);
    }
    let due = store.list_due_cases(Timestamp::MAX, None, NonZeroU32::MIN).await.unwrap().remove(0);
    store.list_due_cases(Timestamp::MAX, Some(due), NonZeroU32::MIN).await.unwrap();
    store.check().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn frequent_statements_are_prepared_once_per_connection() {
    let store = store().await;
    engage_repository::StaffRepository::add_staff(&store, &a_staff_member("staff-123"))
        .await
        .unwrap();
    a_round(&store, 1).await;
    let once = prepared(&store).await;
    let count = |part: &str| once.iter().filter(|one| one.statement.contains(part)).count();
    for part in ["INSERT INTO cases", "UPDATE cases", "FROM suppressed_addresses"] {
        assert_eq!(count(part), 1, "{part}: {once:#?}");
    }
    assert_ne!(count("SELECT \"cases\""), 0, "{once:#?}");
    // The case as staff and as customers see it; claim, admission and completion; the first due cases
    // and the next ones.
    for (part, expected) in [("json_agg", 2), ("UPDATE notifications", 3), ("next_target_at <=", 2)]
    {
        assert_eq!(count(part), expected, "{part}: {once:#?}");
    }
    for sequence in 2..=5 {
        a_round(&store, sequence).await;
    }
    assert_eq!(prepared(&store).await, once);
}
