//! Texts and numbers of rows that formats get wrong.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::json;

use super::{backed_up, quiet_server, restored, rows};
use crate::support::{Server, Store, a_case_of_somebody, on_both_stores};

on_both_stores! {
    texts_survive_byte_for_byte
    ten_thousand_rows_survive
}

/// Texts that look like the syntax of `COPY`, of SQL or of tar.
const TEXTS: &[&str] = &[
    "O'Brien \"the\" `quoted`",
    "back\\slash \\N \\. \\n \\t \\x00 \\\\",
    "\\N",
    "\\.",
    "NULL",
    "tab\there",
    "👩‍👩‍👧‍👦 🏳️‍🌈 e\u{301}",
    "{\"json\": [1, \"\\u0000\"]} {a,\"b\"}",
    "%00 \u{fffd} \u{10ffff} \u{2028}",
    "'; DROP TABLE cases; --",
];

async fn texts_survive_byte_for_byte(store: Store) {
    let server = Server::with_staff(store).await;
    let mut numbers = Vec::new();
    for text in TEXTS {
        let line = text.replace('\t', " ");
        let message = format!("{text}\n\n{text}\r\n.\n\\.\n{text}");
        let case = json!({
            "name": line, "email": "a@example.com", "organization": line, "subject": line,
            "message": message,
        });
        let number = server.open(&case).await;
        server.update(&number, &json!({"message": message, "isInternal": true})).await.ok();
        numbers.push(number);
    }
    // Absent optional texts stay absent.
    numbers.push(
        server
            .open(&json!({"name": "A", "email": "a@example.com", "subject": "s", "message": "m"}))
            .await,
    );
    let (workspace, token) = (server.workspace().clone(), server.token().to_owned());
    server.kill();
    let server = quiet_server(&workspace, &token).await;
    let (archive, _) = backed_up(&workspace, "with 'quote' \\ and ü.tar");
    let (elsewhere, _) = restored(store, &archive, &[]).await;
    let other = quiet_server(&elsewhere, &token).await;
    for number in numbers {
        let strip = |mut details: serde_json::Value| {
            details.as_object_mut().unwrap().remove("sla").unwrap();
            details
        };
        assert_eq!(strip(other.details(&number).await), strip(server.details(&number).await));
    }
}

async fn ten_thousand_rows_survive(store: Store) {
    let server = Server::with_staff(store).await;
    let case = a_case_of_somebody();
    let number = server.open(&case).await;
    let (workspace, token) = (server.workspace().clone(), server.token().to_owned());
    server.kill();
    store.execute(&workspace, &copies_of_the_case(store)).await;
    let (archive, report) = backed_up(&workspace, "b.tar");
    assert_eq!(rows(&report, "cases"), 10_001);
    let (elsewhere, _) = restored(store, &archive, &[]).await;
    let other = quiet_server(&elsewhere, &token).await;
    let listed = other.staff_get("/api/internal/support/cases?limit=1").await.ok();
    assert_eq!(listed["pagination"]["total"], 10_001);
    // The next numbers come after those of the copies.
    let opened: BTreeSet<String> =
        join_all((0..10).map(|_| other.open(&case))).await.into_iter().collect();
    assert_eq!(opened.len(), 10);
    assert!(!opened.contains(&number));
    let details = other.details(opened.first().unwrap()).await;
    assert_eq!(details["case"]["version"], 1);
}

/// Returns a statement that adds 10,000 copies of the only case, each with an id and a number of its
/// own.
fn copies_of_the_case(store: Store) -> String {
    let columns = "number_prefix, number_year, version, status, status_since, urgency, issue_type, \
        escalation_level, priority_score, created_at, last_activity, last_updated, \
        first_response_due, estimated_resolution, paused, customer_name, customer_email, \
        customer_type, subject, message";
    let (series, id) = match store {
        Store::Sqlite => (
            "(WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) \
             SELECT i FROM n)",
            "randomblob(16)",
        ),
        Store::Postgres => {
            ("(SELECT i FROM generate_series(1, 10000) AS n (i))", "gen_random_uuid()")
        }
    };
    format!(
        "INSERT INTO cases (id, number_sequence, {columns}) \
         SELECT {id}, number_sequence + n.i, {columns} FROM cases, {series} AS n"
    )
}
