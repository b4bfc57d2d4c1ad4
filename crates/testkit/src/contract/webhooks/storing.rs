use engage_domain::webhook::WebhookEndpoint;
use engage_domain::{EventType, WebhookId};
use engage_repository::{RepositoryError, UniqueConstraint};

use super::{add, added, an_endpoint_with_everything, disabled, find, list, remove, update};
use crate::builders::{a_fresh_id, an_endpoint, minutes_later};
use crate::contract::{Store, all_at_once};

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
