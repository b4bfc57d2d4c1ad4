//! Behaviour of deliveries over time. Times in rows are shifted instead of waiting.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use engage_domain::Channel;
use engage_postgres::{DnsResolver, PostgresStore};
use engage_repository::{
    Admission, Budget, CaseRepository, ClaimOutcome, ClaimedMessage, DeliveryReport,
    NotificationRepository, OutboxRepository, WebhookRepository,
};
use engage_testkit::builders::{
    a_change_set, a_claim, a_message, an_attempt, an_endpoint, an_opened,
};

use crate::migrated;

/// A store, and another connection to the same database.
struct Desk {
    store: PostgresStore,
    connection: AsyncPgConnection,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

impl Desk {
    async fn open() -> Self {
        let url = migrated().await;
        let store = PostgresStore::open(&url, 4, &DnsResolver::system()).await.unwrap();
        let connection = AsyncPgConnection::establish(&url).await.unwrap();
        Self { store, connection }
    }

    async fn number(&mut self, select: &str) -> i64 {
        let select = diesel::sql_query(select);
        let found: Number = select.get_result(&mut self.connection).await.unwrap();
        found.number
    }

    /// Changes rows. Fails if there are none.
    async fn shift(&mut self, update: &str) {
        let shifted = diesel::sql_query(update).execute(&mut self.connection).await.unwrap();
        assert_ne!(shifted, 0, "{update}");
    }

    /// Makes the next trial delivery due.
    async fn let_a_minute_pass(&mut self) {
        self.shift(
            "UPDATE channels SET probe_due_at = probe_due_at - interval '1 minute'
             WHERE channel = 'EMAIL' AND stopped_at IS NOT NULL",
        )
        .await;
    }

    /// Returns the number of seconds until the next trial delivery is due.
    async fn next_trial(&mut self) -> i64 {
        let select = "SELECT extract(epoch FROM probe_due_at - now())::bigint AS number
             FROM channels WHERE channel = 'EMAIL'";
        self.number(select).await
    }

    /// Opens a case with a notification to each address.
    async fn announce(&self, sequence: u64, addresses: &[&str]) {
        let messages = addresses.iter().map(|to| a_message(to)).collect();
        self.store.commit(a_change_set(an_opened(sequence), messages)).await.unwrap();
    }

    async fn stop(&self, reason: &str) {
        self.store.stop_channel(Channel::Email, reason).await.unwrap();
    }

    async fn claim(&self) -> Vec<ClaimedMessage> {
        self.store.claim_due(a_claim()).await.unwrap()
    }

    async fn complete(&self, message: &ClaimedMessage, completion: ClaimOutcome) {
        let done = self.store.complete(vec![an_attempt(message, completion)]).await;
        assert_eq!(done.unwrap(), [true]);
    }

    /// Returns all notifications that concurrent claims get.
    async fn claim_all_at_once(&self) -> Vec<ClaimedMessage> {
        let claims = (0..8).map(|_| {
            let store = self.store.clone();
            tokio::spawn(async move { store.claim_due(a_claim()).await.unwrap() })
        });
        let mut claimed = Vec::new();
        for claim in claims.collect::<Vec<_>>() {
            claimed.extend(claim.await.unwrap());
        }
        claimed
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_channel_gives_one_trial_delivery_a_minute_to_concurrent_claims() {
    let mut desk = Desk::open().await;
    desk.announce(1, &["a@x.example", "b@x.example", "c@x.example"]).await;
    desk.stop("535").await;
    let mut tried = Vec::new();
    for _ in 0..3 {
        assert_eq!(desk.claim_all_at_once().await, []);
        desk.let_a_minute_pass().await;
        let claimed = desk.claim_all_at_once().await;
        let [trial] = &claimed[..] else { panic!("{claimed:?}") };
        assert!(trial.is_trial);
        let reason = "535 authentication failed".to_owned();
        desk.complete(trial, ClaimOutcome::Deferred { after: Duration::ZERO, reason }).await;
        tried.push(trial.address.to_string());
    }
    tried.sort();
    assert_eq!(tried, ["a@x.example", "b@x.example", "c@x.example"], "each by another message");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_a_trial_delivery_restarted_gives_all_due_notifications() {
    let mut desk = Desk::open().await;
    desk.announce(1, &["a@x.example", "b@x.example", "c@x.example"]).await;
    desk.stop("535").await;
    desk.let_a_minute_pass().await;
    let trial = desk.claim().await.remove(0);
    desk.complete(&trial, ClaimOutcome::Sent).await;
    desk.store.start_channel(Channel::Email).await.unwrap();
    let claimed = desk.claim().await;
    assert_eq!(claimed.len(), 2);
    assert!(claimed.iter().all(|message| !message.is_trial));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_trial_delivery_is_due_in_a_minute() {
    let mut desk = Desk::open().await;
    desk.announce(1, &["a@x.example"]).await;
    desk.stop("535").await;
    assert!((30..=60).contains(&desk.next_trial().await));
    desk.let_a_minute_pass().await;
    assert!(desk.next_trial().await <= 0);
    assert_eq!(desk.claim().await.len(), 1);
    assert!((30..=60).contains(&desk.next_trial().await));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_is_stopped_again_does_not_delay_its_trial_delivery() {
    let mut desk = Desk::open().await;
    desk.announce(1, &["a@x.example"]).await;
    desk.stop("535").await;
    desk.let_a_minute_pass().await;
    desk.stop("530").await;
    assert!(desk.claim().await.remove(0).is_trial);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_delivery_waits_for_a_due_notification() {
    let mut desk = Desk::open().await;
    desk.stop("535").await;
    desk.let_a_minute_pass().await;
    assert_eq!(desk.claim().await, []);
    desk.announce(1, &["a@x.example", "b@x.example"]).await;
    let claimed = desk.claim().await;
    assert_eq!(claimed.iter().map(|message| message.is_trial).collect::<Vec<_>>(), [true]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claimed_notification_does_not_use_up_the_trial_delivery() {
    let mut desk = Desk::open().await;
    desk.announce(1, &["a@x.example"]).await;
    let message = desk.claim().await.remove(0);
    desk.stop("535").await;
    desk.let_a_minute_pass().await;
    assert_eq!(desk.claim().await, []);
    desk.complete(&message, ClaimOutcome::Released).await;
    let trial = desk.claim().await.remove(0);
    assert_eq!((trial.id, trial.is_trial), (message.id, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_of_the_last_hour_exclude_earlier_notifications() {
    let mut desk = Desk::open().await;
    desk.announce(1, &["a@x.example", "b@x.example", "c@x.example", "d@x.example"]).await;
    let claimed = desk.claim().await;
    let dead = || ClaimOutcome::Dead { reason: "550".to_owned() };
    for (message, end) in
        claimed.iter().zip([ClaimOutcome::Sent, dead(), ClaimOutcome::Sent, dead()])
    {
        desk.complete(message, end).await;
    }
    for message in &claimed[..2] {
        let address = &message.address;
        desk.shift(&format!(
            "UPDATE notifications SET finished_at = finished_at - interval '61 minutes'
             WHERE address = '{address}'"
        ))
        .await;
    }
    let totals = desk.store.sum_up_notifications().await.unwrap();
    assert_eq!((totals.delivered_last_hour, totals.failed_last_hour), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivered_notification_counts_from_when_it_was_accepted() {
    let mut desk = Desk::open().await;
    desk.announce(1, &["a@x.example"]).await;
    let first = desk.claim().await.remove(0);
    desk.complete(&first, ClaimOutcome::Sent).await;
    desk.shift("UPDATE notifications SET finished_at = finished_at - interval '61 minutes'").await;
    assert!(desk.store.report(first.id, DeliveryReport::Delivered).await.unwrap());
    assert_eq!(desk.store.sum_up_notifications().await.unwrap().delivered_last_hour, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_is_available_again_after_an_hour() {
    let mut desk = Desk::open().await;
    desk.announce(1, &["a@x.example", "b@x.example"]).await;
    let claimed = desk.claim().await;
    let budget = Budget { key: [7; 32], most: 1, within: Duration::from_hours(1), share: None };
    let (store, first, second) = (desk.store.clone(), claimed[0].id, claimed[1].id);
    assert_eq!(store.admit(first, vec![budget]).await.unwrap(), Admission::Granted);
    desk.shift("UPDATE budget_uses SET minute = minute - 58").await;
    let Admission::Exhausted { free_in } = store.admit(second, vec![budget]).await.unwrap() else {
        panic!("the hour is not over");
    };
    assert!(free_in <= Duration::from_mins(2), "{free_in:?}");
    desk.shift("UPDATE budget_uses SET minute = minute - 2").await;
    assert_eq!(store.admit(second, vec![budget]).await.unwrap(), Admission::Granted);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_due_notification_is_the_one_that_has_waited_longest() {
    let mut desk = Desk::open().await;
    desk.announce(1, &["a@x.example"]).await;
    desk.announce(2, &["b@x.example"]).await;
    desk.shift(
        "UPDATE notifications SET due_at = due_at - interval '90 minutes'
         WHERE address = 'a@x.example'",
    )
    .await;
    let oldest = desk.store.oldest_due().await.unwrap().unwrap();
    let expected = Duration::from_mins(90)..Duration::from_mins(95);
    assert!(expected.contains(&oldest), "{oldest:?}");
    assert_eq!(desk.claim().await[0].address.to_string(), "a@x.example");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_has_failed_for_days_is_reported() {
    let mut desk = Desk::open().await;
    let endpoint = an_endpoint();
    desk.store.add_endpoint(&endpoint).await.unwrap();
    desk.store.note_delivery(endpoint.id, false).await.unwrap();
    desk.shift("UPDATE webhook_endpoints SET failing_since = failing_since - interval '5 days'")
        .await;
    let failing = desk.store.note_delivery(endpoint.id, false).await.unwrap();
    assert!(failing >= Duration::from_hours(5 * 24), "{failing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_with_an_unknown_template_is_left_to_others() {
    let mut desk = Desk::open().await;
    desk.announce(1, &["a@x.example", "b@x.example", "c@x.example"]).await;
    desk.shift(
        "UPDATE notifications SET template = 'case-merged-customer' WHERE address = 'a@x.example'",
    )
    .await;
    let claimed = desk.claim().await;
    let mut addresses: Vec<_> = claimed.iter().map(|one| one.address.to_string()).collect();
    addresses.sort();
    assert_eq!(addresses, ["b@x.example", "c@x.example"]);
    desk.shift(
        "UPDATE notifications SET template = 'case-received-customer'
         WHERE status = 'PENDING' AND attempts = 0 AND address = 'a@x.example'",
    )
    .await;
    assert_eq!(desk.claim().await.len(), 1, "it was not touched");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_notification_is_given_up_and_blocks_no_other() {
    let mut desk = Desk::open().await;
    desk.announce(1, &["a@x.example", "b@x.example", "c@x.example"]).await;
    desk.shift("UPDATE notifications SET digest = '12' WHERE address = 'a@x.example'").await;
    desk.shift("UPDATE notifications SET address = 'nobody' WHERE address = 'b@x.example'").await;
    let claimed = desk.claim().await;
    let addresses: Vec<_> = claimed.iter().map(|one| one.address.to_string()).collect();
    assert_eq!(addresses, ["c@x.example"]);
    for (reason, address) in [("digest", "a@x.example"), ("address", "nobody")] {
        desk.shift(&format!(
            "UPDATE notifications SET digest = NULL
             WHERE address = '{address}' AND status = 'DEAD' AND finished_at IS NOT NULL
                 AND last_error = 'the stored {reason} is not valid'"
        ))
        .await;
    }
    assert_eq!(desk.claim().await, []);
}
