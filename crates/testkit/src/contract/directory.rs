//! Tests of [`DirectoryRepository`](engage_repository::DirectoryRepository), and of commits that
//! name a version.

use std::time::Duration;

use engage_domain::webhook::{EndpointState, WebhookEndpoint};
use engage_domain::{Decision, EventType, Status, WebhookId};
use engage_repository::{
    ChangeSet, DirectoryVersion, RepositoryError, StaffChange, StaffToken, TokenHash,
};

use super::{Store, all_at_once};
use crate::builders::{
    a_change_set, a_message, a_staff_member, a_staff_token, an_endpoint, an_opened, in_status,
    minutes_later,
};

async fn version(store: &Store) -> DirectoryVersion {
    store.directory.directory_version().await.expect("the version is read")
}

/// Builds a change planned with a version of the directory, with one notification.
fn planned_by(version: DirectoryVersion, decision: Decision, to: &str) -> ChangeSet {
    let change_set = a_change_set(decision, vec![a_message(to)]);
    ChangeSet { directory: Some(version), ..change_set }
}

fn assert_outdated(outcome: &Result<(), RepositoryError>) {
    assert!(matches!(outcome, Err(RepositoryError::Outdated)), "{outcome:?}");
}

async fn registered(store: &Store) -> WebhookEndpoint {
    let endpoint = an_endpoint();
    store.webhooks.add_endpoint(&endpoint).await.expect("an endpoint is added");
    endpoint
}

fn switched_off(endpoint: &WebhookEndpoint) -> WebhookEndpoint {
    let state = EndpointState::Disabled { reason: "off".to_owned(), since: minutes_later(1) };
    WebhookEndpoint { state, ..endpoint.clone() }
}

async fn a_token(store: &Store, hash: u8) -> StaffToken {
    let token = a_staff_token(&a_staff_member("ann"));
    store.tokens.add_token(&token, &TokenHash([hash; 32])).await.expect("a token is added");
    token
}

pub async fn the_version_changes_with_everything_that_affects_recipients_or_permissions(
    store: &Store,
) {
    let ann = a_staff_member("ann");
    store.hire(&ann).await;
    let (kept, revoked) = (a_token(store, 1).await, a_token(store, 2).await);
    let mut seen = vec![version(store).await];
    let mut note = async |what: &str| {
        let now = version(store).await;
        assert!(!seen.contains(&now), "{what} does not change the version {now:?}");
        seen.push(now);
    };
    let endpoint = registered(store).await;
    note("an endpoint that is added").await;
    for (what, changed) in [
        (
            "other events",
            WebhookEndpoint { event_types: vec![EventType::Cancelled], ..endpoint.clone() },
        ),
        ("switching off", switched_off(&endpoint)),
        ("switching on", endpoint.clone()),
    ] {
        assert!(store.webhooks.update_endpoint(&changed).await.unwrap());
        note(what).await;
    }
    assert!(store.webhooks.remove_endpoint(endpoint.id).await.unwrap());
    note("an endpoint that is removed").await;
    let moved =
        engage_domain::StaffMember { email: "ann@other.example".parse().unwrap(), ..ann.clone() };
    let changed = store.staff.change_staff(&ann, &moved).await.unwrap();
    assert_eq!(changed, StaffChange::Made);
    note("another address").await;
    assert!(store.tokens.remove_token(&ann.id, revoked.id).await.unwrap());
    note("a token that is removed").await;
    store.dismiss(&moved, minutes_later(2)).await;
    note("a member who leaves").await;
    drop(kept);
}

pub async fn the_version_stays_if_nothing_relevant_changes(store: &Store) {
    store.hire(&a_staff_member("ann")).await;
    let endpoint = registered(store).await;
    let before = version(store).await;
    store.hire(&a_staff_member("ben")).await;
    let token = a_token(store, 1).await;
    store.tokens.note_token_use(token.id, minutes_later(1)).await.unwrap();
    for succeeded in [false, true] {
        store.webhooks.note_delivery(endpoint.id, succeeded).await.unwrap();
    }
    store.keep(an_opened(1)).await;
    assert_eq!(version(store).await, before);
}

pub async fn a_change_planned_with_an_old_version_is_outdated_and_stores_nothing(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let old = version(store).await;
    registered(store).await;
    let opening = planned_by(old, an_opened(2), "new@x.example");
    let number = opening.case.number().clone();
    assert_outdated(&store.cases.commit(opening).await);
    let change = in_status(&case, Status::OnHold, minutes_later(1));
    assert_outdated(&store.cases.commit(planned_by(old, change, "old@x.example")).await);
    assert_eq!(store.find(&number).await, None);
    assert_eq!(store.case(case.number()).await, case);
    assert!(store.claimed_addresses().await.is_empty());
}

pub async fn a_change_planned_with_the_current_version_is_stored(store: &Store) {
    registered(store).await;
    let now = version(store).await;
    let opening = an_opened(1);
    let case = opening.case.clone();
    store.cases.commit(planned_by(now, opening, "new@x.example")).await.unwrap();
    let change = in_status(&case, Status::OnHold, minutes_later(1));
    store.cases.commit(planned_by(now, change, "old@x.example")).await.unwrap();
    assert_eq!(store.claimed_addresses().await, ["new@x.example", "old@x.example"]);
}

pub async fn committing_a_stored_event_again_ignores_the_directory_version(store: &Store) {
    let opening = planned_by(version(store).await, an_opened(1), "new@x.example");
    store.cases.commit(opening.clone()).await.unwrap();
    registered(store).await;
    store.cases.commit(opening).await.unwrap();
    assert_eq!(store.claimed_addresses().await, ["new@x.example"]);
}

pub async fn only_changes_planned_with_an_old_version_are_outdated_in_a_burst(store: &Store) {
    let old = version(store).await;
    registered(store).await;
    let now = version(store).await;
    let outcomes = all_at_once((0..60).map(|n: u64| {
        let store = store.clone();
        let by = match n % 3 {
            0 => None,
            1 => Some(old),
            _ => Some(now),
        };
        let change_set = ChangeSet { directory: by, ..a_change_set(an_opened(n + 1), Vec::new()) };
        async move { (by == Some(old), store.cases.commit(change_set).await) }
    }));
    for (is_old, outcome) in outcomes.await {
        if is_old { assert_outdated(&outcome) } else { outcome.unwrap() }
    }
}

/// Two handles on one store, as in separate processes, respect each other's changes.
pub async fn a_change_by_another_handle_outdates_earlier_plans(store: &Store, other: &Store) {
    let old = version(store).await;
    let endpoint = registered(other).await;
    assert_outdated(&store.cases.commit(planned_by(old, an_opened(1), "a@x.example")).await);
    let listed = store.webhooks.list_endpoints().await.unwrap();
    assert_eq!(listed.iter().map(|endpoint| endpoint.id).collect::<Vec<_>>(), [endpoint.id]);
    let now = version(store).await;
    store.cases.commit(planned_by(now, an_opened(1), "b@x.example")).await.unwrap();
    assert!(other.webhooks.remove_endpoint(endpoint.id).await.unwrap());
    assert_outdated(&store.cases.commit(planned_by(now, an_opened(2), "c@x.example")).await);
}

/// One handle commits without pause while the other registers and removes endpoints. No commit
/// planned before such a change is stored after the change has returned.
pub async fn no_commit_with_an_old_version_starts_after_a_change_returns(
    store: &Store,
    other: &Store,
) {
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let committing: Vec<_> = (0..8_u64)
        .map(|worker| {
            let (store, stopped) = (store.clone(), stopped.clone());
            tokio::spawn(async move {
                let (mut kept, mut sequence) = (0_u32, worker * 100_000);
                while !*stopped.borrow() {
                    let planned = version(&store).await;
                    sequence += 1;
                    let change_set = planned_by(planned, an_opened(sequence), "a@x.example");
                    match store.cases.commit(change_set).await {
                        Ok(()) => kept += 1,
                        outcome => assert_outdated(&outcome),
                    }
                }
                kept
            })
        })
        .collect();
    for sequence in 1..=20_u64 {
        let old = version(store).await;
        let endpoint = registered(other).await;
        let late = planned_by(old, an_opened(9_000_000 + sequence), "late@x.example");
        assert_outdated(&store.cases.commit(late).await);
        let old = version(store).await;
        assert!(other.webhooks.remove_endpoint(endpoint.id).await.unwrap());
        let late = planned_by(old, an_opened(9_100_000 + sequence), "late@x.example");
        assert_outdated(&store.cases.commit(late).await);
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    stop.send(true).unwrap();
    let mut kept = 0;
    for worker in committing {
        kept += worker.await.unwrap();
    }
    assert!(kept > 0, "nothing was committed meanwhile");
    assert_eq!(other.webhooks.find_endpoint(WebhookId::from_u128(0)).await.unwrap(), None);
}
