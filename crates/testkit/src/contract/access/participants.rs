//! Tests of the proofs and codes of participants.

use std::time::Duration;

use engage_domain::{Actor, Case, NotificationId, PersonId, Policies, Template};
use engage_repository::{
    AccessGeneration, CodeLimit, NewAccessCode, OutboxMessage, ParticipantGenerations,
    RotatedAccess, UpdatesWanted,
};

use super::{UNLIMITED, generation};
use crate::builders::{
    a_case_number, a_fresh_id, a_message, a_stamp, an_opened, joined, minutes_later,
};
use crate::contract::store::LONG;
use crate::contract::{Store, all_at_once};

/// Opens a case with two participants.
async fn a_case_with_participants(store: &Store) -> (Case, [PersonId; 2]) {
    let case = store.keep(an_opened(1)).await;
    let case = store.keep(joined(&case, "ann@x.example", Actor::Customer, minutes_later(1))).await;
    let case = store.keep(joined(&case, "bob@x.example", Actor::Customer, minutes_later(2))).await;
    let people = &case.facts().participants;
    let ids = [people[0].id, people[1].id];
    (case, ids)
}

/// Returns the generations of a case's participants, which both ways of reading it must agree on.
async fn generations(store: &Store, case: &Case) -> ParticipantGenerations {
    let stored = store.find(case.number()).await.expect("the case is stored");
    let progress = store.queries.find_case_progress(case.number(), &UpdatesWanted::LATEST).await;
    let progress = progress.expect("a case is looked up").expect("the case is stored");
    assert_eq!(progress.generations.participants, stored.generations.participants);
    stored.generations.participants
}

async fn rotate(store: &Store, case: &Case, person: Option<PersonId>) -> RotatedAccess {
    store.access.rotate_access(case.number(), person).await.expect("access is rotated")
}

fn a_code(case: &Case, person: PersonId, address: &str, limit: CodeLimit) -> NewAccessCode {
    let template = Template::CaseCodeParticipant;
    let message = OutboxMessage { template, ..a_message(address) };
    NewAccessCode { case: case.facts().id, person, message, limit, valid_for: LONG }
}

async fn add(store: &Store, code: NewAccessCode) -> bool {
    store.access.add_code(code).await.expect("a code is stored")
}

async fn attempt(store: &Store, case: &Case, person: PersonId) -> Option<NotificationId> {
    let tried = store.access.try_code(case.facts().id, person, LONG, 5).await;
    tried.expect("a code is tried")
}

async fn redeem(
    store: &Store,
    case: &Case,
    person: PersonId,
    code: NotificationId,
) -> Option<AccessGeneration> {
    let redeemed = store.access.redeem_code(case.facts().id, person, code).await;
    redeemed.expect("a code is redeemed")
}

pub async fn the_access_of_one_person_is_rotated_alone(store: &Store) {
    let (case, [ann, bob]) = a_case_with_participants(store).await;
    for count in 1..=2 {
        let rotated = rotate(store, &case, Some(ann)).await;
        assert_eq!(rotated, RotatedAccess::To(AccessGeneration(count)));
    }
    let found = generations(store, &case).await;
    assert_eq!((found.of(ann), found.of(bob)), (AccessGeneration(2), AccessGeneration(0)));
    assert_eq!(generation(store, case.number()).await, AccessGeneration(0));

    let customer = PersonId::of_customer(case.facts().id);
    let rotated = rotate(store, &case, Some(customer)).await;
    assert_eq!(rotated, RotatedAccess::To(AccessGeneration(1)));
    assert_eq!(generation(store, case.number()).await, AccessGeneration(1));
    assert_eq!(generations(store, &case).await, found);
}

pub async fn the_access_of_everybody_is_rotated_together(store: &Store) {
    let (case, [ann, bob]) = a_case_with_participants(store).await;
    rotate(store, &case, Some(ann)).await;
    assert_eq!(rotate(store, &case, None).await, RotatedAccess::To(AccessGeneration(1)));
    let found = generations(store, &case).await;
    assert_eq!((found.of(ann), found.of(bob)), (AccessGeneration(2), AccessGeneration(1)));
    assert_eq!(generation(store, case.number()).await, AccessGeneration(1));
    // Changes of the case, and of its participants, leave the generations as they are.
    let case = store.keep(joined(&case, "cy@x.example", Actor::Customer, minutes_later(3))).await;
    assert_eq!(generations(store, &case).await, found);
}

pub async fn the_access_of_a_stranger_is_not_rotated(store: &Store) {
    let (case, _) = a_case_with_participants(store).await;
    let stranger = PersonId::from_u128(a_fresh_id());
    assert_eq!(rotate(store, &case, Some(stranger)).await, RotatedAccess::NoSuchPerson);
    let rotated = store.access.rotate_access(&a_case_number(2), Some(stranger)).await;
    assert_eq!(rotated.unwrap(), RotatedAccess::NoSuchCase);
    assert_eq!(generations(store, &case).await, ParticipantGenerations::default());
    assert_eq!(generation(store, case.number()).await, AccessGeneration(0));
}

pub async fn codes_belong_to_one_person_of_a_case(store: &Store) {
    let (case, [ann, bob]) = a_case_with_participants(store).await;
    let [anns, bobs] = [(ann, "ann@x.example"), (bob, "bob@x.example")]
        .map(|(person, address)| a_code(&case, person, address, UNLIMITED));
    let ids = [anns.message.id, bobs.message.id];
    assert!(add(store, anns).await && add(store, bobs).await);
    assert_eq!(attempt(store, &case, ann).await, Some(ids[0]));
    assert_eq!(attempt(store, &case, bob).await, Some(ids[1]));
    let customer = PersonId::of_customer(case.facts().id);
    assert_eq!(attempt(store, &case, customer).await, None);

    assert_eq!(redeem(store, &case, ann, ids[1]).await, None);
    assert_eq!(redeem(store, &case, ann, ids[0]).await, Some(AccessGeneration(1)));
    assert_eq!(redeem(store, &case, ann, ids[0]).await, None);
    assert_eq!(attempt(store, &case, ann).await, None);
    assert_eq!(attempt(store, &case, bob).await, Some(ids[1]));
    let found = generations(store, &case).await;
    assert_eq!((found.of(ann), found.of(bob)), (AccessGeneration(1), AccessGeneration(0)));
    assert_eq!(generation(store, case.number()).await, AccessGeneration(0));
    let mut claimed: Vec<_> = store.claim(10, LONG).await.iter().map(|m| m.id).collect();
    claimed.sort();
    assert_eq!(claimed, ids);
}

pub async fn only_people_with_their_own_address_get_codes(store: &Store) {
    let (case, [ann, bob]) = a_case_with_participants(store).await;
    let policies = Policies::default();
    let stamp = || a_stamp(Actor::Customer, minutes_later(5));
    let removed = case.remove_participant(bob, &policies, stamp()).unwrap().unwrap();
    let case = store.keep(removed).await;
    let stranger = PersonId::from_u128(a_fresh_id());
    for (person, address) in [
        (ann, "bob@x.example"),
        (ann, "john@example.com"),
        (bob, "bob@x.example"),
        (stranger, "ann@x.example"),
    ] {
        assert!(!add(store, a_code(&case, person, address, UNLIMITED)).await, "{address}");
        assert_eq!(attempt(store, &case, person).await, None);
    }
    let ann_left = Actor::Participant(case.facts().participants[0].to_ref());
    let left = case.leave(&policies, a_stamp(ann_left, minutes_later(6))).unwrap().unwrap();
    let case = store.keep(left).await;
    assert!(add(store, a_code(&case, ann, "ann@x.example", UNLIMITED)).await, "to come back");
    assert_eq!(store.claim(10, LONG).await.len(), 1);
}

pub async fn a_participants_code_replaces_the_previous_one(store: &Store) {
    let (case, [ann, _]) = a_case_with_participants(store).await;
    let code = || a_code(&case, ann, "ann@x.example", UNLIMITED);
    let (first, second) = (code(), code());
    let ids = [first.message.id, second.message.id];
    assert!(add(store, first).await);
    for _ in 0..6 {
        attempt(store, &case, ann).await;
    }
    assert_eq!(attempt(store, &case, ann).await, None, "all attempts are used up");
    assert!(add(store, second).await);
    assert_eq!(redeem(store, &case, ann, ids[0]).await, None);
    assert_eq!(attempt(store, &case, ann).await, Some(ids[1]), "with its own attempts");
    assert_eq!(store.claim_one(LONG).await.id, ids[1]);
}

pub async fn participants_codes_are_limited_for_each_person(store: &Store) {
    let (case, [ann, bob]) = a_case_with_participants(store).await;
    let apart = CodeLimit { apart: LONG, ..UNLIMITED };
    assert!(add(store, a_code(&case, ann, "ann@x.example", apart)).await);
    assert!(!add(store, a_code(&case, ann, "ann@x.example", apart)).await);
    let limit = CodeLimit { most: 2, ..UNLIMITED };
    assert!(add(store, a_code(&case, ann, "ann@x.example", limit)).await);
    assert!(!add(store, a_code(&case, ann, "ann@x.example", limit)).await);
    assert!(add(store, a_code(&case, bob, "bob@x.example", limit)).await, "each has their own");
    // The period is over and another begins.
    let over = CodeLimit { within: Duration::ZERO, ..limit };
    assert!(add(store, a_code(&case, ann, "ann@x.example", over)).await);
}

pub async fn a_participants_code_expires(store: &Store) {
    let (case, [ann, _]) = a_case_with_participants(store).await;
    let code = a_code(&case, ann, "ann@x.example", UNLIMITED);
    let id = code.message.id;
    assert!(add(store, code).await);
    let tried = store.access.try_code(case.facts().id, ann, Duration::ZERO, 5).await;
    assert_eq!(tried.unwrap(), None);
    assert_eq!(attempt(store, &case, ann).await, Some(id));
    let claimed = store.claim_one(LONG).await;
    assert!(claimed.expires_at.is_some());
}

pub async fn one_of_many_concurrent_requests_of_a_participant_gets_a_code(store: &Store) {
    let (case, [ann, _]) = a_case_with_participants(store).await;
    let apart = CodeLimit { apart: LONG, ..UNLIMITED };
    let requests = (0..10).map(|_| {
        let (access, code) = (store.access.clone(), a_code(&case, ann, "ann@x.example", apart));
        async move { access.add_code(code).await.expect("a code is stored") }
    });
    let added = all_at_once(requests).await;
    assert_eq!(added.into_iter().filter(|added| *added).count(), 1);
    assert_eq!(store.claim(10, LONG).await.len(), 1);
}

pub async fn concurrent_requests_of_a_participant_leave_one_code(store: &Store) {
    let (case, [ann, _]) = a_case_with_participants(store).await;
    let requests = (0..10).map(|_| {
        let (access, code) = (store.access.clone(), a_code(&case, ann, "ann@x.example", UNLIMITED));
        async move { access.add_code(code).await.expect("a code is stored") }
    });
    let added = all_at_once(requests).await;
    assert!(added.into_iter().all(|is_added| is_added));
    let claimed = store.claim_one(LONG).await;
    assert_eq!(attempt(store, &case, ann).await, Some(claimed.id));
}

pub async fn one_of_many_concurrent_redemptions_by_a_participant_succeeds(store: &Store) {
    let (case, [ann, _]) = a_case_with_participants(store).await;
    let code = a_code(&case, ann, "ann@x.example", UNLIMITED);
    let (id, of) = (code.message.id, case.facts().id);
    assert!(add(store, code).await);
    let redeeming = (0..10).map(|_| {
        let access = store.access.clone();
        async move { access.redeem_code(of, ann, id).await.expect("a code is redeemed") }
    });
    let redeemed: Vec<_> = all_at_once(redeeming).await.into_iter().flatten().collect();
    assert_eq!(redeemed, [AccessGeneration(1)]);
}

pub async fn concurrent_attempts_of_a_participant_are_all_counted(store: &Store) {
    let (case, [ann, _]) = a_case_with_participants(store).await;
    assert!(add(store, a_code(&case, ann, "ann@x.example", UNLIMITED)).await);
    let of = case.facts().id;
    let tries = (0..20).map(|_| {
        let access = store.access.clone();
        async move { access.try_code(of, ann, LONG, 5).await.expect("a code is tried") }
    });
    let found = all_at_once(tries).await;
    assert_eq!(found.into_iter().flatten().count(), 5);
}

pub async fn concurrent_rotations_are_all_counted(store: &Store) {
    let (case, [ann, bob]) = a_case_with_participants(store).await;
    let rotations = (0..10).map(|turn| {
        let (access, number) = (store.access.clone(), case.number().clone());
        let person = if turn % 2 == 0 { Some(ann) } else { None };
        async move { access.rotate_access(&number, person).await.expect("access is rotated") }
    });
    all_at_once(rotations).await;
    let found = generations(store, &case).await;
    assert_eq!((found.of(ann), found.of(bob)), (AccessGeneration(10), AccessGeneration(5)));
    assert_eq!(generation(store, case.number()).await, AccessGeneration(5));
}
