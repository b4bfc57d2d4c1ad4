use std::time::Duration;

use engage_domain::WebhookId;
use engage_domain::webhook::WebhookEndpoint;

use super::{add, added, an_endpoint_with_everything, disabled, failed, find, succeeded, update};
use crate::builders::a_fresh_id;
use crate::contract::Store;
use crate::contract::delivery::a_moment;

/// Less than [`a_moment`], since clocks round differently.
const A_WHILE: Duration = Duration::from_millis(3);

/// Lets an endpoint fail for a moment, and checks that the duration is recorded.
async fn fail_for_a_moment(store: &Store, id: WebhookId) {
    failed(store, id).await;
    a_moment().await;
    let failing = failed(store, id).await;
    assert!(failing >= A_WHILE, "{failing:?}");
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
