//! Rules that every table follows, and migrations.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{QueryFragment, QueryId};
use diesel::sql_types::Text;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use engage_domain::sla::ServiceAlert;
use engage_domain::{Status, Timestamp};
use engage_postgres::{DnsResolver, OpenError, PostgresStore};
use engage_repository::{CaseFilter, CaseNumbers, CaseQueries, CaseRepository, DueCases};
use engage_sql::schema;
use engage_testkit::builders::{
    a_case_number, a_change_set, an_opened, cancelled, in_status, minutes_later,
};
use engage_testkit::postgres::cluster;

use crate::{migrated, statements};

#[derive(QueryableByName)]
struct Finding {
    #[diesel(sql_type = Text)]
    finding: String,
}

/// Runs a query on a migrated database, and returns its findings.
async fn findings(query: &str) -> Vec<String> {
    let mut connection = AsyncPgConnection::establish(&migrated().await).await.unwrap();
    let rows: Vec<Finding> = diesel::sql_query(query).load(&mut connection).await.unwrap();
    rows.into_iter().map(|row| row.finding).collect()
}

/// Returns the columns that diesel expects a table to have, each with the table.
fn declared<T: QueryFragment<Pg> + QueryId>(table: T) -> Vec<String> {
    let query = diesel::debug_query::<Pg, _>(&table).to_string();
    let (columns, _) = query.split_once(" FROM ").unwrap();
    columns.trim_start_matches("SELECT ").replace('"', "").split(", ").map(str::to_owned).collect()
}

/// Columns of the shared tables that only written-out statements use.
const WRITTEN_OUT: [&str; 4] = [
    "case_search.number_prefix",
    "case_search.number_sequence",
    "case_search.number_year",
    "case_search.words",
];

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_that_diesel_knows_is_the_migrated_one() {
    let mut known = BTreeSet::from(WRITTEN_OUT.map(str::to_owned));
    let mut tables = Vec::new();
    macro_rules! know {
        ($($table:ident)+) => {
            $(
                let select = schema::$table::table.select(schema::$table::all_columns);
                known.extend(declared(select));
                tables.push(concat!("'", stringify!($table), "'"));
            )+
        };
    }
    know!(
        staff staff_tokens removed_tokens cases events updates attachments escalations notifications
        idempotency_keys webhook_endpoints directory uploads case_search organizations
        organization_domains contacts contact_emails participant_codes person_erasures
    );
    let query = format!(
        "SELECT table_name || '.' || column_name AS finding FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name IN ({})",
        tables.join(", ")
    );
    assert_eq!(BTreeSet::from_iter(findings(&query).await), known);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_foreign_key_has_an_index() {
    let without_index = findings(
        "SELECT key.conrelid::regclass || ': ' || key.conname AS finding
         FROM pg_constraint AS key
         WHERE key.contype = 'f' AND NOT EXISTS (
             SELECT FROM pg_index AS index
             WHERE index.indrelid = key.conrelid
               -- A partial index serves only queries that repeat its condition.
               AND (index.indpred IS NULL
                   OR pg_get_expr(index.indpred, index.indrelid) LIKE '%IS NOT NULL)')
               AND (index.indkey::smallint[])[0:cardinality(key.conkey) - 1] @> key.conkey
         )",
    );
    assert_eq!(without_index.await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_time_has_a_time_zone() {
    let without_zone = findings(
        "SELECT table_name || '.' || column_name AS finding FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_diesel%'
           AND data_type IN ('timestamp without time zone', 'date', 'time without time zone')",
    );
    assert_eq!(without_zone.await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_closed_enumeration_is_checked() {
    let unchecked = findings(
        "SELECT columns.table_name || '.' || columns.column_name AS finding
         FROM information_schema.columns
         WHERE columns.table_schema = 'public'
           AND columns.column_name IN ('status', 'urgency', 'issue_type', 'customer_type', 'role',
               'visibility', 'actor_kind', 'author_kind', 'previous_urgency', 'new_urgency')
           AND NOT EXISTS (
               SELECT FROM information_schema.constraint_column_usage AS usage
               JOIN information_schema.check_constraints AS checks USING (constraint_name)
               WHERE usage.table_name = columns.table_name
                 AND usage.column_name = columns.column_name
           )",
    );
    assert_eq!(unchecked.await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_entries_cannot_be_changed_and_audit_values_only_erased() {
    let mut connection = AsyncPgConnection::establish(&migrated().await).await.unwrap();
    let entry = "
        INSERT INTO audit_entries (id, at, actor_kind, action, fields)
        VALUES ('00000000-0000-0000-0000-000000000001', now(), 'SYSTEM', 'server.started', '');
        INSERT INTO audit_values (entry_id, salt, details)
        VALUES ('00000000-0000-0000-0000-000000000001', sha256(''), '{}')";
    connection.batch_execute(entry).await.unwrap();
    let unsealed = [
        "UPDATE audit_entries SET subject = 'another'",
        "UPDATE audit_entries SET position = 1, hash = sha256(''), actor_kind = 'STAFF'",
        "DELETE FROM audit_entries",
        "TRUNCATE audit_entries",
        "UPDATE audit_values SET details = ''",
    ];
    let sealed =
        ["UPDATE audit_entries SET position = 2", "DELETE FROM audit_entries WHERE position = 1"];
    for statement in unsealed {
        assert_refused(&mut connection, statement).await;
    }
    let seal = "UPDATE audit_entries SET position = 1, hash = sha256('')";
    connection.batch_execute(seal).await.unwrap();
    for statement in sealed {
        assert_refused(&mut connection, statement).await;
    }
    connection.batch_execute("DELETE FROM audit_values").await.unwrap();
    let cut = "UPDATE audit_base SET position = 1; DELETE FROM audit_entries";
    connection.batch_execute(cut).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_program_cannot_bring_a_machine_back_as_a_person() {
    let mut connection = AsyncPgConnection::establish(&migrated().await).await.unwrap();
    let machine = "
        INSERT INTO staff (id, name, email, role, created_at, deactivated_at, service)
        VALUES ('gateway', 'Gateway', 'gateway@service.invalid', 'AGENT', now(), now(), '{}')";
    connection.batch_execute(machine).await.unwrap();
    for change in ["deactivated_at = NULL", "role = 'ADMIN'"] {
        let statement = format!("UPDATE staff SET {change}");
        let refusal = connection.batch_execute(&statement).await.unwrap_err().to_string();
        assert!(refusal.contains("staff_service"), "{statement}: {refusal}");
    }
    connection.batch_execute("UPDATE staff SET name = 'Mail gateway'").await.unwrap();
}

async fn assert_refused(connection: &mut AsyncPgConnection, statement: &str) {
    let refusal = connection.batch_execute(statement).await.unwrap_err().to_string();
    assert!(refusal.contains("audit"), "{statement}: {refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_tables_is_not_served() {
    let url = cluster().empty_database().await;
    assert!(matches!(
        PostgresStore::open(&url, 1, &DnsResolver::system()).await,
        Err(OpenError::Behind)
    ));
    PostgresStore::migrate(&url, &DnsResolver::system()).await.unwrap();
    PostgresStore::open(&url, 1, &DnsResolver::system()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn concurrent_migrations_run_once() {
    let url = cluster().empty_database().await;
    let migrations = (0..5).map(|_| {
        let url = url.clone();
        tokio::spawn(async move { PostgresStore::migrate(&url, &DnsResolver::system()).await })
    });
    for migration in migrations.collect::<Vec<_>>() {
        migration.await.unwrap().unwrap();
    }
    PostgresStore::open(&url, 1, &DnsResolver::system()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_from_before_the_search_are_found() {
    let url = migrated().await;
    let store = PostgresStore::open(&url, 1, &DnsResolver::system()).await.unwrap();
    let case = an_opened(1).case;
    store.commit(a_change_set(an_opened(1), Vec::new())).await.unwrap();
    let mut connection = AsyncPgConnection::establish(&url).await.unwrap();
    diesel::sql_query("DELETE FROM case_search").execute(&mut connection).await.unwrap();
    let search = Some(case.facts().subject.as_str().parse().unwrap());
    let filter = CaseFilter { search, ..CaseFilter::default() };
    assert_eq!(store.count_cases(&filter).await.unwrap(), 0);
    PostgresStore::migrate(&url, &DnsResolver::system()).await.unwrap();
    assert_eq!(store.count_cases(&filter).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_from_before_the_alerts_are_due_once_and_get_no_alerts_for_the_past() {
    let url = migrated().await;
    let store = PostgresStore::open(&url, 1, &DnsResolver::system()).await.unwrap();
    // Opened in 2025, so that everything is late. One is on hold, one cancelled.
    let late = an_opened(1);
    let held = an_opened(2);
    let held_since = in_status(&held.case, Status::OnHold, minutes_later(5));
    let ended = an_opened(3);
    let end = cancelled(&ended.case, minutes_later(5));
    for decision in [late, held, held_since, ended, end] {
        store.commit(a_change_set(decision, Vec::new())).await.unwrap();
    }
    let mut connection = AsyncPgConnection::establish(&url).await.unwrap();
    for migration in [
        "20261123011000_service_targets_due/down.sql",
        "20261123010000_service_targets/down.sql",
        "20261123010000_service_targets/up.sql",
        "20261123011000_service_targets_due/up.sql",
    ] {
        connection.batch_execute(&statements(migration)).await.unwrap();
    }
    drop(store);
    let store = PostgresStore::open(&url, 1, &DnsResolver::system()).await.unwrap();

    let limit = NonZeroU32::new(10).unwrap();
    let due = store.list_due_cases(Timestamp::MAX, None, limit).await.unwrap();
    let mut numbers: Vec<_> = due.into_iter().map(|case| case.number.sequence()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2]);
    for (sequence, resolution) in [(1, Some(ServiceAlert::Breach)), (2, None)] {
        let found = store.find_case(&a_case_number(sequence)).await.unwrap().unwrap();
        let facts = found.case.facts();
        let told = (facts.first_response_alert, facts.resolution_alert);
        assert_eq!(told, (Some(ServiceAlert::Breach), resolution), "{sequence}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_draws_of_numbers_leave_no_gap() {
    let store = PostgresStore::open(&migrated().await, 8, &DnsResolver::system()).await.unwrap();
    let draws = (0..96).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.draw(2026).await.unwrap() })
    });
    let mut places = Vec::new();
    for draw in draws.collect::<Vec<_>>() {
        places.push(draw.await.unwrap());
    }
    places.sort_unstable();
    assert_eq!(places, (1..=96).collect::<Vec<_>>());
}
