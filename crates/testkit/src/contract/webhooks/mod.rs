//! Tests of [`WebhookRepository`](engage_repository::WebhookRepository).

mod disabling;
mod failing;
mod secrets;
mod storing;

pub use disabling::*;
pub use failing::*;
pub use secrets::*;
pub use storing::*;

use std::time::Duration;

use engage_domain::event::EventSubtype;
use engage_domain::webhook::{EndpointState, WebhookEndpoint, WebhookHeaders, WebhookSecret};
use engage_domain::{EventType, WebhookId};

use super::Store;
use crate::builders::{an_endpoint, minutes_later};

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
