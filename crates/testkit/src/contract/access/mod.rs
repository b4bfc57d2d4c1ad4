//! Tests of [`AccessRepository`](engage_repository::AccessRepository) and of the access generation
//! that is read with a case.

mod participants;

use std::time::Duration;

use engage_domain::notify::NotificationStatus;
use engage_domain::{Actor, Case, CaseId, CaseNumber, Channel, NotificationId, PersonId, Template};
use engage_repository::{
    AccessGeneration, ClaimOutcome, CodeLimit, NewAccessCode, OutboxMessage, RotatedAccess,
    UpdatesWanted,
};

use super::delivery::{enqueue, retry};
use super::store::LONG;
use super::{Store, all_at_once};
use crate::builders::{
    a_case_number, a_fresh_id, a_message, an_opened, escalated, minutes_later, replied,
};
pub use participants::*;

/// Returns the access generation of a case, which both ways of reading it must agree on.
async fn generation(store: &Store, number: &CaseNumber) -> AccessGeneration {
    let stored = store.find(number).await.expect("the case is stored");
    let progress = store.queries.find_case_progress(number, &UpdatesWanted::LATEST).await;
    let progress = progress.expect("a case is looked up");
    assert_eq!(
        progress.expect("the case is stored").generations.customer,
        stored.generations.customer
    );
    stored.generations.customer
}

async fn rotate(store: &Store, number: &CaseNumber) -> Option<AccessGeneration> {
    let rotated = store.access.rotate_access(number, None).await;
    match rotated.expect("access is rotated") {
        RotatedAccess::To(generation) => Some(generation),
        RotatedAccess::NoSuchCase => None,
        RotatedAccess::NoSuchPerson => panic!("nobody was named"),
    }
}

pub async fn a_new_case_is_in_the_first_generation(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    assert_eq!(generation(store, case.number()).await, AccessGeneration(0));
}

pub async fn rotated_access_is_seen_by_every_reader_of_the_case(store: &Store) {
    let (case, other) = (store.keep(an_opened(1)).await, store.keep(an_opened(2)).await);
    for count in 1..=3 {
        let rotated = rotate(store, case.number()).await;
        assert_eq!(rotated, Some(AccessGeneration(count)));
        assert_eq!(generation(store, case.number()).await, AccessGeneration(count));
    }
    assert_eq!(generation(store, other.number()).await, AccessGeneration(0));
}

pub async fn access_to_an_unknown_case_is_not_rotated(store: &Store) {
    store.keep(an_opened(1)).await;
    assert_eq!(rotate(store, &a_case_number(2)).await, None);
}

pub async fn changing_a_case_does_not_change_its_generation(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    rotate(store, case.number()).await;
    let case = store.keep(escalated(&case, Actor::Customer, minutes_later(1))).await;
    store.keep(replied(&case, "Any news?", minutes_later(2))).await;
    assert_eq!(generation(store, case.number()).await, AccessGeneration(1));
}

pub async fn rotating_access_changes_nothing_else_of_a_case(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let before = store.details(case.number()).await;
    rotate(store, case.number()).await;
    assert_eq!(store.details(case.number()).await, before);
    // A change decided before the rotation does not conflict.
    store.keep(replied(&case, "Any news?", minutes_later(1))).await;
}

const UNLIMITED: CodeLimit = CodeLimit { most: u32::MAX, within: LONG, apart: Duration::ZERO };

fn a_code(case: CaseId, limit: CodeLimit) -> NewAccessCode {
    let template = Template::CaseAccessCustomer;
    let message = OutboxMessage { template, ..a_message("john@example.com") };
    let person = PersonId::of_customer(case);
    NewAccessCode { case, person, message, limit, valid_for: LONG }
}

async fn add(store: &Store, code: NewAccessCode) -> bool {
    store.access.add_code(code).await.expect("a code is stored")
}

/// Opens a case and adds an access code to it.
async fn a_case_with_a_code(store: &Store) -> (Case, NotificationId) {
    let case = store.keep(an_opened(1)).await;
    let code = a_code(case.facts().id, UNLIMITED);
    let id = code.message.id;
    assert!(add(store, code).await);
    (case, id)
}

async fn attempt(store: &Store, case: &Case) -> Option<NotificationId> {
    let id = case.facts().id;
    let tried = store.access.try_code(id, PersonId::of_customer(id), LONG, 5).await;
    tried.expect("a code is tried")
}

async fn redeem(store: &Store, case: &Case, code: NotificationId) -> Option<AccessGeneration> {
    let id = case.facts().id;
    let redeemed = store.access.redeem_code(id, PersonId::of_customer(id), code).await;
    redeemed.expect("a code is redeemed")
}

pub async fn a_code_is_stored_together_with_its_notification(store: &Store) {
    enqueue(store, 1, &[]).await;
    let case = store.case(&a_case_number(1)).await;
    let code = a_code(case.facts().id, UNLIMITED);
    let message = code.message.clone();
    assert!(add(store, code).await);
    assert_eq!(attempt(store, &case).await, Some(message.id));
    let claimed = store.claim_one(LONG).await;
    assert_eq!((claimed.id, claimed.template), (message.id, message.template));
    assert_eq!((claimed.address, claimed.case_id), (message.address, case.facts().id));
    assert_eq!(&claimed.case_number, case.number());
    assert!(claimed.snapshot.contains("case.created"), "{}", claimed.snapshot);
}

pub async fn an_unknown_case_gets_no_code(store: &Store) {
    let (case, code) = a_case_with_a_code(store).await;
    let absent = CaseId::from_u128(a_fresh_id());
    assert!(!add(store, a_code(absent, UNLIMITED)).await);
    let nobody = PersonId::of_customer(absent);
    assert_eq!(store.access.try_code(absent, nobody, LONG, 5).await.unwrap(), None);
    assert_eq!(store.access.redeem_code(absent, nobody, code).await.unwrap(), None);
    assert_eq!(store.claim_one(LONG).await.id, code);
    assert_eq!(generation(store, case.number()).await, AccessGeneration(0));
}

pub async fn a_code_is_found_until_its_attempts_are_used_up(store: &Store) {
    let (case, code) = a_case_with_a_code(store).await;
    for _ in 0..5 {
        assert_eq!(attempt(store, &case).await, Some(code));
    }
    assert_eq!(attempt(store, &case).await, None);
}

pub async fn concurrent_attempts_are_all_counted(store: &Store) {
    let (case, _) = a_case_with_a_code(store).await;
    let tries = (0..20).map(|_| {
        let (access, id) = (store.access.clone(), case.facts().id);
        let customer = PersonId::of_customer(id);
        async move { access.try_code(id, customer, LONG, 5).await.expect("a code is tried") }
    });
    let found = all_at_once(tries).await;
    assert_eq!(found.into_iter().flatten().count(), 5);
}

pub async fn an_expired_code_is_not_found(store: &Store) {
    let (case, code) = a_case_with_a_code(store).await;
    let id = case.facts().id;
    let customer = PersonId::of_customer(id);
    let tried = store.access.try_code(id, customer, Duration::ZERO, 5).await;
    assert_eq!(tried.unwrap(), None);
    assert_eq!(attempt(store, &case).await, Some(code));
}

pub async fn a_new_code_replaces_the_previous_one(store: &Store) {
    let (case, first) = a_case_with_a_code(store).await;
    for _ in 0..5 {
        attempt(store, &case).await;
    }
    let code = a_code(case.facts().id, UNLIMITED);
    let second = code.message.id;
    assert!(add(store, code).await);
    for _ in 0..5 {
        assert_eq!(attempt(store, &case).await, Some(second), "with its own attempts");
    }
    assert_eq!(attempt(store, &case).await, None);
    let mut claimed: Vec<_> = store.claim(10, LONG).await.iter().map(|m| m.id).collect();
    claimed.sort();
    assert_eq!(claimed, [first, second], "both were sent");
}

pub async fn codes_are_spaced_by_a_minimum_interval(store: &Store) {
    let (case, code) = a_case_with_a_code(store).await;
    let id = case.facts().id;
    assert!(!add(store, a_code(id, CodeLimit { apart: LONG, ..UNLIMITED })).await);
    assert_eq!(attempt(store, &case).await, Some(code));
    assert_eq!(store.claim(10, LONG).await.len(), 1);
}

pub async fn a_case_gets_no_more_codes_than_the_limit(store: &Store) {
    let (case, other) = (store.keep(an_opened(1)).await, store.keep(an_opened(2)).await);
    let limit = CodeLimit { most: 3, ..UNLIMITED };
    let mut last = None;
    for _ in 0..3 {
        let code = a_code(case.facts().id, limit);
        last = Some(code.message.id);
        assert!(add(store, code).await);
    }
    assert!(!add(store, a_code(case.facts().id, limit)).await);
    assert_eq!(attempt(store, &case).await, last);
    assert!(add(store, a_code(other.facts().id, limit)).await, "each has its own limit");
    // The period is over and another begins.
    let over = CodeLimit { within: Duration::ZERO, ..limit };
    assert!(add(store, a_code(case.facts().id, over)).await);
    assert!(add(store, a_code(case.facts().id, limit)).await);
}

pub async fn one_of_many_concurrent_requests_gets_a_code(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let requests = (0..10).map(|_| {
        let code = a_code(case.facts().id, CodeLimit { apart: LONG, ..UNLIMITED });
        let access = store.access.clone();
        async move { access.add_code(code).await.expect("a code is stored") }
    });
    let added = all_at_once(requests).await;
    assert_eq!(added.into_iter().filter(|added| *added).count(), 1);
    assert_eq!(store.claim(10, LONG).await.len(), 1);
}

pub async fn a_code_is_redeemed_once_for_a_new_generation(store: &Store) {
    let (case, code) = a_case_with_a_code(store).await;
    assert_eq!(redeem(store, &case, code).await, Some(AccessGeneration(1)));
    assert_eq!(generation(store, case.number()).await, AccessGeneration(1));
    assert_eq!(attempt(store, &case).await, None);
    assert_eq!(redeem(store, &case, code).await, None);
    assert_eq!(generation(store, case.number()).await, AccessGeneration(1));
}

pub async fn a_replaced_code_is_not_redeemed(store: &Store) {
    let (case, first) = a_case_with_a_code(store).await;
    let code = a_code(case.facts().id, UNLIMITED);
    let second = code.message.id;
    assert!(add(store, code).await);
    assert_eq!(redeem(store, &case, first).await, None);
    assert_eq!(redeem(store, &case, second).await, Some(AccessGeneration(1)));
}

pub async fn one_of_many_concurrent_redemptions_succeeds(store: &Store) {
    let (case, code) = a_case_with_a_code(store).await;
    let redeeming = (0..10).map(|_| {
        let (access, id) = (store.access.clone(), case.facts().id);
        let customer = PersonId::of_customer(id);
        async move { access.redeem_code(id, customer, code).await.expect("a code is redeemed") }
    });
    let redeemed: Vec<_> = all_at_once(redeeming).await.into_iter().flatten().collect();
    assert_eq!(redeemed, [AccessGeneration(1)]);
}

pub async fn codes_are_redeemed_while_others_are_requested(store: &Store) {
    let mut codes = Vec::new();
    for sequence in 1..=10 {
        let case = store.keep(an_opened(sequence)).await.facts().id;
        let code = a_code(case, UNLIMITED);
        codes.push((case, code.message.id));
        assert!(add(store, code).await);
    }
    let turns = codes.into_iter().flat_map(|code| [(code, true), (code, false)]);
    let redeeming_and_adding = turns.map(|((case, id), redeems)| {
        let access = store.access.clone();
        async move {
            if redeems {
                let customer = PersonId::of_customer(case);
                access.redeem_code(case, customer, id).await.expect("a code is redeemed or not");
            } else {
                let is_added = access.add_code(a_code(case, UNLIMITED)).await;
                assert!(is_added.expect("a code is stored"));
            }
        }
    });
    all_at_once(redeeming_and_adding).await;
}

pub async fn a_code_does_not_wait_for_other_notifications_of_the_case(store: &Store) {
    enqueue(store, 1, &["john@example.com"]).await;
    let confirmation = store.claim_one(LONG).await;
    assert!(store.complete(&confirmation, retry(LONG)).await);
    let case = store.case(&a_case_number(1)).await;
    store.keep(replied(&case, "Any news?", minutes_later(1))).await;
    let code = a_code(case.facts().id, UNLIMITED);
    let id = code.message.id;
    assert!(add(store, code).await);
    assert_eq!(store.claim_one(LONG).await.id, id);
}

async fn cancel_expired(store: &Store, channel: Channel) -> u64 {
    store.outbox.cancel_expired(channel, "expired").await.expect("notifications are cancelled")
}

pub async fn a_notification_with_a_code_expires_with_the_code(store: &Store) {
    let (_, code) = a_case_with_a_code(store).await;
    let created_at = store.notification(code).await.created_at;
    assert_eq!(cancel_expired(store, Channel::Email).await, 0);
    let claimed = store.claim_one(LONG).await;
    assert_eq!(claimed.expires_at, Some(created_at.plus(LONG)));
    assert!(!claimed.is_expired);
}

pub async fn an_expired_code_is_cancelled_while_it_waits(store: &Store) {
    enqueue(store, 1, &["b@x.example"]).await;
    let case = store.case(&a_case_number(1)).await;
    let code = a_code(case.facts().id, UNLIMITED);
    let id = code.message.id;
    assert!(add(store, NewAccessCode { valid_for: Duration::ZERO, ..code }).await);
    assert_eq!(cancel_expired(store, Channel::Sms).await, 0);
    let claimed = store.claim(10, LONG).await;
    let late = claimed.iter().find(|message| message.id == id).expect("it is claimed");
    assert!(late.is_expired);
    assert_eq!(cancel_expired(store, Channel::Email).await, 0, "it is in flight");
    assert!(store.complete(late, ClaimOutcome::Released).await);
    assert_eq!(cancel_expired(store, Channel::Email).await, 1);
    let shown = store.notification(id).await;
    assert_eq!(shown.status, NotificationStatus::Cancelled);
    assert_eq!(shown.last_error.as_deref(), Some("expired"));
    assert!(shown.finished_at.is_some());
}
