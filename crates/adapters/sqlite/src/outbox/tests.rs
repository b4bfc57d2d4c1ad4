//! Work that the one writer thread is spared.

use std::sync::mpsc;
use std::time::Duration;

use engage_domain::Decision;
use engage_repository::{CaseRepository, ClaimOutcome, NotificationRepository, WebhookRepository};
use engage_testkit::builders::{
    a_change_set, a_claim, a_message, an_attempt, an_endpoint, an_opened, minutes_later, replied,
};
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::*;

/// Long enough for work that does not wait for the writer.
const PATIENCE: Duration = Duration::from_secs(30);

fn a_store() -> (SqliteStore, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (SqliteStore::serve(&folder.path().join("engage.db"), 2).unwrap(), folder)
}

async fn commit(store: &SqliteStore, decision: Decision, address: &str) {
    store.commit(a_change_set(decision, vec![a_message(address)])).await.unwrap();
}

/// Runs a statement on the writer's connection.
async fn run(store: &SqliteStore, statement: &'static str) {
    let run = store.writer().run(move |c| Ok(diesel::sql_query(statement).execute(c)?));
    run.await.unwrap();
}

/// Runs work while the writer thread is blocked.
async fn without_the_writer<T>(store: &SqliteStore, work: impl Future<Output = T>) -> T {
    let (release, released) = mpsc::channel::<()>();
    let (begin, has_begun) = oneshot::channel();
    let writer = store.writer().clone();
    let held = tokio::spawn(async move {
        writer
            .run(move |_| {
                begin.send(()).unwrap();
                // Ends with the sender.
                Ok(released.recv().is_err())
            })
            .await
    });
    has_begun.await.unwrap();
    let outcome = tokio::time::timeout(PATIENCE, work).await;
    drop(release);
    assert!(held.await.unwrap().unwrap());
    outcome.expect("it does not wait for the writer")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_costs_the_writer_nothing_if_none_is_due() {
    let (store, _folder) = a_store();
    let look = without_the_writer(&store, store.claim_due(a_claim()));
    assert_eq!(look.await.unwrap(), []);

    commit(&store, an_opened(1), "a@x.example").await;
    store.stop_channel(Channel::Email, "535 who are you").await.unwrap();
    let look = without_the_writer(&store, store.claim_due(a_claim()));
    assert_eq!(look.await.unwrap(), [], "the first trial delivery is due in a minute");
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_that_wait_for_others_in_flight_cost_the_writer_nothing() {
    let (store, _folder) = a_store();
    let opened = an_opened(1);
    let case = opened.case.clone();
    commit(&store, opened, "a@x.example").await;
    commit(&store, replied(&case, "It works.", minutes_later(1)), "a@x.example").await;
    assert_eq!(store.claim_due(a_claim()).await.unwrap().len(), 1);
    let look = without_the_writer(&store, store.claim_due(a_claim()));
    assert_eq!(look.await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_changes_nothing_costs_the_writer_nothing() {
    let (store, _folder) = a_store();
    let endpoint = an_endpoint();
    store.add_endpoint(&endpoint).await.unwrap();
    let note = without_the_writer(&store, store.note_delivery(endpoint.id, true));
    assert_eq!(note.await.unwrap(), Duration::ZERO);

    store.note_delivery(endpoint.id, false).await.unwrap();
    run(&store, "UPDATE webhook_endpoints SET failing_since = failing_since - 60000").await;
    let note = without_the_writer(&store, store.note_delivery(endpoint.id, false));
    assert!(note.await.unwrap() >= Duration::from_mins(1));
    assert_eq!(store.note_delivery(endpoint.id, true).await.unwrap(), Duration::ZERO);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_delivery_waits_for_a_notification() {
    let (store, _folder) = a_store();
    store.stop_channel(Channel::Email, "535 who are you").await.unwrap();
    run(&store, "UPDATE channels SET probe_due_at = probe_due_at - 60000").await;
    assert_eq!(store.claim_due(a_claim()).await.unwrap(), []);

    for (sequence, address) in [(1, "a@x.example"), (2, "b@x.example")] {
        commit(&store, an_opened(sequence), address).await;
    }
    let [trial] = &store.claim_due(a_claim()).await.unwrap()[..] else {
        panic!("one message is a trial delivery")
    };
    assert!(trial.is_trial);
    assert_eq!(store.claim_due(a_claim()).await.unwrap(), [], "the next is due in a minute");
    store.complete(vec![an_attempt(trial, ClaimOutcome::Sent)]).await.unwrap();
    store.start_channel(Channel::Email).await.unwrap();
    let [message] = &store.claim_due(a_claim()).await.unwrap()[..] else {
        panic!("the other message is due")
    };
    assert!(!message.is_trial);
}

#[tokio::test]
async fn chosen_notifications_that_another_claimed_are_not_claimed() {
    let (store, _folder) = a_store();
    commit(&store, an_opened(1), "a@x.example").await;
    let choose = || store.readers().read(|connection| Ok(claim::choose(connection, &a_claim())?));
    let chosen = [choose().await.unwrap(), choose().await.unwrap()];
    let mut taken = Vec::new();
    for chosen in chosen {
        assert!(!chosen.is_empty());
        let take = move |c: &mut _| Ok(claim::take(c, Channel::Email, &chosen, 60_000)?);
        taken.push(!store.writer().write(take).await.unwrap().is_empty());
    }
    assert_eq!(taken, [true, false]);
}

/// Makes all times look as if the clock had been two hours ahead.
const AHEAD: &[&str] = &[
    "UPDATE clock SET seen_at = seen_at + 7200000",
    "UPDATE notifications SET due_at = due_at + 7200000, created_at = created_at + 7200000,
        finished_at = finished_at + 7200000",
    "UPDATE channels SET probe_due_at = probe_due_at + 7200000",
];

#[tokio::test]
async fn a_clock_that_was_set_back_delays_nothing_by_more_than_a_minute() {
    let (store, folder) = a_store();
    commit(&store, an_opened(1), "a@x.example").await;
    let message = store.claim_due(a_claim()).await.unwrap().remove(0);
    let after = Duration::from_mins(5);
    let end = ClaimOutcome::Retry { after, reason: "451".to_owned() };
    assert_eq!(store.complete(vec![an_attempt(&message, end)]).await.unwrap(), [true]);
    commit(&store, an_opened(2), "b@x.example").await;
    store.stop_channel(Channel::Sms, "20003").await.unwrap();
    for statement in AHEAD {
        run(&store, statement).await;
    }
    drop(store);

    let store = SqliteStore::serve(&folder.path().join("engage.db"), 2).unwrap();
    // The time is stored periodically. What was due is due within that period.
    let is_due = async {
        while store.claim_due(a_claim()).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), is_due).await.expect("what was due is due");
    let (shown, _) = store.find_notification(message.id).await.unwrap().unwrap();
    let wait = shown.next_attempt_at.unwrap().as_millis() - now();
    assert!((240_000..=301_000).contains(&wait), "its distance is kept: {wait}");
    assert!(shown.created_at.as_millis() <= now());
    let trial = "SELECT probe_due_at FROM channels WHERE channel = 'SMS'";
    let select: Sql<BigInt> = Sql::prepared(trial, []);
    let trial: i64 = store.readers().read(|c| Ok(select.get_result(c)?)).await.unwrap();
    assert!(trial - now() <= 61_000, "{trial}");
}

#[tokio::test]
async fn a_clock_that_advances_changes_no_pending_notification() {
    let (store, folder) = a_store();
    commit(&store, an_opened(1), "a@x.example").await;
    let message = store.claim_due(a_claim()).await.unwrap().remove(0);
    let end = ClaimOutcome::Retry { after: Duration::from_mins(5), reason: "451".to_owned() };
    assert_eq!(store.complete(vec![an_attempt(&message, end)]).await.unwrap(), [true]);
    let before = store.find_notification(message.id).await.unwrap().unwrap().0;
    run(&store, "UPDATE clock SET seen_at = seen_at - 7200000").await;
    drop(store);
    let store = SqliteStore::serve(&folder.path().join("engage.db"), 2).unwrap();
    assert_eq!(store.find_notification(message.id).await.unwrap().unwrap().0, before);
}
