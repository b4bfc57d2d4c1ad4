use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::num::NonZeroU32;
use std::path::PathBuf;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::query_builder::{QueryFragment, QueryId};
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use diesel_migrations::MigrationHarness;
use engage_domain::sla::ServiceAlert;
use engage_domain::{CaseId, Decision, Status, Timestamp};
use engage_migrations::SQLITE as MIGRATIONS;
use engage_repository::{
    CaseFilter, CaseNumbers, CaseQueries, CaseRepository, ClaimOutcome, DueCases, OutboxRepository,
    RepositoryError, SearchIndex, SearchWords, StaffRepository,
};
use engage_testkit::builders::{
    a_case_number, a_change_set, a_claim, a_message, a_staff_member, an_attempt, an_opened,
    cancelled, in_status, minutes_later, replied,
};
use tempfile::TempDir;

use super::*;
use crate::connection::open_for_writing;
use crate::error::WorkResult;
use crate::schema;
use crate::search::write_words;
use crate::writer::in_transaction;

fn a_file() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep").join("engage.db");
    (folder, path)
}

fn statements(migration: &str) -> String {
    let folder = Path::new(engage_migrations::FOLDER).join("sqlite");
    fs::read_to_string(folder.join(migration)).unwrap()
}

async fn commit(store: &SqliteStore, decision: Decision) -> Result<(), RepositoryError> {
    store.commit(a_change_set(decision, Vec::new())).await
}

#[tokio::test]
async fn a_reopened_file_has_all_commits_and_continues_the_numbers() {
    let (_folder, path) = a_file();
    let store = SqliteStore::serve(&path, 2).unwrap();
    commit(&store, an_opened(41)).await.unwrap();
    drop(store);
    let store = SqliteStore::serve(&path, 2).unwrap();
    assert!(store.find_case(&a_case_number(41)).await.unwrap().is_some());
    assert_eq!(store.draw(a_case_number(41).year()).await.unwrap(), 42);
}

#[tokio::test]
async fn cases_from_before_the_search_are_found() {
    let (_folder, path) = a_file();
    let store = SqliteStore::serve(&path, 2).unwrap();
    commit(&store, an_opened(1)).await.unwrap();
    drop(store);
    let mut connection = open_for_writing(&url_of(&path)).unwrap();
    connection.batch_execute("DELETE FROM case_words; DELETE FROM case_search").unwrap();
    drop(connection);
    let store = SqliteStore::serve(&path, 2).unwrap();
    let subject = an_opened(1).case.facts().subject.to_string();
    let filter = CaseFilter { search: Some(subject.parse().unwrap()), ..CaseFilter::default() };
    assert_eq!(store.count_cases(&filter).await.unwrap(), 1);
}

#[tokio::test]
async fn words_of_an_earlier_version_are_renewed_and_none_is_lost() {
    let store = SqliteStore::in_memory().unwrap();
    for sequence in 1..=5 {
        let opened = an_opened(sequence);
        let case = opened.case.clone();
        commit(&store, opened).await.unwrap();
        commit(&store, replied(&case, "It is the proxy.", minutes_later(1))).await.unwrap();
    }
    store
        .writer()
        .run(|connection| {
            let old = "
                UPDATE case_words SET number = '', subject = '', customer = '', conversation = 'old';
                UPDATE case_search SET version = 1";
            Ok(connection.batch_execute(old)?)
        })
        .await
        .unwrap();
    let found = async |text: &str| {
        let filter = CaseFilter { search: Some(text.parse().unwrap()), ..CaseFilter::default() };
        store.count_cases(&filter).await.unwrap()
    };
    let limit = NonZeroU32::new(3).unwrap();
    assert_eq!(store.renew_words(limit).await.unwrap(), 3);
    assert_eq!((found("old").await, found("proxy").await, found("005").await), (2, 3, 1));
    assert_eq!(store.renew_words(limit).await.unwrap(), 2);
    assert_eq!(store.renew_words(limit).await.unwrap(), 0);
    assert_eq!((found("old").await, found("proxy dashboard").await), (0, 5));
}

#[tokio::test]
async fn cases_from_before_the_alerts_are_due_once_and_get_no_alerts_for_the_past() {
    let (_folder, path) = a_file();
    let store = SqliteStore::serve(&path, 2).unwrap();
    // Opened in 2025, so that everything is late. One is on hold, one cancelled.
    let held = an_opened(2);
    let held_since = in_status(&held.case, Status::OnHold, minutes_later(5));
    let ended = an_opened(3);
    let end = cancelled(&ended.case, minutes_later(5));
    for decision in [an_opened(1), held, held_since, ended, end] {
        commit(&store, decision).await.unwrap();
    }
    drop(store);
    let mut connection = open_for_writing(&url_of(&path)).unwrap();
    // The later migration has an index on columns of the earlier one.
    for migration in [
        "20261128185000_more_filters/down.sql",
        "20261123010000_service_targets/down.sql",
        "20261123010000_service_targets/up.sql",
        "20261128185000_more_filters/up.sql",
    ] {
        connection.batch_execute(&statements(migration)).unwrap();
    }
    drop(connection);

    let store = SqliteStore::serve(&path, 2).unwrap();
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

#[test]
fn the_words_of_a_transaction_are_gathered_once() {
    let mut connection = open_migrated(":memory:", Path::new(":memory:")).unwrap();
    connection.batch_execute("PRAGMA foreign_keys = OFF").unwrap();
    let words = SearchWords { subject: vec!["login".to_owned()], ..SearchWords::default() };
    in_transaction(&mut connection, |connection| {
        for id in 1..=3 {
            write_words(connection, CaseId::from_u128(id).into(), &(&words).into())?;
        }
        Ok(())
    })
    .unwrap();
    let segments = "SELECT DISTINCT CAST(segid AS TEXT) AS name FROM case_words_idx";
    assert_eq!(names(&mut connection, segments).len(), 1);
}

#[tokio::test]
async fn a_second_server_on_a_file_is_rejected_until_the_first_is_gone() {
    let (_folder, path) = a_file();
    let first = SqliteStore::serve(&path, 2).unwrap();
    let refusal = SqliteStore::serve(&path, 2).err().unwrap();
    assert!(matches!(refusal, OpenError::InUse(_)), "{refusal}");
    drop(first);
    SqliteStore::serve(&path, 2).unwrap();
}

#[tokio::test]
async fn a_server_delivers_at_once_what_an_earlier_one_had_claimed() {
    let (_folder, path) = a_file();
    let store = SqliteStore::serve(&path, 2).unwrap();
    let message = a_message("john@example.com");
    store.commit(a_change_set(an_opened(1), vec![message.clone()])).await.unwrap();
    let lost = store.claim_due(a_claim()).await.unwrap().remove(0);
    // A short command beside the server releases no claims.
    drop(SqliteStore::attach(&path).unwrap());
    assert_eq!(store.claim_due(a_claim()).await.unwrap(), []);
    drop(store);
    let store = SqliteStore::serve(&path, 2).unwrap();
    let late = vec![an_attempt(&lost, ClaimOutcome::Sent)];
    assert_eq!(store.complete(late).await.unwrap(), [false]);
    let again = store.claim_due(a_claim()).await.unwrap().remove(0);
    assert_eq!((again.id, again.attempt), (message.id, 2));
}

#[tokio::test]
async fn a_short_command_writes_beside_a_server() {
    let (_folder, path) = a_file();
    let server = SqliteStore::serve(&path, 2).unwrap();
    let command = SqliteStore::attach(&path).unwrap();
    let member = a_staff_member("staff-1");
    command.add_staff(&member).await.unwrap();
    assert_eq!(server.find_staff(&member.id).await.unwrap(), Some(member));
    commit(&server, an_opened(1)).await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_not_a_database_is_rejected() {
    let (_folder, path) = a_file();
    prepare(&path).unwrap();
    fs::write(&path, "not a database, but longer than a header would be: ".repeat(20)).unwrap();
    assert!(matches!(SqliteStore::serve(&path, 1), Err(OpenError::Connect { .. })));
}

#[tokio::test]
async fn a_full_disk_fails_commits_loses_none_and_is_recovered_from() {
    let (_folder, path) = a_file();
    let store = SqliteStore::serve(&path, 2).unwrap();
    // SQLite refuses to grow the file beyond this, as on a full disk.
    limit_pages(&store, 120).await;
    let mut committed = Vec::new();
    let failure = loop {
        let sequence = committed.len() as u64 + 1;
        match commit(&store, an_opened(sequence)).await {
            Ok(()) => committed.push(sequence),
            Err(failure) => break failure,
        }
    };
    assert!(matches!(failure, RepositoryError::Unavailable(_)), "{failure:?}");
    assert!(!committed.is_empty());
    for &sequence in &committed {
        assert!(store.find_case(&a_case_number(sequence)).await.unwrap().is_some());
    }
    let refused = committed.len() as u64 + 1;
    assert_eq!(store.find_case(&a_case_number(refused)).await.unwrap(), None);
    limit_pages(&store, 100_000).await;
    commit(&store, an_opened(refused)).await.unwrap();
}

async fn limit_pages(store: &SqliteStore, pages: u32) {
    let pragma = format!("PRAGMA max_page_count = {pages}");
    let limited = store.writer().run(move |connection| Ok(connection.batch_execute(&pragma)?));
    limited.await.unwrap();
}

#[tokio::test]
async fn a_panic_during_a_write_fails_only_its_caller() {
    let store = SqliteStore::in_memory().unwrap();
    let outcome = store.writer().run(|_| -> WorkResult<()> { panic!("on purpose") });
    assert!(matches!(outcome.await, Err(RepositoryError::Unavailable(_))));
    commit(&store, an_opened(1)).await.unwrap();
}

#[test]
fn every_migration_can_be_reverted_and_run_again() {
    let mut connection = open_for_writing(":memory:").unwrap();
    connection.run_pending_migrations(MIGRATIONS).unwrap();
    let tables = table_names(&mut connection);
    connection.revert_all_migrations(MIGRATIONS).unwrap();
    assert_eq!(table_names(&mut connection), [""; 0]);
    connection.run_pending_migrations(MIGRATIONS).unwrap();
    assert_eq!(table_names(&mut connection), tables);
}

#[test]
fn audit_entries_cannot_be_changed_and_audit_values_only_erased() {
    let mut connection = open_for_writing(":memory:").unwrap();
    connection.run_pending_migrations(MIGRATIONS).unwrap();
    let entry = "
        INSERT INTO audit_entries (position, id, at, actor_kind, action, fields, hash)
        VALUES (1, zeroblob(16), 0, 'SYSTEM', 'server.started', '', zeroblob(32));
        INSERT INTO audit_values (entry_id, salt, details) VALUES (zeroblob(16), zeroblob(32), '{}')";
    connection.batch_execute(entry).unwrap();
    for statement in [
        "UPDATE audit_entries SET subject = 'another'",
        "DELETE FROM audit_entries",
        "UPDATE audit_values SET details = ''",
    ] {
        let refusal = connection.batch_execute(statement).unwrap_err().to_string();
        assert!(refusal.contains("audit"), "{statement}: {refusal}");
    }
    connection.batch_execute("DELETE FROM audit_values").unwrap();
    let base = "UPDATE audit_base SET position = 1; DELETE FROM audit_entries";
    connection.batch_execute(base).unwrap();
}

#[test]
fn an_earlier_program_cannot_bring_a_machine_back_as_a_person() {
    let mut connection = open_for_writing(":memory:").unwrap();
    connection.run_pending_migrations(MIGRATIONS).unwrap();
    let machine = "
        INSERT INTO staff (id, name, email, role, created_at, deactivated_at, service)
        VALUES ('gateway', 'Gateway', 'gateway@service.invalid', 'AGENT', 0, 0, '{}')";
    connection.batch_execute(machine).unwrap();
    for change in ["deactivated_at = NULL", "role = 'ADMIN'"] {
        let refusal = connection.batch_execute(&format!("UPDATE staff SET {change}")).unwrap_err();
        assert!(refusal.to_string().contains("CHECK"), "{change}: {refusal}");
    }
    connection.batch_execute("UPDATE staff SET name = 'Mail gateway'").unwrap();
}

#[test]
fn checks_of_rows_need_no_ephemeral_table() {
    let mut connection = open_for_writing(":memory:").unwrap();
    connection.run_pending_migrations(MIGRATIONS).unwrap();
    for table in ["cases", "events", "updates", "notifications", "case_search"] {
        let query = format!("EXPLAIN INSERT INTO {table} DEFAULT VALUES");
        let steps = opcodes(&mut connection, &query);
        assert!(!steps.contains(&"OpenEphemeral".to_owned()), "{table}: {steps:?}");
    }
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    opcode: String,
}

fn opcodes(connection: &mut SqliteConnection, query: &str) -> Vec<String> {
    let steps: Vec<Step> = diesel::sql_query(query).load(connection).unwrap();
    steps.into_iter().map(|step| step.opcode).collect()
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

fn names(connection: &mut SqliteConnection, query: &str) -> Vec<String> {
    let rows: Vec<Name> = diesel::sql_query(query).load(connection).unwrap();
    rows.into_iter().map(|row| row.name).collect()
}

fn table_names(connection: &mut SqliteConnection) -> Vec<String> {
    names(
        connection,
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
         AND name NOT LIKE '__diesel%' AND name NOT LIKE 'case_words%' ORDER BY name",
    )
}

/// Returns the columns that diesel expects a table to have.
fn declared<T: QueryFragment<Sqlite> + QueryId>(table: T) -> Vec<String> {
    let query = diesel::debug_query::<Sqlite, _>(&table).to_string();
    let (columns, _) = query.split_once(" FROM ").unwrap();
    let last_names = columns.split(", ").map(|column| column.rsplit('`').nth(1).unwrap());
    last_names.map(str::to_owned).collect()
}

/// Tables that only written-out statements use.
const WRITTEN_OUT: [&str; 16] = [
    "access_codes",
    "audit_base",
    "audit_entries",
    "audit_values",
    "budget_uses",
    "case_former_addresses",
    "case_participant_addresses",
    "case_tags",
    "clock",
    "erased_suppressions",
    "person_erasures",
    "refusals",
    "schema_compatibility",
    "suppressed_addresses",
    "tag_names",
    "tags",
];

#[test]
fn the_schema_that_diesel_knows_is_the_migrated_one() {
    use engage_sql::schema as shared;

    let mut connection = open_for_writing(":memory:").unwrap();
    connection.run_pending_migrations(MIGRATIONS).unwrap();
    let mut known = BTreeMap::new();
    macro_rules! know {
        ($module:ident: $($table:ident)+) => {
            $(
                let select = $module::$table::table.select($module::$table::all_columns);
                known.insert(stringify!($table).to_owned(), declared(select));
            )+
        };
    }
    know!(
        shared: staff staff_tokens removed_tokens cases events updates attachments escalations
        notifications idempotency_keys webhook_endpoints directory uploads case_search
        organizations organization_domains contacts contact_emails participant_codes
    );
    know!(schema: channels delivery_attempts);
    let feed = declared(schema::feed::table.select(schema::feed::all_columns));
    known.entry("events".to_owned()).or_default().extend(feed);
    let searched = schema::searched_cases::table.select(schema::searched_cases::all_columns);
    known.entry("case_search".to_owned()).or_default().extend(declared(searched));
    for (table, columns) in &mut known {
        let query = format!("SELECT name FROM pragma_table_xinfo('{table}')");
        let found = BTreeSet::from_iter(names(&mut connection, &query));
        assert_eq!(BTreeSet::from_iter(std::mem::take(columns)), found, "{table}");
    }
    let mut tables: Vec<_> = known.into_keys().collect();
    tables.extend(WRITTEN_OUT.map(str::to_owned));
    tables.sort_unstable();
    assert_eq!(table_names(&mut connection), tables);
}
