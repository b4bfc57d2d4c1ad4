use engage_domain::NotificationId;
use engage_domain::notify::NotificationStatus;
use engage_repository::{ClaimOutcome, DeliveryReport, NotificationSummary};

use crate::builders::a_fresh_id;
use crate::contract::Store;
use crate::contract::delivery::{SHORT, a_message_that_is, a_moment, dead, enqueue, retry};
use crate::contract::store::LONG;

fn failed(reason: &str) -> DeliveryReport {
    DeliveryReport::Failed { reason: reason.to_owned() }
}

/// Creates a notification in a status.
async fn a_message(store: &Store, status: NotificationStatus) -> NotificationId {
    a_message_that_is(store, status, 1, "a@x.example").await
}

/// Checks that these reports are not recorded and change nothing.
async fn assert_not_heard(store: &Store, id: NotificationId, reports: &[DeliveryReport]) {
    let before = store.notification(id).await;
    a_moment().await;
    for report in reports {
        assert!(!store.report(id, report.clone()).await, "{report:?}");
        assert_eq!(store.notification(id).await, before, "{report:?}");
    }
}

fn every_report() -> [DeliveryReport; 2] {
    [DeliveryReport::Delivered, failed("30005 unknown")]
}

pub async fn a_delivery_report_retains_the_time_of_acceptance(store: &Store) {
    let id = a_message(store, NotificationStatus::Sent).await;
    let accepted = store.notification(id).await;
    a_moment().await;
    assert!(store.report(id, DeliveryReport::Delivered).await);
    let delivered = NotificationSummary { status: NotificationStatus::Delivered, ..accepted };
    assert_eq!(store.notification(id).await, delivered);
}

pub async fn a_failure_report_marks_a_notification_dead(store: &Store) {
    let id = a_message(store, NotificationStatus::Sent).await;
    let accepted = store.notification(id).await;
    a_moment().await;
    assert!(store.report(id, failed("30006 landline — nicht erreichbar")).await);
    let shown = store.notification(id).await;
    assert_eq!(shown.status, NotificationStatus::Dead);
    assert_eq!(shown.last_error.as_deref(), Some("30006 landline — nicht erreichbar"));
    assert!(shown.finished_at > accepted.finished_at, "it is given up only now");
    assert!(store.claim(10, LONG).await.is_empty());
}

pub async fn a_delivered_notification_stays_delivered(store: &Store) {
    let id = a_message(store, NotificationStatus::Sent).await;
    assert!(store.report(id, DeliveryReport::Delivered).await);
    assert_not_heard(store, id, &every_report()).await;
}

pub async fn an_undelivered_notification_stays_undelivered(store: &Store) {
    let id = a_message(store, NotificationStatus::Sent).await;
    assert!(store.report(id, failed("30006")).await);
    assert_not_heard(store, id, &every_report()).await;
}

pub async fn a_report_is_ignored_unless_in_flight_or_accepted(store: &Store) {
    use NotificationStatus as S;
    for (sequence, status) in (1..).zip([S::Pending, S::Delivered, S::Dead, S::Cancelled]) {
        let id = a_message_that_is(store, status, sequence, "a@x.example").await;
        assert_not_heard(store, id, &every_report()).await;
    }
}

pub async fn a_report_can_precede_the_record_of_the_attempt(store: &Store) {
    let statuses = [NotificationStatus::Delivered, NotificationStatus::Dead];
    for (sequence, (report, status)) in (1..).zip(every_report().into_iter().zip(statuses)) {
        enqueue(store, sequence, &["a@x.example"]).await;
        let message = store.claim_one(SHORT).await;
        assert!(store.report(message.id, report).await);
        let before = store.notification(message.id).await;
        assert_eq!((before.status, before.next_attempt_at), (status, None));
        for end in [ClaimOutcome::Sent, retry(SHORT), dead(), ClaimOutcome::Released] {
            store.complete(&message, end).await;
            assert_eq!(store.notification(message.id).await.status, status);
        }
        a_moment().await;
        assert!(store.claim(10, LONG).await.is_empty());
    }
}

pub async fn a_report_on_a_resent_notification_is_too_late(store: &Store) {
    let id = a_message(store, NotificationStatus::Sent).await;
    assert!(store.report(id, failed("30006")).await);
    assert!(store.send_again(id).await);
    assert_not_heard(store, id, &every_report()).await;
}

pub async fn a_report_on_an_unknown_notification_is_not_recorded(store: &Store) {
    let stranger = NotificationId::from_u128(a_fresh_id());
    for report in every_report() {
        assert!(!store.report(stranger, report).await);
    }
}

pub async fn a_report_does_not_affect_other_notifications(store: &Store) {
    let id = a_message(store, NotificationStatus::Sent).await;
    let other = a_message_that_is(store, NotificationStatus::Sent, 2, "a@x.example").await;
    let before = store.notification(other).await;
    assert!(store.report(id, failed("30006")).await);
    assert_eq!(store.notification(other).await, before);
}
