use engage_domain::webhook::{EndpointState, WebhookEndpoint};
use engage_domain::{NotificationId, Template, WebhookId};
use engage_repository::{ClaimOutcome, ClaimedMessage, EndpointNotice, OutboxMessage};

use super::{added, disabled, find, update};
use crate::builders::{a_fresh_id, a_message, minutes_later};
use crate::contract::delivery::enqueue;
use crate::contract::store::LONG;
use crate::contract::{Store, all_at_once};

/// Builds the notice to one administrator about an endpoint, for the event of a notification.
fn a_notice(about: NotificationId, text: &str) -> EndpointNotice {
    let message = a_message("admin@desk.example");
    let messages = vec![OutboxMessage { template: Template::EndpointDisabledStaff, ..message }];
    EndpointNotice { about, snapshot: text.to_owned(), messages }
}

async fn disable(store: &Store, id: WebhookId, notice: &EndpointNotice) -> bool {
    let (reason, notice) = ("410 Gone — für immer", notice.clone());
    let disabled = store.webhooks.disable_endpoint(id, reason, minutes_later(5), notice);
    disabled.await.expect("an endpoint is disabled")
}

/// Creates a delivered notification.
async fn a_delivered_message(store: &Store) -> ClaimedMessage {
    enqueue(store, 1, &["john@example.com"]).await;
    let message = store.claim_one(LONG).await;
    assert!(store.complete(&message, ClaimOutcome::Sent).await);
    message
}

pub async fn an_endpoint_is_disabled_together_with_the_notices_to_staff(store: &Store) {
    let message = a_delivered_message(store).await;
    let (endpoint, other) = (added(store).await, added(store).await);
    let notice = a_notice(message.id, "the endpoint is disabled — für immer");
    assert!(disable(store, endpoint.id, &notice).await);

    let state = EndpointState::Disabled {
        reason: "410 Gone — für immer".to_owned(),
        since: minutes_later(5),
    };
    let expected = WebhookEndpoint { state, ..endpoint };
    assert_eq!(find(store, expected.id).await, Some(expected));
    assert_eq!(find(store, other.id).await, Some(other));
    let told = store.claim_one(LONG).await;
    assert_eq!((told.id, told.attempt), (notice.messages[0].id, 1));
    assert_eq!(told.template, Template::EndpointDisabledStaff);
    assert_eq!(told.address.to_string(), "admin@desk.example");
    assert_eq!((told.case_number, told.snapshot), (message.case_number, notice.snapshot));
}

pub async fn a_disabled_or_unknown_endpoint_is_not_disabled_again(store: &Store) {
    let message = a_delivered_message(store).await;
    let endpoint = disabled(&added(store).await);
    assert!(update(store, &endpoint).await);
    let notice = a_notice(message.id, "the endpoint is disabled");
    for id in [endpoint.id, WebhookId::from_u128(a_fresh_id())] {
        assert!(!disable(store, id, &notice).await);
    }
    assert_eq!(find(store, endpoint.id).await, Some(endpoint));
    assert!(store.claim(10, LONG).await.is_empty());
}

pub async fn concurrent_disabling_sends_one_notice(store: &Store) {
    let message = a_delivered_message(store).await;
    let endpoint = added(store).await;
    let disabled = all_at_once((0..8).map(|_| {
        let store = store.clone();
        async move { disable(&store, endpoint.id, &a_notice(message.id, "disabled")).await }
    }));
    assert_eq!(disabled.await.into_iter().filter(|disabled| *disabled).count(), 1);
    assert_eq!(store.claim(10, LONG).await.len(), 1);
}

pub async fn several_endpoints_can_be_disabled_by_one_event(store: &Store) {
    let message = a_delivered_message(store).await;
    let mut expected = Vec::new();
    for text in ["the one is disabled", "the other is disabled"] {
        assert!(disable(store, added(store).await.id, &a_notice(message.id, text)).await);
        expected.push(text.to_owned());
    }
    let told = store.claim(10, LONG).await;
    assert_eq!(told.into_iter().map(|told| told.snapshot).collect::<Vec<_>>(), expected);
}

pub async fn disabling_an_endpoint_again_by_the_same_event_sends_another_notice(store: &Store) {
    let message = a_delivered_message(store).await;
    let endpoint = added(store).await;
    for text in ["disabled", "disabled again"] {
        assert!(disable(store, endpoint.id, &a_notice(message.id, text)).await);
        let told = store.claim_one(LONG).await;
        assert_eq!(told.snapshot, text);
        assert!(store.complete(&told, ClaimOutcome::Sent).await);
        assert!(update(store, &endpoint).await, "it is enabled again");
    }
}
