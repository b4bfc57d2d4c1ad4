//! Every statement of the adapter finds its rows by an index.
//!
//! The statements are those of the whole contract, recorded as they run, so that new ones are included
//! automatically. SQLite plans without statistics, which are never gathered, so a plan for empty tables
//! is the plan for full ones.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{LazyLock, Mutex};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::prelude::*;
use diesel::sql_types::Text;
use engage_sqlite::SqliteStore;

use crate::contract::FOLDER;
use crate::contract::in_a_file::keep_every_promise;

/// Tables, or parts of tables, that stay small, with the reason.
const SMALL: [(&str, &str); 11] = [
    ("staff", "as many rows as members"),
    ("channels", "a row per channel"),
    ("webhook_endpoints", "as many rows as endpoints"),
    ("directory", "one row"),
    ("clock", "one row"),
    ("audit_base", "one row"),
    ("refusals", "the refusals of a channel since its last success"),
    ("__diesel_schema_migrations", "a row a migration"),
    ("case_search USING INDEX case_search_old", "what is to be made anew, by a partial index"),
    (
        "cases USING INDEX cases_with_participants",
        "cases with participants, by a partial index, when a person is erased",
    ),
    ("notifications USING INDEX notifications_held_back", "what is held back, by a partial index"),
];

/// Statements that may scan a table, by their first words, with the reason.
const WHOLE: [(&str, &str); 16] = [
    ("SELECT c.number_prefix", "a list: in the order of an index, until the page is full"),
    ("SELECT message.id, cases.number_prefix", "a list: in the order of the ids, until it is full"),
    (
        "SELECT channel, address, reason, created_at FROM suppressed_addresses",
        "a list: in the order of its key, until the page is full",
    ),
    (
        "SELECT `cases`.`id` FROM `cases` ORDER BY",
        "in the order of an index, until the batch is full",
    ),
    ("SELECT position, hash FROM audit_entries ORDER BY position DESC LIMIT 1", "the last entry"),
    ("WITH run AS (", "in the order of its key, until the batch is full"),
    ("SELECT count(*) FROM cases c", "a count of what fits, remembered for a while"),
    ("SELECT count(*) FROM notifications", "a count of what fits"),
    ("SELECT status, channel, count(*) FROM notifications", "a count of all"),
    ("SELECT count(*) FROM suppressed_addresses", "a count of all"),
    ("SELECT coalesce(tags.merged_into", "a count of all active cases, at most once a minute"),
    ("SELECT id, name, created_at FROM tags", "a list: in the order of an index, until it is full"),
    ("SELECT count(*) FROM tags", "a count of what fits"),
    ("UPDATE notifications SET status = 'PENDING', due_at = ?", "once, at the start of a server"),
    (
        "SELECT id, version, emails, name, phone, organization_id",
        "a list: in the order of its key, until the page is full",
    ),
    (
        "SELECT id, version, name, domains, customer_type",
        "a list: in the order of its key, until the page is full",
    ),
];

static SEEN: LazyLock<Mutex<BTreeSet<String>>> = LazyLock::new(Mutex::default);

/// Recorder of the statements of one connection, if it is to a file of the contract. Other tests of
/// this process, whose statements are their own, open connections too.
#[derive(Default)]
struct Recorder {
    is_of_contract: bool,
}

impl Instrumentation for Recorder {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => {
                self.is_of_contract = url.contains(FOLDER);
            }
            InstrumentationEvent::StartQuery { query, .. } if self.is_of_contract => {
                let query = query.to_string();
                let text = query.split(" -- binds").next().unwrap_or_default();
                SEEN.lock().unwrap().insert(text.to_owned());
            }
            _ => {}
        }
    }
}

// The type that diesel requires.
#[allow(clippy::unnecessary_wraps)]
fn recorder() -> Option<Box<dyn Instrumentation>> {
    Some(Box::<Recorder>::default())
}

fn is_planned(statement: &str) -> bool {
    let first = statement.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    // For an empty list diesel writes a condition that is never true. SQLite shows a scan for it.
    ["SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"].contains(&&*first)
        && !statement.ends_with("WHERE (1=0)")
}

/// Returns whether a scan is of this table, or by this index of it.
fn is_part_of(small: &str, scan: &str) -> bool {
    scan.strip_prefix(small).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct Table {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Returns the table of the store to which a name in a statement refers, if any.
fn table_of<'a>(statement: &'a str, name: &str, tables: &BTreeSet<String>) -> Option<&'a str> {
    let words = |c: char| !(c.is_alphanumeric() || c == '_');
    let words: Vec<&str> = statement.split(words).filter(|word| !word.is_empty()).collect();
    let calls = |pair: &[&str]| tables.contains(pair[0]) && pair[1] == name;
    let plain: Vec<&str> =
        words.iter().copied().filter(|word| !word.eq_ignore_ascii_case("as")).collect();
    if tables.contains(name) {
        return plain.iter().copied().find(|word| *word == name);
    }
    plain.windows(2).find(|pair| calls(pair)).map(|pair| pair[0])
}

/// Returns the tables that a statement scans.
fn read_whole(
    connection: &mut SqliteConnection,
    statement: &str,
    tables: &BTreeSet<String>,
) -> BTreeSet<String> {
    let plan = diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}"));
    let steps: Vec<Step> =
        plan.load(connection).unwrap_or_else(|error| panic!("{error}: {statement}"));
    let mut whole = BTreeSet::new();
    for Step { detail } in steps {
        let Some(rest) = detail.strip_prefix("SCAN ") else { continue };
        // A full-text table is always scanned. The rest tells by which index, if not as a whole.
        if rest.contains(" VIRTUAL TABLE INDEX 0:") && !rest.ends_with(':') {
            continue;
        }
        let name = rest.split(' ').next().unwrap_or_default();
        if let Some(table) = table_of(statement, name, tables) {
            whole.insert(rest.replacen(name, table, 1));
        }
    }
    whole
}

#[tokio::test(flavor = "multi_thread")]
async fn no_statement_scans_a_table_that_grows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("engage.db");
    drop(SqliteStore::serve(&path, 1).unwrap());
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let names = diesel::sql_query("SELECT name FROM sqlite_schema WHERE type = 'table'");
    let names: Vec<Table> = names.load(&mut connection).unwrap();
    let tables: BTreeSet<_> = names.into_iter().map(|table| table.name).collect();

    set_default_instrumentation(recorder).unwrap();
    keep_every_promise().await;
    let statements: Vec<_> =
        SEEN.lock().unwrap().iter().filter(|text| is_planned(text)).cloned().collect();
    assert!(statements.len() > 100, "the contract runs many statements: {}", statements.len());

    let mut faults = BTreeMap::new();
    for statement in &statements {
        let mut whole = read_whole(&mut connection, statement, &tables);
        whole.retain(|scan| !SMALL.iter().any(|(small, _)| is_part_of(small, scan)));
        let is_meant = WHOLE.iter().any(|(part, _)| statement.trim_start().starts_with(part));
        if !whole.is_empty() && !is_meant {
            faults.insert(statement, whole);
        }
    }
    assert!(faults.is_empty(), "{} of {}: {faults:#?}", faults.len(), statements.len());
}
