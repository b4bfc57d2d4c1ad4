use std::collections::HashSet;
use std::time::Duration;

use engage_domain::notify::NotificationStatus;
use engage_domain::{Channel, NotificationId};
use engage_repository::{Claim, ClaimOutcome, NotificationTotals};

use crate::builders::{a_claim, a_fresh_id, a_message_to, a_phone_number, an_opened};
use crate::contract::Store;
use crate::contract::delivery::{
    SHORT, a_message_that_is, a_moment, announce, claim_when_due, dead, enqueue, retry,
};
use crate::contract::store::LONG;

/// Less than [`a_moment`], since clocks round differently.
const A_WHILE: Duration = Duration::from_millis(3);

async fn oldest_due(store: &Store) -> Option<Duration> {
    store.notifications.oldest_due().await.expect("the oldest is looked for")
}

async fn totals(store: &Store) -> NotificationTotals {
    store.notifications.sum_up_notifications().await.expect("notifications are summed up")
}

pub async fn an_unknown_notification_is_not_found(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let stranger = NotificationId::from_u128(a_fresh_id());
    assert_eq!(store.notifications.find_notification(stranger).await.unwrap(), None);
}

pub async fn a_notification_shows_its_status(store: &Store) {
    use NotificationStatus as S;
    for (sequence, status) in (1..).zip(S::ALL) {
        let id = a_message_that_is(store, *status, sequence, "a@x.example").await;
        let message = store.notification(id).await;
        assert_eq!(message.status, *status);
        assert_eq!(message.attempts, u32::from(*status != S::Cancelled), "{status}");
        let has_ended = !matches!(status, S::Pending | S::InFlight);
        assert_eq!(message.finished_at.is_some(), has_ended, "{status}");
        assert_eq!(message.next_attempt_at.is_none(), has_ended, "{status}");
        let went_wrong = matches!(status, S::Pending | S::Dead | S::Cancelled);
        assert_eq!(message.last_error.is_some(), went_wrong, "{status}");
        if let Some(finished_at) = message.finished_at {
            assert!(finished_at >= message.created_at, "{status}");
        }
        if let Some(next) = message.next_attempt_at {
            let wait = next.since(message.created_at);
            assert!(wait >= LONG && wait < LONG + Duration::from_mins(5), "{status} {wait:?}");
        }
    }
}

pub async fn a_notification_shows_its_attempts_and_last_error(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let failures = ["421 too busy", "451 greylisted — später 🙁"];
    for (attempts, failure) in (1..).zip(failures) {
        let message = claim_when_due(store, LONG).await;
        let failed = ClaimOutcome::Retry { after: SHORT, reason: failure.to_owned() };
        assert!(store.complete(&message, failed).await);
        let shown = store.notification(message.id).await;
        assert_eq!((shown.attempts, shown.last_error.as_deref()), (attempts, Some(failure)));
    }
    let message = claim_when_due(store, LONG).await;
    assert_eq!(store.notification(message.id).await.attempts, 3);
    assert!(store.complete(&message, ClaimOutcome::Sent).await);
    let shown = store.notification(message.id).await;
    assert_eq!((shown.attempts, shown.last_error.as_deref()), (3, Some(failures[1])));
}

pub async fn an_empty_store_has_no_totals(store: &Store) {
    assert_eq!(totals(store).await, NotificationTotals::default());
}

pub async fn totals_count_notifications_by_status_and_channel(store: &Store) {
    use NotificationStatus as S;
    for (sequence, status) in (1..).zip(S::ALL) {
        a_message_that_is(store, *status, sequence, "a@x.example").await;
    }
    a_message_that_is(store, S::Dead, 11, "a@x.example").await;
    let text = || a_message_to(a_phone_number("+4989123456"));
    announce(store, an_opened(12), vec![text()]).await;
    announce(store, an_opened(13), vec![text()]).await;

    let mut expected = HashSet::from([(S::Pending, Channel::Sms, 2)]);
    for &status in S::ALL {
        let count = if status == S::Dead { 2 } else { 1 };
        expected.insert((status, Channel::Email, count));
    }
    let totals = totals(store).await;
    assert_eq!(totals.counts.len(), expected.len());
    assert_eq!(HashSet::from_iter(totals.counts), expected);
}

pub async fn totals_count_recently_accepted_and_dead_notifications(store: &Store) {
    use NotificationStatus as S;
    for (sequence, status) in (1..).zip(S::ALL) {
        a_message_that_is(store, *status, sequence, "a@x.example").await;
    }
    a_message_that_is(store, S::Sent, 11, "a@x.example").await;
    let totals = totals(store).await;
    assert_eq!((totals.delivered_last_hour, totals.failed_last_hour), (3, 1));
}

pub async fn an_empty_outbox_has_no_oldest_due_notification(store: &Store) {
    assert_eq!(oldest_due(store).await, None);
    for (sequence, status) in (1..).zip(NotificationStatus::ALL) {
        a_message_that_is(store, *status, sequence, "a@x.example").await;
    }
    assert_eq!(oldest_due(store).await, None);
}

pub async fn a_due_notification_has_an_age(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    a_moment().await;
    enqueue(store, 2, &["b@x.example"]).await;
    let first = oldest_due(store).await.expect("two are due");
    assert!(first >= A_WHILE, "{first:?}");
    assert_eq!(store.claim(10, LONG).await.len(), 2);
    assert_eq!(oldest_due(store).await, None);
}

pub async fn the_oldest_due_notification_is_found_in_every_channel(store: &Store) {
    announce(store, an_opened(1), vec![a_message_to(a_phone_number("+4989123456"))]).await;
    a_moment().await;
    assert!(oldest_due(store).await.expect("a text is due") >= A_WHILE);
    enqueue(store, 2, &["a@x.example"]).await;
    assert!(oldest_due(store).await.expect("both are due") >= A_WHILE);
    store.claim_due(Claim { channel: Channel::Sms, ..a_claim() }).await;
    assert!(oldest_due(store).await.is_some(), "the e-mail is due");
    store.claim_one(LONG).await;
    assert_eq!(oldest_due(store).await, None);
}

pub async fn a_retry_counts_as_due_from_its_time(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let message = store.claim_one(LONG).await;
    assert!(store.complete(&message, retry(SHORT)).await);
    a_moment().await;
    assert!(oldest_due(store).await.is_some());
    let message = store.claim_one(LONG).await;
    assert!(store.complete(&message, retry(LONG)).await);
    assert_eq!(oldest_due(store).await, None);
}

pub async fn a_notification_counts_as_due_since_its_claim_expired(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let message = store.claim_one(SHORT).await;
    a_moment().await;
    a_moment().await;
    assert!(oldest_due(store).await.expect("its claim expired") >= A_WHILE);
    assert!(store.complete(&message, dead()).await);
    assert_eq!(oldest_due(store).await, None);
}

async fn oldest_unsent(store: &Store) -> Vec<(Channel, Duration)> {
    let oldest = store.notifications.oldest_unsent().await.expect("the oldest are looked for");
    let totals = totals(store).await.oldest_unsent;
    assert_eq!(totals.iter().map(|one| one.0).collect::<Vec<_>>(), channels(&oldest));
    oldest
}

fn channels(oldest: &[(Channel, Duration)]) -> Vec<Channel> {
    oldest.iter().map(|one| one.0).collect()
}

pub async fn the_age_of_an_unsent_notification_ignores_deferrals(store: &Store) {
    assert_eq!(oldest_unsent(store).await, []);
    enqueue(store, 1, &["a@x.example"]).await;
    a_moment().await;
    let message = store.claim_one(LONG).await;
    assert!(oldest_unsent(store).await[0].1 >= A_WHILE, "it is in flight");
    assert!(store.complete(&message, retry(LONG)).await);
    enqueue(store, 2, &["b@x.example"]).await;
    let [(Channel::Email, age)] = oldest_unsent(store).await[..] else { panic!("one channel") };
    assert!(age >= A_WHILE, "its time was changed: {age:?}");
}

pub async fn the_age_of_unsent_notifications_is_reported_by_channel(store: &Store) {
    use NotificationStatus as S;
    for (sequence, status) in (1..).zip([S::Sent, S::Delivered, S::Dead, S::Cancelled]) {
        a_message_that_is(store, status, sequence, "a@x.example").await;
    }
    assert_eq!(oldest_unsent(store).await, []);
    let text = a_message_to(a_phone_number("+4989123456"));
    announce(store, an_opened(11), vec![text]).await;
    assert_eq!(channels(&oldest_unsent(store).await), [Channel::Sms]);
    enqueue(store, 12, &["a@x.example"]).await;
    assert_eq!(channels(&oldest_unsent(store).await), [Channel::Email, Channel::Sms]);
}

pub async fn a_channel_has_delivered_if_something_was_accepted_recently(store: &Store) {
    let has = async |channel, within| {
        store.notifications.has_delivered(channel, within).await.expect("it is looked for")
    };
    a_message_that_is(store, NotificationStatus::Dead, 1, "a@x.example").await;
    assert!(!has(Channel::Email, LONG).await);
    a_message_that_is(store, NotificationStatus::Sent, 2, "a@x.example").await;
    assert!(has(Channel::Email, LONG).await);
    assert!(!has(Channel::Webhook, LONG).await);
    a_moment().await;
    assert!(!has(Channel::Email, SHORT).await);
}
