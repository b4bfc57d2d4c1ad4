//! Tests of the participants of cases, and of the persons whom entries name.

use std::num::NonZeroU32;

use engage_domain::case::ReadsFrom;
use engage_domain::event::Change;
use engage_domain::{
    Actor, AddParticipantRequest, Case, Decision, ParticipantState, PersonId, Policies, Visibility,
};
use engage_notifier::Snapshot;
use engage_repository::RepositoryError;

use crate::builders::{
    a_fresh_id, a_staff_member, a_stamp, an_opened, by, by_participant, joined, minutes_later,
    replied, replied_by, written,
};
use crate::contract::Store;

async fn assert_kept(store: &Store, decision: Decision) -> Case {
    let case = store.keep(decision).await;
    assert_eq!(store.case(case.number()).await, case);
    assert_eq!(store.details(case.number()).await.case, case);
    case
}

pub async fn participants_are_read_back_in_every_state(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let policies = Policies::default();
    let case = store.keep(an_opened(1)).await;
    let added = joined(&case, "Ann.Lee@München.example", Actor::Customer, minutes_later(1));
    let case = assert_kept(store, added).await;
    assert_eq!(case.facts().participants[0].email.as_str(), "Ann.Lee@München.example");
    let ann = by_participant(&case);

    let id = PersonId::from_u128(a_fresh_id());
    let proposal = AddParticipantRequest::new("bob@x.example".parse().unwrap())
        .reading_from(ReadsFrom::Start)
        .as_proposal();
    let stamp = a_stamp(by(&agent), minutes_later(2));
    let case = case.add_participant(id, proposal, &policies, stamp).unwrap().unwrap();
    let case = assert_kept(store, case).await;
    assert_eq!(case.facts().participants[1].state, ParticipantState::Proposed);
    assert_eq!(case.facts().participants[1].name, None);

    let removed = case.remove_participant(id, &policies, a_stamp(by(&agent), minutes_later(3)));
    let case = assert_kept(store, removed.unwrap().unwrap()).await;
    let left = case.leave(&policies, a_stamp(ann, minutes_later(4))).unwrap().unwrap();
    let case = assert_kept(store, left).await;
    let states: Vec<_> = case.facts().participants.iter().map(|one| one.state).collect();
    assert_eq!(states, [ParticipantState::Left, ParticipantState::Removed]);
    // A change of something else leaves them as they are.
    let agent = by(&agent);
    let note = written(&case, "Hm.", Visibility::Internal, agent, minutes_later(5));
    let case = assert_kept(store, note).await;
    assert_eq!(case.facts().participants.len(), 2);
}

pub async fn updates_of_participants_are_read_back_with_their_authors(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let case = store.keep(an_opened(1)).await;
    let case = store.keep(joined(&case, "ann@x.example", Actor::Customer, minutes_later(1))).await;
    let ann = by_participant(&case);
    let Actor::Participant(person) = &ann else { panic!("{ann:?}") };
    let by_customer = replied(&case, "It says 403.", minutes_later(2));
    let by_ann = replied_by(&by_customer.case, ann.clone(), "For me, too.", minutes_later(3));
    let policies = Policies::default();
    let stamp = a_stamp(Actor::Customer, minutes_later(4));
    let unnamed = by_ann.case.name_participant(person.id, None, &policies, stamp);
    let unnamed = unnamed.unwrap().unwrap();
    let nobody = by_participant(&unnamed.case);
    let by_nobody = replied_by(&unnamed.case, nobody, "Still.", minutes_later(5));
    let by_staff =
        written(&by_nobody.case, "On it.", Visibility::Public, by(&agent), minutes_later(6));
    let decisions = [by_customer, by_ann, unnamed, by_nobody, by_staff];
    let mut expected = Vec::new();
    for decision in decisions {
        expected.extend(decision.event.updates.clone());
        store.keep(decision).await;
    }
    let entries = store.details(case.number()).await.updates.entries;
    assert_eq!(entries, expected);
    assert_eq!(entries[1].author, ann, "the name is the one of that time");
    let customer = PersonId::of_customer(case.facts().id);
    let persons: Vec<_> = entries.iter().map(|entry| entry.person_id).collect();
    assert_eq!(persons, [Some(customer), Some(person.id), Some(person.id), None]);
}

pub async fn changes_of_participants_are_read_back_and_hidden_from_earlier_programs(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let added = joined(&case, "ann@x.example", Actor::Customer, minutes_later(1));
    let changes = added.event.changes.clone();
    assert!(matches!(changes[..], [Change::Participant { .. }]), "{changes:?}");
    let case = store.keep(added).await;
    let limit = NonZeroU32::new(10).unwrap();
    let events = store.history.list_case_events(case.number(), None, limit).await.unwrap().unwrap();
    let written: serde_json::Value = serde_json::from_str(&events[1]).unwrap();
    assert_eq!(written["data"]["event"]["changes"], serde_json::json!([]));
    let snapshot: Snapshot = serde_json::from_str(&events[1]).unwrap();
    assert_eq!(snapshot.data.event.changes, changes);
    let customer = PersonId::of_customer(case.facts().id);
    assert_eq!(snapshot.data.event.person_id, Some(customer));
    let erased = serde_json::to_string(&snapshot.erased()).unwrap();
    assert!(!erased.contains("ann@x.example") && !erased.contains("Ann Lee"), "{erased}");
}

pub async fn a_participant_of_an_outdated_version_is_a_conflict(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let first = joined(&case, "ann@x.example", Actor::Customer, minutes_later(1));
    let second = joined(&case, "bob@x.example", Actor::Customer, minutes_later(2));
    let winner = store.keep(first).await;
    let refused = store.commit(second, Vec::new()).await;
    assert!(matches!(refused, Err(RepositoryError::Conflict)), "{refused:?}");
    assert_eq!(store.case(case.number()).await, winner);

    // A reply of somebody who was removed in the meantime is decided anew.
    let ann = by_participant(&winner);
    let reply = replied_by(&winner, ann.clone(), "Me, too.", minutes_later(3));
    let Actor::Participant(person) = ann else { panic!("{ann:?}") };
    let stamp = a_stamp(Actor::Customer, minutes_later(3));
    let removed = winner.remove_participant(person.id, &Policies::default(), stamp);
    let removed = store.keep(removed.unwrap().unwrap()).await;
    let refused = store.commit(reply, Vec::new()).await;
    assert!(matches!(refused, Err(RepositoryError::Conflict)), "{refused:?}");
    assert_eq!(store.case(case.number()).await, removed);
}
