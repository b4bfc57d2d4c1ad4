use engage_domain::webhook::{WebhookEndpoint, WebhookSecret};

use super::{added, find, update};
use crate::builders::{an_endpoint, minutes_later};
use crate::contract::{Store, all_at_once};

async fn replace_secret(store: &Store, before: &WebhookSecret, after: &WebhookEndpoint) -> bool {
    store.webhooks.replace_secret(before, after).await.expect("a secret is replaced")
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
