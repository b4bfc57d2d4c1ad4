use std::time::Duration;

use engage_domain::notify::NotificationStatus;
use engage_domain::{Address, Channel, NotificationId, Timestamp, WebhookId};
use engage_repository::{Claim, ClaimOutcome, DeadFilter, DeliveryReport, NotificationFilter};

use crate::builders::{
    a_claim, a_fresh_id, a_message_to, a_phone_number, an_email_address, an_opened,
};
use crate::contract::Store;
use crate::contract::audit::{actions, an_act};
use crate::contract::delivery::{
    SHORT, a_message_that_is, a_moment, cancelled, claim_when_due, dead, enqueue, retry,
};
use crate::contract::store::LONG;

async fn send_again_since(store: &Store, address: &Address, since: Timestamp) -> u64 {
    let address = Some(address.clone());
    send_dead_again(store, DeadFilter { since, channel: None, address, reason: None }).await
}

async fn send_dead_again(store: &Store, filter: DeadFilter) -> u64 {
    let sent = store.notifications.send_dead_again(&filter).await;
    sent.expect("notifications are resent")
}

/// Returns a time before any notification was created.
fn long_ago() -> Timestamp {
    Timestamp::from_millis(0)
}

pub async fn a_dead_or_cancelled_notification_can_be_resent(store: &Store) {
    for (sequence, end) in (1..).zip([dead(), cancelled()]) {
        enqueue(store, sequence, &["a@x.example"]).await;
        let first = store.claim_one(LONG).await;
        assert!(store.complete(&first, retry(SHORT)).await);
        let second = claim_when_due(store, LONG).await;
        assert!(store.complete(&second, end).await);
        assert!(store.send_again(first.id).await);
        let shown = store.notification(first.id).await;
        assert_eq!((shown.status, shown.attempts), (NotificationStatus::Pending, 0));
        assert_eq!(shown.finished_at, None);
        assert!(shown.next_attempt_at.is_some());
        let again = store.claim_one(LONG).await;
        assert_eq!((again.id, again.attempt), (first.id, 1));
        assert!(!store.complete(&second, ClaimOutcome::Sent).await, "its claim has ended");
        assert!(store.complete(&again, ClaimOutcome::Sent).await);
        assert_eq!(store.notification(first.id).await.status, NotificationStatus::Sent);
    }
}

pub async fn a_notification_that_failed_after_acceptance_can_be_resent(store: &Store) {
    let id = a_message_that_is(store, NotificationStatus::Sent, 1, "a@x.example").await;
    let failed = DeliveryReport::Failed { reason: "30006 landline".to_owned() };
    assert!(store.report(id, failed).await);
    assert!(store.send_again(id).await);
    assert_eq!(store.claim_one(LONG).await.id, id);
}

pub async fn an_unfinished_or_sent_notification_cannot_be_resent(store: &Store) {
    use NotificationStatus as S;
    for (sequence, status) in (1..).zip([S::Pending, S::InFlight, S::Sent, S::Delivered]) {
        let id = a_message_that_is(store, status, sequence, "a@x.example").await;
        let before = store.notification(id).await;
        assert!(!store.send_again(id).await, "{status}");
        assert_eq!(store.notification(id).await, before);
    }
    assert!(store.claim(10, LONG).await.is_empty());
}

pub async fn a_notification_is_resent_once(store: &Store) {
    let id = a_message_that_is(store, NotificationStatus::Dead, 1, "a@x.example").await;
    assert!(store.send_again(id).await);
    assert!(!store.send_again(id).await);
}

pub async fn an_unknown_notification_cannot_be_resent(store: &Store) {
    assert!(!store.send_again(NotificationId::from_u128(a_fresh_id())).await);
}

pub async fn all_dead_notifications_for_an_address_are_resent(store: &Store) {
    let mut given_up = Vec::new();
    for (sequence, status) in (1..).zip(NotificationStatus::ALL) {
        let id = a_message_that_is(store, *status, sequence, "a@x.example").await;
        if *status == NotificationStatus::Dead {
            given_up.push(id);
        }
    }
    given_up.push(a_message_that_is(store, NotificationStatus::Dead, 11, "a@x.example").await);
    let other = a_message_that_is(store, NotificationStatus::Dead, 12, "b@x.example").await;
    let before = store.listed(&NotificationFilter::default()).await;

    let address = an_email_address("a@x.example");
    assert_eq!(send_again_since(store, &address, long_ago()).await, 2);
    let mut claimed: Vec<_> = store.claim(10, LONG).await;
    claimed.sort_by_key(|message| message.id);
    assert!(claimed.iter().all(|message| message.attempt == 1));
    assert_eq!(claimed.iter().map(|message| message.id).collect::<Vec<_>>(), given_up);
    for summary in before {
        if !given_up.contains(&summary.id) {
            assert_eq!(store.notification(summary.id).await, summary);
        }
    }
    assert_eq!(store.notification(other).await.status, NotificationStatus::Dead);
    assert_eq!(send_again_since(store, &address, long_ago()).await, 0);
}

pub async fn notifications_dead_before_a_time_are_not_resent(store: &Store) {
    a_message_that_is(store, NotificationStatus::Dead, 1, "a@x.example").await;
    a_moment().await;
    let later = a_message_that_is(store, NotificationStatus::Dead, 2, "a@x.example").await;
    let since = store.notification(later).await.finished_at.expect("it is finished");
    let address = an_email_address("a@x.example");
    let after = since.plus(Duration::from_millis(1));
    assert_eq!(send_again_since(store, &address, after).await, 0);
    assert_eq!(send_again_since(store, &address, since).await, 1);
    assert_eq!(store.claim_one(LONG).await.id, later);
}

pub async fn nothing_is_resent_to_an_address_without_notifications(store: &Store) {
    a_message_that_is(store, NotificationStatus::Dead, 1, "a@x.example").await;
    for address in [an_email_address("b@x.example"), a_phone_number("+4989123456")] {
        assert_eq!(send_again_since(store, &address, long_ago()).await, 0);
    }
}

pub async fn dead_notifications_are_resent_by_channel_address_and_reason(store: &Store) {
    let endpoint = Address::Webhook(WebhookId::from_u128(7));
    let mut given_up = Vec::new();
    for (sequence, (address, reason)) in (1..).zip([
        (an_email_address("a@x.example"), "550 5.4.5 Daily Sending Limit — voll"),
        (an_email_address("b@x.example"), "550 no such user"),
        (a_phone_number("+4989123456"), "given up: Sending limit"),
        (endpoint.clone(), "given up: 500"),
    ]) {
        let message = a_message_to(address.clone());
        store.commit(an_opened(sequence), vec![message.clone()]).await.expect("it is opened");
        let claim = Claim { channel: address.channel(), ..a_claim() };
        let claimed = store.claim_due(claim).await.remove(0);
        let end = ClaimOutcome::Dead { reason: reason.to_owned() };
        assert!(store.complete(&claimed, end).await);
        given_up.push(message.id);
    }
    let all = DeadFilter { since: long_ago(), channel: None, address: None, reason: None };
    let reason = |text: &str| Some(text.to_owned());
    for (filter, expected) in [
        (DeadFilter { reason: reason("sending LIMIT"), ..all.clone() }, vec![0, 2]),
        (DeadFilter { reason: reason("— voll"), ..all.clone() }, vec![0]),
        (DeadFilter { reason: reason("%"), ..all.clone() }, vec![]),
        (DeadFilter { channel: Some(Channel::Email), ..all.clone() }, vec![0, 1]),
        (
            DeadFilter {
                channel: Some(Channel::Email),
                reason: reason("no such user"),
                ..all.clone()
            },
            vec![1],
        ),
        (DeadFilter { address: Some(endpoint.clone()), ..all.clone() }, vec![3]),
        (
            DeadFilter {
                channel: Some(Channel::Sms),
                address: Some(endpoint.clone()),
                ..all.clone()
            },
            vec![],
        ),
        (DeadFilter { since: Timestamp::MAX, ..all.clone() }, vec![]),
        (all.clone(), vec![0, 1, 2, 3]),
    ] {
        let count = send_dead_again(store, filter.clone()).await;
        assert_eq!(count, expected.len() as u64, "{filter:?}");
        for (place, id) in given_up.iter().enumerate() {
            let shown = store.notification(*id).await;
            let is_again = shown.status == NotificationStatus::Pending && shown.attempts == 0;
            assert_eq!(is_again, expected.contains(&place), "{place} by {filter:?}");
        }
        for channel in Channel::ALL {
            for message in store.claim_due(Claim { channel: *channel, ..a_claim() }).await {
                assert!(!message.is_asked_again, "it was not resent individually");
                let before = store.notification(message.id).await.last_error.expect("a reason");
                assert!(store.complete(&message, ClaimOutcome::Dead { reason: before }).await);
            }
        }
    }
}

pub async fn more_than_one_batch_can_be_resent(store: &Store) {
    let count = 1003;
    for sequence in 1..=3 {
        let to: Vec<_> = (0..=(count / 3)).map(|n| format!("a{n}@x.example")).collect();
        let to: Vec<_> = to.iter().map(String::as_str).collect();
        enqueue(store, sequence, &to).await;
    }
    let all = store.claim(2000, LONG).await;
    assert!(all.len() > 1000);
    for message in &all {
        assert!(store.complete(message, dead()).await);
    }
    let filter = DeadFilter { since: long_ago(), channel: None, address: None, reason: None };
    let written_down = store.acts.notifications(an_act("retry"));
    assert_eq!(written_down.send_dead_again(&filter).await.unwrap(), all.len() as u64);
    assert_eq!(send_dead_again(store, filter).await, 0);
    assert_eq!(actions(store).await, ["retry"], "one entry for any number of batches");
    assert_eq!(store.claim(2000, LONG).await.len(), all.len());
}

pub async fn an_individually_resent_notification_is_marked(store: &Store) {
    let id = a_message_that_is(store, NotificationStatus::Cancelled, 1, "a@x.example").await;
    assert!(store.send_again(id).await);
    let claimed = store.claim_one(LONG).await;
    assert!(claimed.is_asked_again);
    enqueue(store, 2, &["a@x.example"]).await;
    assert!(!store.claim_one(LONG).await.is_asked_again);
}
