//! Every statement of the adapter finds its rows by an index, with tables of a realistic size.
//!
//! The statements are those of the whole contract, recorded as they run, so that new ones are included
//! automatically. Each has to have a good generic plan, which is used for all values.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{LazyLock, Mutex};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use serde_json::Value;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use crate::contract::on_postgres::keep_every_promise;
use crate::migrated;

const TABLES: &str = include_str!("plans.sql");

/// Tables that stay small, or are scanned by design, with the reason.
const SMALL: [(&str, &str); 12] = [
    ("staff", "as many rows as members"),
    ("staff_tokens", "as many rows as tokens; found by their hash"),
    ("channels", "a row per channel"),
    ("webhook_endpoints", "as many rows as endpoints"),
    ("case_number_blocks", "a row a year"),
    ("unplaced_events", "emptied many times a second"),
    ("directory", "one row"),
    ("audit_base", "one row"),
    ("refusals", "the refusals of a channel since its last success"),
    ("removed_tokens", "a row a token that was removed"),
    ("schema_compatibility", "a row a contracting migration"),
    ("__diesel_schema_migrations", "a row a migration"),
];

/// Statements that may scan a table, by their first words, with the reason.
const WHOLE: [(&str, &str); 17] = [
    ("SELECT c.number_prefix", "lists are planned for their values, and measured by the benchmark"),
    ("SELECT coalesce(audit_entries.position", "a list: planned for its values"),
    ("SELECT message.id, cases.number_prefix", "a list: planned for its values"),
    ("SELECT count(*) FROM (SELECT case_id", "a count of what is found, remembered for a while"),
    ("SELECT count(*) FROM suppressed_addresses", "a count of all"),
    ("SELECT coalesce(tags.merged_into", "a count of all active cases, at most once a minute"),
    ("SELECT id, name, created_at FROM tags", "a list: planned for its values"),
    ("SELECT count(*) FROM tags", "a count of what fits"),
    ("DELETE FROM idempotency_keys WHERE key IN", "a batch, whose size is not known here"),
    ("DELETE FROM budget_uses WHERE (budget, minute) IN", "a batch, whose size is not known here"),
    ("UPDATE notifications\n        SET status = 'PENDING', attempts = 0", "a batch of a thousand"),
    ("SELECT EXISTS (\n        SELECT FROM notifications", "ends at the first that is found"),
    ("SELECT count(*) FROM cases", "a count of what fits, remembered for a while"),
    ("SELECT count(*) FROM notifications", "a count of what fits"),
    ("SELECT status, channel, count(*) FROM notifications", "a count of all"),
    (
        "SELECT id, version, emails, name, phone, organization_id",
        "a list: planned for its values, in the order of its key until the page is full",
    ),
    (
        "SELECT id, version, name, domains, customer_type",
        "a list: planned for its values, in the order of its key until the page is full",
    ),
];

static SEEN: LazyLock<Mutex<BTreeSet<String>>> = LazyLock::new(Mutex::default);

thread_local! {
    /// True on the threads of this test, which open its connections. The instrumentation of diesel is
    /// global to the process, and other tests run statements that the program never runs.
    static IS_NOTED: Cell<bool> = const { Cell::new(false) };
}

#[allow(clippy::needless_pass_by_value)] // The signature that diesel requires.
fn note(event: InstrumentationEvent<'_>) {
    if let InstrumentationEvent::StartQuery { query, .. } = event {
        let query = query.to_string();
        let text = query.split(" -- binds").next().unwrap_or_default();
        SEEN.lock().unwrap().insert(text.to_owned());
    }
}

fn noting() -> Option<Box<dyn Instrumentation>> {
    IS_NOTED.get().then(|| Box::new(note) as Box<dyn Instrumentation>)
}

fn is_planned(statement: &str) -> bool {
    let first = statement.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].contains(&&*first)
        && !statement.contains("pg_catalog")
}

async fn filled() -> Client {
    let (client, connection) = tokio_postgres::connect(&migrated().await, NoTls).await.unwrap();
    tokio::spawn(connection);
    for statement in TABLES.split(";\n").filter(|statement| !statement.trim().is_empty()) {
        client.batch_execute(statement).await.expect(statement);
    }
    client.batch_execute("SET plan_cache_mode = force_generic_plan").await.unwrap();
    client
}

/// Returns the generic plan of a statement.
async fn plan(client: &Client, statement: &str) -> Value {
    let parameters = client.prepare(statement).await.expect(statement);
    let types: Vec<_> = parameters.params().iter().map(ToString::to_string).collect();
    let (declared, values) = if types.is_empty() {
        (String::new(), String::new())
    } else {
        (format!("({})", types.join(", ")), format!("({})", vec!["NULL"; types.len()].join(", ")))
    };
    let prepare = format!("PREPARE planned{declared} AS {statement}");
    client.batch_execute(&prepare).await.expect(&prepare);
    let explain = format!("EXPLAIN (FORMAT JSON) EXECUTE planned{values}");
    let rows = client.simple_query(&explain).await.expect(statement);
    client.batch_execute("DEALLOCATE planned").await.unwrap();
    let text = rows.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    serde_json::from_str(text.unwrap()).unwrap()
}

/// Collects the tables that a plan scans.
fn read_whole(plan: &Value, found: &mut BTreeSet<String>) {
    match plan {
        Value::Array(parts) => parts.iter().for_each(|part| read_whole(part, found)),
        Value::Object(node) => {
            if node.get("Node Type").and_then(Value::as_str) == Some("Seq Scan") {
                found.extend(node["Relation Name"].as_str().map(ToOwned::to_owned));
            }
            node.values().for_each(|part| read_whole(part, found));
        }
        _ => {}
    }
}

#[test]
fn no_statement_scans_a_table_that_grows() {
    set_default_instrumentation(noting).unwrap();
    IS_NOTED.set(true);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .on_thread_start(|| IS_NOTED.set(true))
        .build()
        .unwrap();
    runtime.block_on(hold_every_statement_to_its_plan());
}

async fn hold_every_statement_to_its_plan() {
    keep_every_promise().await;
    let statements: Vec<_> =
        SEEN.lock().unwrap().iter().filter(|text| is_planned(text)).cloned().collect();
    assert!(statements.len() > 100, "the contract runs many statements: {}", statements.len());
    let client = filled().await;
    let mut faults = BTreeMap::new();
    for statement in &statements {
        let mut whole = BTreeSet::new();
        read_whole(&plan(&client, statement).await, &mut whole);
        whole.retain(|table| !SMALL.iter().any(|(small, _)| small == table));
        let is_meant = WHOLE.iter().any(|(part, _)| statement.trim_start().starts_with(part));
        if !whole.is_empty() && !is_meant {
            faults.insert(statement, whole);
        }
    }
    assert!(faults.is_empty(), "{} of {}: {faults:#?}", faults.len(), statements.len());
}
