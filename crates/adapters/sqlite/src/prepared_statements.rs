//! Frequent statements are prepared once per connection, and find their rows by an index. One that diesel
//! does not cache, or that scans a table, costs the one writer thread more than everything else, and no
//! other test would show it.

use std::collections::HashSet;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use diesel::connection::InstrumentationEvent;
use diesel::prelude::*;
use diesel::sql_types::Text;
use engage_domain::{Address, Channel, Timestamp};
use engage_repository::{
    Admission, Budget, CaseQueries, CaseRepository, Claim, ClaimOutcome, DeliveryReport, DueCases,
    NotificationRepository, OutboxRepository, UpdatesWanted, WebhookRepository,
};
use engage_testkit::builders::{
    a_change_set, a_claim, a_message, an_attempt, an_email_address, an_endpoint, an_opened,
};

use crate::store::SqliteStore;

/// Statements that ran on a connection, and those that are cached.
#[derive(Clone, Default)]
struct Statements {
    run: Arc<Mutex<HashSet<String>>>,
    cached: Arc<Mutex<HashSet<String>>>,
}

impl Statements {
    fn note(&self, event: &InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { query, .. } => {
                let query = query.to_string();
                let text = query.split_once(" -- binds").map_or(&*query, |(text, _)| text);
                self.run.lock().unwrap().insert(text.to_owned());
            }
            InstrumentationEvent::CacheQuery { sql, .. } => {
                self.cached.lock().unwrap().insert((*sql).to_owned());
            }
            _ => {}
        }
    }
}

/// Returns a store with one connection.
async fn a_store() -> (SqliteStore, Statements) {
    let store = SqliteStore::in_memory().unwrap();
    let statements = Statements::default();
    let noted = statements.clone();
    let listen = store.writer().run(move |connection| {
        connection.set_instrumentation(move |event: InstrumentationEvent<'_>| noted.note(&event));
        Ok(())
    });
    listen.await.unwrap();
    (store, statements)
}

fn address() -> Address {
    an_email_address("a@x.example")
}

/// Runs the statements of deliveries, of due cases, and of reading a case.
async fn a_round(store: &SqliteStore) {
    for sequence in [1, 2] {
        let messages = vec![a_message("a@x.example")];
        store.commit(a_change_set(an_opened(sequence), messages)).await.unwrap();
    }
    let budget = Budget { key: [7; 32], most: 9, within: Duration::from_hours(1), share: None };
    let ends = [
        ClaimOutcome::Released,
        ClaimOutcome::Retry { after: Duration::ZERO, reason: "451".to_owned() },
        ClaimOutcome::Sent,
        ClaimOutcome::Dead { reason: "550".to_owned() },
    ];
    let mut last = None;
    for end in ends {
        let claim = Claim { limit: NonZeroU32::MIN, ..a_claim() };
        let message = store.claim_due(claim).await.unwrap().remove(0);
        assert_eq!(store.find_suppression(&message.address.clone().into()).await.unwrap(), None);
        assert_eq!(store.admit(message.id, vec![budget]).await.unwrap(), Admission::Granted);
        let ended = vec![an_attempt(&message, end)];
        assert_eq!(store.complete(ended).await.unwrap(), [true]);
        store.report(message.id, DeliveryReport::Delivered).await.unwrap();
        last = Some(message.id);
        assert!(store.find_notification(message.id).await.unwrap().is_some());
    }
    let given_up = last.unwrap();
    assert!(store.send_again(given_up).await.unwrap());
    assert_eq!(store.cancel(&address(), "erased").await.unwrap(), 1);
    store.stop_channel(Channel::Sms, "20003").await.unwrap();
    store.start_channel(Channel::Sms).await.unwrap();
    store.suppress(&address(), "bounced").await.unwrap();
    store.oldest_due().await.unwrap();
    let number = an_opened(1).case.number().clone();
    let wanted = UpdatesWanted::LATEST;
    assert!(store.find_case_progress(&number, &wanted).await.unwrap().is_some());
    assert!(store.find_case_details(&number, &wanted).await.unwrap().is_some());
    let late = Timestamp::MAX;
    let due = store.list_due_cases(late, None, NonZeroU32::MIN).await.unwrap().remove(0);
    let rest = store.list_due_cases(late, Some(due), NonZeroU32::MIN).await.unwrap();
    assert_eq!(rest.len(), 1);
    let endpoint = an_endpoint();
    store.add_endpoint(&endpoint).await.unwrap();
    for succeeded in [false, true] {
        store.note_delivery(endpoint.id, succeeded).await.unwrap();
    }
}

fn is_transaction(statement: &str) -> bool {
    ["BEGIN", "COMMIT", "ROLLBACK"].iter().any(|word| statement.starts_with(word))
}

#[tokio::test]
async fn frequent_statements_are_prepared_once_per_connection() {
    let (store, statements) = a_store().await;
    a_round(&store).await;
    let run = statements.run.lock().unwrap().clone();
    let cached = statements.cached.lock().unwrap().clone();
    assert!(run.iter().any(|statement| statement.contains("UPDATE notifications")));
    let uncached: Vec<_> = run.difference(&cached).filter(|text| !is_transaction(text)).collect();
    assert_eq!(uncached, [""; 0]);
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[tokio::test]
async fn no_frequent_statement_scans_notifications_or_cases() {
    let (store, statements) = a_store().await;
    a_round(&store).await;
    let run = statements.run.lock().unwrap().clone();
    let explain = store.writer().run(move |connection| {
        for statement in run.iter().filter(|text| !is_transaction(text)) {
            let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}"))
                .load(connection)
                .unwrap();
            for Step { detail } in steps {
                let table = detail.strip_prefix("SCAN ").unwrap_or_default();
                let whole = ["message", "notifications", "sent", "first", "before", "earlier"];
                let of_cases = ["events", "cases", "updates", "attachments", "escalations"];
                let is_whole = whole.iter().chain(&of_cases).any(|t| table == *t);
                assert!(!is_whole, "{detail}: {statement}");
                assert!(!detail.contains("TEMP B-TREE FOR ORDER"), "{detail}: {statement}");
            }
        }
        Ok(())
    });
    explain.await.unwrap();
}
