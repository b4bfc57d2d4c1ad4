//! Tests of erasures of cases with participants.

use std::collections::HashSet;
use std::time::Duration;

use engage_domain::notify::NotificationStatus;
use engage_domain::{
    Actor, Address, Case, Decision, Participant, ParticipantRef, Policies, Template,
};
use engage_repository::{
    AccessGeneration, CaseFilter, ClaimOutcome, CodeLimit, Erasure, NewAccessCode, OutboxMessage,
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

/// One of several concurrent changes.
enum Change {
    Erase(Erasure),
    Leave(Box<Decision>),
    AddCode(Box<NewAccessCode>),
}

/// Makes changes concurrently, all of which succeed.
async fn make_at_once(store: &Store, changes: Vec<Change>) {
    let changing = changes.into_iter().map(|change| {
        let store = store.clone();
        async move {
            match change {
                Change::Erase(erasure) => {
                    store.erasure.erase(erasure).await.expect("a case is erased");
                }
                Change::Leave(decision) => {
                    store.commit(*decision, Vec::new()).await.expect("a participation ends");
                }
                Change::AddCode(code) => {
                    let is_added = store.access.add_code(*code).await;
                    assert!(is_added.expect("a code is stored"));
                }
            }
        }
    });
    all_at_once(changing).await;
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
    assert_eq!(stored.generations.participants.of(ann), AccessGeneration(1));
    let (case, _) = erase(store, &case).await;
    let stored = store.find(case.number()).await.unwrap();
    assert_eq!(stored.generations.participants, ParticipantGenerations::default());
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
        changes.push(Change::Erase(erasure(&case)));
        changes.push(Change::Leave(Box::new(left)));
    }
    make_at_once(store, changes).await;
}

pub async fn codes_are_requested_while_cases_are_erased(store: &Store) {
    let mut changes = Vec::new();
    for sequence in 1..=8 {
        let case = a_case_with_ann_and_ben(store, sequence).await;
        for code in codes(&case) {
            assert!(store.access.add_code(code).await.unwrap());
        }
        changes.push(Change::Erase(erasure(&case)));
        changes.extend(codes(&case).into_iter().map(|code| Change::AddCode(Box::new(code))));
    }
    make_at_once(store, changes).await;
}

pub async fn a_code_replaces_the_notification_of_one_that_is_gone(store: &Store) {
    let opened = store.keep(an_opened(1)).await;
    let joining = joined(&opened, "ann@x.example", Actor::Customer, minutes_later(1));
    let case = store.keep(joining).await;
    let code = || codes(&case).remove(0);
    assert!(store.access.add_code(code()).await.unwrap());
    assert!(store.complete(&store.claim_one(LONG).await, ClaimOutcome::Sent).await);
    // There are no events before the first one, whose notifications stay.
    store.erasure.erase(erasure(&opened)).await.unwrap();
    let next = code();
    let (of, person, id) = (next.case, next.person, next.message.id);
    assert_eq!(store.access.try_code(of, person, LONG, 5).await.unwrap(), None);
    assert!(store.access.add_code(next).await.unwrap());
    assert_eq!(store.access.try_code(of, person, LONG, 5).await.unwrap(), Some(id));
    assert_eq!(store.claim_one(LONG).await.id, id);
}
