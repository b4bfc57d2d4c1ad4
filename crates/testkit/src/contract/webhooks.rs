//! Tests of [`WebhookRepository`](engage_repository::WebhookRepository).

use std::time::Duration;

use engage_domain::{
    EndpointState, EventSubtype, EventType, NotificationId, Template, WebhookEndpoint,
    WebhookHeaders, WebhookId, WebhookSecret,
};
use engage_repository::{
    ClaimOutcome, ClaimedMessage, EndpointNotice, OutboxMessage, RepositoryError, UniqueConstraint,
};

use super::delivery::{a_moment, enqueue};
use super::store::LONG;
use super::{Store, all_at_once};
use crate::builders::{a_fresh_id, a_message, an_endpoint, minutes_later};

/// Less than [`a_moment`], since clocks round differently.
const A_WHILE: Duration = Duration::from_millis(3);

fn headers(all: &[(&str, &str)]) -> WebhookHeaders {
    let mut headers = WebhookHeaders::default();
    for (name, value) in all {
        headers.set(name.parse().unwrap(), value.parse().unwrap()).unwrap();
    }
    headers
}

/// Builds an endpoint with all optional fields.
fn an_endpoint_with_everything() -> WebhookEndpoint {
    WebhookEndpoint {
        url: "http://127.0.0.1:8080/hooks?from=Engage&as=%C3%A9".parse().unwrap(),
        description: Some("Wartung — мониторинг 🙂".parse().unwrap()),
        event_types: vec![EventType::Escalated, EventType::Created],
        secret: WebhookSecret::from_bytes(std::array::from_fn(|n| u8::try_from(n * 8).unwrap())),
        event_subtypes: vec![EventSubtype::Replied, EventSubtype::Closed],
        includes_internal: false,
        headers: headers(&[("Authorization", "Basic: dXNlcjpwYXNz =\t;\""), ("x-Tenant", "7")]),
        previous_secrets: (0..3)
            .map(|n| (WebhookSecret::from_bytes([255 - n; 32]), minutes_later(1440 - u64::from(n))))
            .collect(),
        state: EndpointState::Disabled {
            reason: "410 Gone — für immer".to_owned(),
            since: minutes_later(3),
        },
        created_at: minutes_later(2),
        ..an_endpoint()
    }
}

/// Returns the endpoint in the disabled state.
fn disabled(endpoint: &WebhookEndpoint) -> WebhookEndpoint {
    let state =
        EndpointState::Disabled { reason: "only failures".to_owned(), since: minutes_later(5) };
    WebhookEndpoint { state, ..endpoint.clone() }
}

async fn add(store: &Store, endpoint: &WebhookEndpoint) {
    store.webhooks.add_endpoint(endpoint).await.expect("a new endpoint is added");
}

async fn added(store: &Store) -> WebhookEndpoint {
    let endpoint = an_endpoint();
    add(store, &endpoint).await;
    endpoint
}

async fn find(store: &Store, id: WebhookId) -> Option<WebhookEndpoint> {
    store.webhooks.find_endpoint(id).await.expect("an endpoint is looked up")
}

async fn list(store: &Store) -> Vec<WebhookEndpoint> {
    store.webhooks.list_endpoints().await.expect("endpoints are listed")
}

async fn update(store: &Store, endpoint: &WebhookEndpoint) -> bool {
    store.webhooks.update_endpoint(endpoint).await.expect("an endpoint is updated")
}

async fn remove(store: &Store, id: WebhookId) -> bool {
    store.webhooks.remove_endpoint(id).await.expect("an endpoint is removed")
}

async fn failed(store: &Store, id: WebhookId) -> Duration {
    store.webhooks.note_delivery(id, false).await.expect("a delivery is noted")
}

async fn succeeded(store: &Store, id: WebhookId) -> Duration {
    store.webhooks.note_delivery(id, true).await.expect("a delivery is noted")
}

/// Lets an endpoint fail for a moment, and checks that the duration is recorded.
async fn fail_for_a_moment(store: &Store, id: WebhookId) {
    failed(store, id).await;
    a_moment().await;
    let failing = failed(store, id).await;
    assert!(failing >= A_WHILE, "{failing:?}");
}

pub async fn an_endpoint_is_read_back(store: &Store) {
    for endpoint in [an_endpoint(), an_endpoint_with_everything()] {
        add(store, &endpoint).await;
        assert_eq!(find(store, endpoint.id).await, Some(endpoint));
    }
}

pub async fn an_endpoint_for_all_event_types_is_read_back(store: &Store) {
    let wanted = EventType::ALL.iter().map(|event_type| vec![*event_type]);
    for event_types in wanted.chain([EventType::ALL.to_vec(), Vec::new()]) {
        let endpoint = WebhookEndpoint { event_types, ..an_endpoint() };
        add(store, &endpoint).await;
        assert_eq!(find(store, endpoint.id).await, Some(endpoint));
    }
}

pub async fn an_unknown_endpoint_is_not_found(store: &Store) {
    added(store).await;
    assert_eq!(find(store, WebhookId::from_u128(a_fresh_id())).await, None);
}

pub async fn the_id_of_an_endpoint_is_unique(store: &Store) {
    let endpoint = added(store).await;
    let other = WebhookEndpoint { id: endpoint.id, ..an_endpoint_with_everything() };
    let again = store.webhooks.add_endpoint(&other).await;
    assert!(
        matches!(
            again,
            Err(RepositoryError::Duplicate { constraint: UniqueConstraint::WebhookId })
        ),
        "{again:?}"
    );
    assert_eq!(list(store).await, [endpoint]);
}

pub async fn one_of_many_endpoints_added_under_one_id_is_stored(store: &Store) {
    let endpoint = an_endpoint();
    let added = all_at_once((0..8).map(|_| {
        let (store, endpoint) = (store.clone(), endpoint.clone());
        async move { store.webhooks.add_endpoint(&endpoint).await }
    }));
    let added = added.await;
    assert_eq!(added.iter().filter(|added| added.is_ok()).count(), 1);
    let duplicate = |added: &&Result<(), _>| {
        matches!(added, Err(RepositoryError::Duplicate { constraint: UniqueConstraint::WebhookId }))
    };
    assert_eq!(added.iter().filter(duplicate).count(), 7);
    assert_eq!(list(store).await, [endpoint]);
}

pub async fn endpoints_are_listed_with_the_oldest_first(store: &Store) {
    assert_eq!(list(store).await, []);
    let mut all: Vec<_> = [5, 1, 4, 2, 3]
        .map(|minutes| WebhookEndpoint { created_at: minutes_later(minutes), ..an_endpoint() })
        .into();
    all[2] = disabled(&all[2]);
    for endpoint in &all {
        add(store, endpoint).await;
    }
    all.sort_by_key(|endpoint| endpoint.created_at);
    assert_eq!(list(store).await, all);
}

pub async fn everything_but_the_registration_date_of_an_endpoint_can_change(store: &Store) {
    let endpoint = added(store).await;
    let other = added(store).await;
    let everything = WebhookEndpoint {
        id: endpoint.id,
        secret: endpoint.secret.clone(),
        previous_secrets: Vec::new(),
        ..an_endpoint_with_everything()
    };
    assert_ne!(everything.created_at, endpoint.created_at);
    let created_at = endpoint.created_at;
    for changed in [everything, endpoint.clone()] {
        assert!(update(store, &changed).await);
        let expected = WebhookEndpoint { created_at, ..changed };
        assert_eq!(find(store, endpoint.id).await, Some(expected));
    }
    assert_eq!(find(store, other.id).await, Some(other));
}

pub async fn a_replaced_secret_is_retained_until_it_is_dropped(store: &Store) {
    let endpoint = added(store).await;
    let mut rotated = endpoint.clone();
    for n in 1..=4_u8 {
        let before = rotated.secret.clone();
        let at = minutes_later(u64::from(n));
        rotated.rotate_secret(WebhookSecret::from_bytes([n; 32]), at, minutes_later(1440));
        assert!(replace_secret(store, &before, &rotated).await);
        assert_eq!(find(store, endpoint.id).await, Some(rotated.clone()));
    }
    assert_eq!(rotated.previous_secrets.len(), 4);
    let before = rotated.secret.clone();
    rotated.rotate_secret(
        WebhookSecret::from_bytes([9; 32]),
        minutes_later(1440),
        minutes_later(2880),
    );
    assert!(replace_secret(store, &before, &rotated).await);
    assert_eq!(find(store, endpoint.id).await.unwrap().previous_secrets.len(), 1);
}

async fn replace_secret(store: &Store, before: &WebhookSecret, after: &WebhookEndpoint) -> bool {
    store.webhooks.replace_secret(before, after).await.expect("a secret is replaced")
}

pub async fn replacing_a_secret_requires_the_current_one(store: &Store) {
    let endpoint = added(store).await;
    let other = added(store).await;
    let mut rotated = endpoint.clone();
    rotated.rotate_secret(
        WebhookSecret::from_bytes([9; 32]),
        minutes_later(1),
        minutes_later(1440),
    );
    assert!(!replace_secret(store, &rotated.secret, &rotated).await);
    assert_eq!(find(store, endpoint.id).await, Some(endpoint.clone()));
    let outcomes = all_at_once((0..8).map(|_| {
        let (store, endpoint, rotated) = (store.clone(), endpoint.clone(), rotated.clone());
        async move { replace_secret(&store, &endpoint.secret, &rotated).await }
    }));
    assert_eq!(outcomes.await.into_iter().filter(|replaced| *replaced).count(), 1);
    assert!(!replace_secret(store, &endpoint.secret, &an_endpoint()).await, "there is none");
    assert_eq!(find(store, other.id).await, Some(other));
}

pub async fn a_change_of_an_endpoint_preserves_its_secrets(store: &Store) {
    let endpoint = added(store).await;
    let mut rotated = endpoint.clone();
    rotated.rotate_secret(
        WebhookSecret::from_bytes([9; 32]),
        minutes_later(1),
        minutes_later(1440),
    );
    assert!(replace_secret(store, &endpoint.secret, &rotated).await);
    // The endpoint was read before the secret was replaced.
    let url = "https://example.com/other".parse().unwrap();
    assert!(update(store, &WebhookEndpoint { url, ..endpoint.clone() }).await);
    let found = find(store, endpoint.id).await.unwrap();
    assert_eq!(found.url.as_str(), "https://example.com/other");
    assert_eq!((found.secret, found.previous_secrets), (rotated.secret, rotated.previous_secrets));
}

pub async fn an_unknown_endpoint_is_not_updated(store: &Store) {
    assert!(!update(store, &an_endpoint()).await);
    assert_eq!(list(store).await, []);
}

pub async fn an_endpoint_is_removed_once(store: &Store) {
    let (endpoint, other) = (added(store).await, added(store).await);
    assert!(remove(store, endpoint.id).await);
    assert!(!remove(store, endpoint.id).await);
    assert!(!update(store, &endpoint).await);
    assert_eq!(find(store, endpoint.id).await, None);
    assert_eq!(list(store).await, [other]);
}

pub async fn an_unknown_endpoint_is_not_removed(store: &Store) {
    let endpoint = added(store).await;
    assert!(!remove(store, WebhookId::from_u128(a_fresh_id())).await);
    assert_eq!(list(store).await, [endpoint]);
}

pub async fn a_succeeding_endpoint_is_not_failing(store: &Store) {
    let endpoint = added(store).await;
    for _ in 0..3 {
        assert_eq!(succeeded(store, endpoint.id).await, Duration::ZERO);
        a_moment().await;
    }
}

pub async fn an_endpoint_has_been_failing_since_the_first_failure_after_a_success(store: &Store) {
    let endpoint = added(store).await;
    for _ in 0..2 {
        assert_eq!(failed(store, endpoint.id).await, Duration::ZERO);
        a_moment().await;
        let short = failed(store, endpoint.id).await;
        a_moment().await;
        let long = failed(store, endpoint.id).await;
        assert!(short >= A_WHILE && long >= short + A_WHILE, "{short:?} {long:?}");
        assert_eq!(succeeded(store, endpoint.id).await, Duration::ZERO);
        a_moment().await;
    }
}

pub async fn endpoints_fail_independently(store: &Store) {
    let (endpoint, other) = (added(store).await, added(store).await);
    fail_for_a_moment(store, endpoint.id).await;
    assert_eq!(failed(store, other.id).await, Duration::ZERO);
    assert_eq!(succeeded(store, other.id).await, Duration::ZERO);
    assert!(failed(store, endpoint.id).await >= A_WHILE);
}

pub async fn an_unknown_endpoint_is_not_failing(store: &Store) {
    let stranger = WebhookId::from_u128(a_fresh_id());
    assert_eq!(failed(store, stranger).await, Duration::ZERO);
    a_moment().await;
    assert_eq!(failed(store, stranger).await, Duration::ZERO);
    assert_eq!(succeeded(store, stranger).await, Duration::ZERO);
}

pub async fn a_re_enabled_endpoint_starts_without_failures(store: &Store) {
    let endpoint = added(store).await;
    fail_for_a_moment(store, endpoint.id).await;
    assert!(update(store, &disabled(&endpoint)).await);
    assert!(update(store, &endpoint).await);
    assert_eq!(failed(store, endpoint.id).await, Duration::ZERO);
}

pub async fn any_other_change_of_an_endpoint_retains_its_failures(store: &Store) {
    let endpoint = added(store).await;
    fail_for_a_moment(store, endpoint.id).await;
    let url = "https://example.com/other".parse().unwrap();
    assert!(update(store, &WebhookEndpoint { url, ..endpoint.clone() }).await);
    assert!(failed(store, endpoint.id).await >= A_WHILE);
}

pub async fn recording_deliveries_does_not_change_an_endpoint(store: &Store) {
    let endpoint = an_endpoint_with_everything();
    add(store, &endpoint).await;
    failed(store, endpoint.id).await;
    succeeded(store, endpoint.id).await;
    assert_eq!(find(store, endpoint.id).await, Some(endpoint));
}

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
