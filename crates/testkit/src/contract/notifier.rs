//! The contract of [`Notifier`], for a channel that accepts its notification.

use std::sync::Arc;

use engage_notifier::{Notification, Notifier};

/// A channel, and a notification that it accepts.
pub struct Subject {
    /// The channel.
    pub notifier: Arc<dyn Notifier>,
    /// The notification.
    pub notification: Notification,
}

pub async fn the_profile_is_the_same_on_every_call(subject: &Subject) {
    let before = subject.notifier.profile();
    subject.notifier.deliver(&subject.notification).await.expect("the notification is accepted");
    assert_eq!(subject.notifier.profile(), before);
}

pub async fn a_delivery_ends_within_the_time_limit_of_the_channel(subject: &Subject) {
    let limit = subject.notifier.profile().deadline;
    let delivery = subject.notifier.deliver(&subject.notification);
    let outcome = tokio::time::timeout(limit, delivery).await.expect("the delivery ends in time");
    outcome.expect("the notification is accepted");
}

pub async fn a_second_delivery_of_the_same_id_is_accepted(subject: &Subject) {
    for attempt in 1..=2 {
        let outcome = subject.notifier.deliver(&subject.notification).await;
        outcome.unwrap_or_else(|error| panic!("attempt {attempt}: {error}"));
    }
}

pub async fn concurrent_deliveries_are_all_accepted(subject: &Subject) {
    let slots = subject.notifier.profile().slots.get().min(8);
    let deliveries = (0..slots).map(|_| {
        let (notifier, notification) =
            (Arc::clone(&subject.notifier), subject.notification.clone());
        async move { notifier.deliver(&notification).await }
    });
    for outcome in super::all_at_once(deliveries).await {
        outcome.expect("the notification is accepted");
    }
}

pub async fn a_channel_can_be_closed_after_a_delivery(subject: &Subject) {
    subject.notifier.deliver(&subject.notification).await.expect("the notification is accepted");
    subject.notifier.close().await;
}
