use engage_domain::Address;
use engage_domain::notify::NotificationStatus;
use engage_repository::{ClaimOutcome, NotificationFilter};

use crate::builders::{a_message_to, a_phone_number, an_attempt, an_email_address, an_opened};
use crate::contract::Store;
use crate::contract::delivery::{
    SHORT, a_message_that_is, a_moment, announce, dead, enqueue, retry,
};
use crate::contract::store::LONG;

async fn cancel(store: &Store, address: &Address) -> u64 {
    let cancelled = store.notifications.cancel(address, "the endpoint was removed").await;
    cancelled.expect("notifications are cancelled")
}

fn a() -> Address {
    an_email_address("a@x.example")
}

pub async fn all_unfinished_notifications_for_an_address_are_cancelled(store: &Store) {
    use NotificationStatus as S;
    for (sequence, status) in (1..).zip(S::ALL) {
        a_message_that_is(store, *status, sequence, "a@x.example").await;
    }
    enqueue(store, 11, &["a@x.example"]).await;
    let before = store.listed(&NotificationFilter::default()).await;
    assert_eq!(cancel(store, &a()).await, 3);
    for summary in before {
        let shown = store.notification(summary.id).await;
        if matches!(summary.status, S::Pending | S::InFlight) {
            assert_eq!(shown.status, S::Cancelled);
            assert_eq!(shown.last_error.as_deref(), Some("the endpoint was removed"));
            assert!(shown.finished_at.is_some());
            assert_eq!(shown.next_attempt_at, None);
        } else {
            assert_eq!(shown, summary);
        }
    }
    assert_eq!(cancel(store, &a()).await, 0, "all are finished");
}

pub async fn a_cancelled_notification_is_never_claimed(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    store.claim_one(SHORT).await;
    enqueue(store, 2, &["a@x.example"]).await;
    assert_eq!(cancel(store, &a()).await, 2);
    a_moment().await;
    assert!(store.claim(10, LONG).await.is_empty());
}

pub async fn notifications_for_other_addresses_are_not_cancelled(store: &Store) {
    let text = a_message_to(a_phone_number("+4989123456"));
    announce(store, an_opened(1), vec![text.clone()]).await;
    enqueue(store, 2, &["a@x.example", "b@x.example"]).await;
    assert_eq!(cancel(store, &a()).await, 1);
    assert_eq!(store.claim_one(LONG).await.address, an_email_address("b@x.example"));
    assert_eq!(store.notification(text.id).await.status, NotificationStatus::Pending);
}

pub async fn an_attempt_of_a_notification_cancelled_meanwhile_records_nothing(store: &Store) {
    for (sequence, end) in
        (1..).zip([ClaimOutcome::Sent, dead(), retry(SHORT), ClaimOutcome::Released])
    {
        enqueue(store, sequence, &["a@x.example"]).await;
        let message = store.claim_one(LONG).await;
        assert_eq!(cancel(store, &a()).await, 1);
        let before = store.notification(message.id).await;
        assert!(!store.complete(&message, end).await);
        assert_eq!(store.notification(message.id).await, before);
        assert_eq!(store.attempts(message.id).await, []);
    }
    a_moment().await;
    assert!(store.claim(10, LONG).await.is_empty());
}

pub async fn a_notification_cancelled_in_flight_and_resent_needs_a_new_claim(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let stale = store.claim_one(LONG).await;
    assert_eq!(cancel(store, &a()).await, 1);
    assert!(store.send_again(stale.id).await);
    assert!(!store.complete(&stale, dead()).await);
    let present = store.claim_one(LONG).await;
    assert_eq!((present.id, present.attempt), (stale.id, 1));
    assert!(!store.complete(&stale, dead()).await);
    assert!(store.complete(&present, ClaimOutcome::Sent).await);
}

pub async fn only_one_of_a_concurrent_cancellation_and_completion_is_recorded(store: &Store) {
    use NotificationStatus as S;
    for sequence in 1..=40 {
        enqueue(store, sequence, &["a@x.example"]).await;
    }
    let mut claimed = store.claim(100, LONG).await;
    claimed.reverse();
    let batch = claimed.iter().map(|message| an_attempt(message, ClaimOutcome::Sent)).collect();
    let address = a();
    let (cancelled, recorded) = tokio::join!(cancel(store, &address), store.outbox.complete(batch));
    let recorded = recorded.expect("attempts are recorded");
    let sent = recorded.iter().filter(|recorded| **recorded).count() as u64;
    assert_eq!((claimed.len(), cancelled + sent), (40, 40));
    for (message, was_recorded) in claimed.iter().zip(recorded) {
        let expected = if was_recorded { S::Sent } else { S::Cancelled };
        assert_eq!(store.notification(message.id).await.status, expected);
        assert_eq!(store.attempts(message.id).await.len(), usize::from(was_recorded));
    }
}
