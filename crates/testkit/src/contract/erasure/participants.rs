//! Tests of erasures of cases with participants.

use std::collections::HashSet;
use std::time::Duration;

use engage_domain::notify::NotificationStatus;
use engage_domain::{
    Actor, Address, Case, Decision, Participant, ParticipantRef, Policies, Template,
};
use engage_repository::{
    AccessGeneration, CaseFilter, CodeLimit, Erasure, NewAccessCode, OutboxMessage,
    ParticipantGenerations, RotatedAccess,
};

use super::{erase, erasure};
use crate::builders::{
    a_message_to_participant, a_stamp, an_opened, by_participant, joined, minutes_later, replied,
    replied_by,
};
use crate::contract::store::LONG;
use crate::contract::{Store, all_at_once};

/// Opens a case of which Ann and Ben are participants.
async fn a_case_with_ann_and_ben(store: &Store, sequence: u64) -> Case {
    let case = store.keep(an_opened(sequence)).await;
    let case = store.keep(joined(&case, "ann@x.example", Actor::Customer, minutes_later(1))).await;
    store.keep(joined(&case, "ben@x.example", Actor::Customer, minutes_later(2))).await
}

/// One of two concurrent changes of a case.
enum Change {
    Erased(Erasure),
    Left(Box<Decision>),
}

fn is_placeholder(address: &Address) -> bool {
    let text = address.to_string();
    text.starts_with("erased-") && text.ends_with("@erased.invalid")
}

/// Checks that notifications have lost their addresses and are not sent.
async fn assert_erased(store: &Store, messages: &[OutboxMessage]) {
    let mut addresses = HashSet::new();
    for message in messages {
        let told = store.notification(message.id).await;
        assert_eq!(told.status, NotificationStatus::Cancelled);
        assert!(is_placeholder(&told.address), "{}", told.address);
        addresses.insert(told.address.to_string());
    }
    assert_eq!(addresses.len(), messages.len(), "each has its own placeholder");
}

/// Builds a request for a code for each participant, without a minimum interval.
fn codes(case: &Case) -> Vec<NewAccessCode> {
    let limit = CodeLimit { most: u32::MAX, within: LONG, apart: Duration::ZERO };
    let of_person = |participant: &Participant| {
        let told = a_message_to_participant(participant);
        let message = OutboxMessage { template: Template::CaseCodeParticipant, ..told };
        let (case, person) = (case.facts().id, participant.id);
        NewAccessCode { case, person, message, limit, valid_for: LONG }
    };
    case.facts().participants.iter().map(of_person).collect()
}

pub async fn notifications_to_participants_lose_their_address_and_are_not_sent(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let joining = joined(&case, "ann@x.example", Actor::Customer, minutes_later(1));
    let case = store.keep(joining).await;
    let message = a_message_to_participant(&case.facts().participants[0]);
    let reply = replied(&case, "Any news?", minutes_later(2));
    let case = reply.case.clone();
    store.commit(reply, vec![message.clone()]).await.unwrap();
    erase(store, &case).await;
    let told = store.notification(message.id).await;
    assert!(is_placeholder(&told.address), "{}", told.address);
    assert_eq!(told.status, NotificationStatus::Cancelled);
    assert!(store.send_again(message.id).await);
    assert_eq!(store.claimed_addresses().await, Vec::<String>::new());
}

pub async fn notifications_of_one_event_to_several_participants_lose_their_addresses(
    store: &Store,
) {
    let case = a_case_with_ann_and_ben(store, 1).await;
    let people = case.facts().participants.iter();
    let messages: Vec<_> = people.map(a_message_to_participant).collect();
    let reply = replied(&case, "Any news?", minutes_later(3));
    let case = reply.case.clone();
    store.commit(reply, messages.clone()).await.unwrap();
    let (case, _) = erase(store, &case).await;
    assert_erased(store, &messages).await;
    store.erasure.erase(erasure(&case)).await.expect("a case is erased again");
    assert_erased(store, &messages).await;
}

pub async fn codes_of_several_participants_lose_their_addresses(store: &Store) {
    let case = a_case_with_ann_and_ben(store, 1).await;
    let mut messages = Vec::new();
    for code in codes(&case) {
        messages.push(code.message.clone());
        assert!(store.access.add_code(code).await.unwrap());
    }
    erase(store, &case).await;
    assert_eq!(messages.len(), 2);
    assert_erased(store, &messages).await;
}

pub async fn participants_are_not_found_by_their_former_addresses(store: &Store) {
    let email = || vec!["ann@x.example".parse().unwrap()];
    let filter = CaseFilter { participant_email: email(), ..CaseFilter::default() };
    let of_person = CaseFilter { person_email: Some(email()), ..CaseFilter::default() };
    for sequence in 1..=2 {
        let case = store.keep(an_opened(sequence)).await;
        let case =
            store.keep(joined(&case, "ann@x.example", Actor::Customer, minutes_later(1))).await;
        if sequence == 1 {
            erase(store, &case).await;
        }
    }
    for filter in [filter, of_person] {
        let left = store.queries.count_cases(&filter).await.expect("cases are counted");
        assert_eq!(left, 1, "{filter:?}");
    }
}

pub async fn participants_and_their_names_are_erased(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let joining = joined(&case, "ann@x.example", Actor::Customer, minutes_later(1));
    let case = store.keep(joining).await;
    let reply = replied_by(&case, by_participant(&case), "Me, too.", minutes_later(2));
    let person = reply.event.person_id.unwrap();
    let case = store.keep(reply).await;
    let (case, _) = erase(store, &case).await;
    let details = store.details(case.number()).await;
    assert_eq!(details.case.facts().participants, []);
    let author = Actor::Participant(ParticipantRef { id: person, name: None });
    assert_eq!(details.updates.entries[0].author, author);
    assert_eq!(store.case(case.number()).await.facts().participants, []);
}

pub async fn revoked_proofs_stay_void_until_the_participants_are_erased(store: &Store) {
    let case = a_case_with_ann_and_ben(store, 1).await;
    let ann = case.facts().participants[0].id;
    let rotated = store.access.rotate_access(case.number(), Some(ann)).await.unwrap();
    assert_eq!(rotated, RotatedAccess::To(AccessGeneration(1)));
    // Earlier data is erased first, while the case still has its participants.
    store.erasure.erase(erasure(&case)).await.unwrap();
    let stored = store.find(case.number()).await.unwrap();
    assert_eq!(stored.participant_generations.of(ann), AccessGeneration(1));
    let (case, _) = erase(store, &case).await;
    let stored = store.find(case.number()).await.unwrap();
    assert_eq!(stored.participant_generations, ParticipantGenerations::default());
}

pub async fn participations_end_while_cases_are_erased(store: &Store) {
    let mut changes = Vec::new();
    for sequence in 1..=8 {
        let mut case = a_case_with_ann_and_ben(store, sequence).await;
        for minute in 3..=7 {
            let people = case.facts().participants.iter();
            let messages = people.map(a_message_to_participant).collect();
            let reply = replied(&case, "Any news?", minutes_later(minute));
            case = reply.case.clone();
            store.commit(reply, messages).await.unwrap();
        }
        let stamp = a_stamp(by_participant(&case), minutes_later(8));
        let left = case.leave(&Policies::default(), stamp).unwrap().unwrap();
        let erasing = erasure(&case);
        changes.push((store.clone(), Change::Erased(erasing)));
        changes.push((store.clone(), Change::Left(Box::new(left))));
    }
    let changing = changes.into_iter().map(|(store, change)| async move {
        match change {
            Change::Erased(erasing) => {
                store.erasure.erase(erasing).await.expect("a case is erased");
            }
            Change::Left(left) => {
                store.commit(*left, Vec::new()).await.expect("a participation ends");
            }
        }
    });
    all_at_once(changing).await;
}
