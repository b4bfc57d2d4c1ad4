//! Tests of notifications to the participants of cases.

use std::time::Duration;

use engage_domain::notify::NotificationStatus;
use engage_domain::{Actor, Case, Decision, Policies, Template, Visibility};
use engage_repository::{
    AccessGeneration, ClaimOutcome, ClaimedMessage, CodeLimit, NewAccessCode, OutboxMessage,
    RepositoryError,
};

use crate::builders::{
    a_change_set, a_claimed_message, a_message, a_message_to_participant, a_staff_member, a_stamp,
    an_opened, by, by_participant, joined, minutes_later, replied, written,
};
use crate::contract::Store;
use crate::contract::delivery::{SHORT, claim_when_due, dead, retry};
use crate::contract::store::LONG;

const CUSTOMER: &str = "john@example.com";

/// Opens a case of which Ann and Ben are participants.
async fn a_case_with_participants(store: &Store, sequence: u64) -> Case {
    let case = store.keep(an_opened(sequence)).await;
    let ann = joined(&case, "ann@x.example", Actor::Customer, minutes_later(1));
    let case = store.keep(ann).await;
    let ben = joined(&case, "ben@x.example", Actor::Customer, minutes_later(2));
    store.keep(ben).await
}

/// Returns an e-mail to the participant at a place.
fn to(case: &Case, place: usize) -> OutboxMessage {
    a_message_to_participant(&case.facts().participants[place])
}

/// Replies to a case, and queues notifications of it.
async fn tell(store: &Store, case: &Case, minute: u64, messages: Vec<OutboxMessage>) -> Case {
    let reply = replied(case, "Any news?", minutes_later(minute));
    let case = reply.case.clone();
    store.commit(reply, messages).await.expect("a reply is stored");
    case
}

/// Removes Ann from a case.
fn removed(case: &Case, minute: u64) -> Decision {
    let ann = case.facts().participants[0].id;
    let stamp = a_stamp(Actor::Customer, minutes_later(minute));
    case.remove_participant(ann, &Policies::default(), stamp).unwrap().unwrap()
}

async fn status(store: &Store, message: &OutboxMessage) -> NotificationStatus {
    store.notification(message.id).await.status
}

pub async fn a_notification_to_a_participant_reads_as_stored(store: &Store) {
    let case = a_case_with_participants(store, 1).await;
    let message = to(&case, 1);
    let change_set =
        a_change_set(replied(&case, "Any news?", minutes_later(3)), vec![message.clone()]);
    store.cases.commit(change_set.clone()).await.unwrap();
    let claimed = store.claim_one(SHORT).await;
    let expected = ClaimedMessage {
        claim: claimed.claim,
        is_caused_by_customer: true,
        ..a_claimed_message(message.clone(), &change_set)
    };
    assert_eq!(claimed, expected);
    assert_eq!(claimed.participant(), Some(&case.facts().participants[1]));
}

pub async fn a_notification_to_a_participant_has_the_generation_of_their_proofs(store: &Store) {
    let case = a_case_with_participants(store, 1).await;
    let ann = case.facts().participants[0].id;
    store.access.rotate_access(case.number(), Some(ann)).await.unwrap();
    tell(store, &case, 3, vec![a_message(CUSTOMER), to(&case, 0), to(&case, 1)]).await;
    let claimed = store.claim(10, LONG).await;
    let generation = |person| {
        let message = claimed.iter().find(|message| message.person == person);
        message.expect("it is claimed").access_generation
    };
    let ben = case.facts().participants[1].id;
    assert_eq!(generation(Some(ann)), AccessGeneration(1));
    assert_eq!(generation(Some(ben)), AccessGeneration(0));
    assert_eq!(generation(None), AccessGeneration(0));
}

pub async fn the_end_of_a_participation_cancels_what_is_not_delivered(store: &Store) {
    let case = a_case_with_participants(store, 1).await;
    let mut messages = Vec::new();
    let mut changed = case.clone();
    for (minute, end) in [
        (3, ClaimOutcome::Sent),
        (4, dead()),
        (5, retry(LONG)),
        (6, ClaimOutcome::HeldBack { after: LONG, reason: "too many".to_owned() }),
    ] {
        let message = to(&case, 0);
        changed = tell(store, &changed, minute, vec![message.clone()]).await;
        // An earlier one that waits would hold this one up.
        if minute < 6 {
            assert!(store.complete(&store.claim_one(LONG).await, end).await);
        }
        messages.push(message);
    }
    let (of_ben, of_customer) = (to(&case, 1), a_message(CUSTOMER));
    let changed = tell(store, &changed, 7, vec![of_ben.clone(), of_customer.clone()]).await;
    let other = a_case_with_participants(store, 2).await;
    let elsewhere = to(&other, 0);
    tell(store, &other, 3, vec![elsewhere.clone()]).await;

    store.keep(removed(&changed, 8)).await;
    let cancelled = NotificationStatus::Cancelled;
    assert_eq!(status(store, &messages[0]).await, NotificationStatus::Sent);
    for message in &messages[1..] {
        let told = store.notification(message.id).await;
        assert_eq!((told.status, told.finished_at.is_some()), (cancelled, true));
        assert!(told.last_error.unwrap().contains("no longer takes part"));
    }
    for message in [of_ben, of_customer, elsewhere] {
        assert_eq!(status(store, &message).await, NotificationStatus::Pending);
    }
}

pub async fn leaving_cancels_what_was_held_back(store: &Store) {
    let case = a_case_with_participants(store, 1).await;
    let message = to(&case, 1);
    let case = tell(store, &case, 3, vec![message.clone()]).await;
    let held_back = ClaimOutcome::HeldBack { after: LONG, reason: "too many".to_owned() };
    assert!(store.complete(&store.claim_one(LONG).await, held_back).await);
    let stamp = a_stamp(by_participant(&case), minutes_later(4));
    let left = case.leave(&Policies::default(), stamp).unwrap().unwrap();
    store.keep(left).await;
    assert_eq!(status(store, &message).await, NotificationStatus::Cancelled);
    assert_eq!(store.outbox.count_held_back().await.unwrap(), []);
}

pub async fn an_attempt_under_way_to_somebody_who_is_gone_is_not_repeated(store: &Store) {
    let case = a_case_with_participants(store, 1).await;
    let message = to(&case, 0);
    let case = tell(store, &case, 3, vec![message.clone()]).await;
    let claimed = store.claim_one(LONG).await;
    store.keep(removed(&case, 4)).await;
    assert!(!store.complete(&claimed, retry(Duration::ZERO)).await);
    assert_eq!(status(store, &message).await, NotificationStatus::Cancelled);
    assert!(store.claim(10, LONG).await.is_empty());
}

pub async fn a_change_that_is_refused_cancels_nothing(store: &Store) {
    let case = a_case_with_participants(store, 1).await;
    let message = to(&case, 0);
    tell(store, &case, 3, vec![message.clone()]).await;
    let refused = store.commit(removed(&case, 4), Vec::new()).await;
    assert!(matches!(refused, Err(RepositoryError::Conflict)));
    assert_eq!(status(store, &message).await, NotificationStatus::Pending);
}

pub async fn changes_in_one_burst_cancel_only_what_they_end(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let (mut endings, mut others) = (Vec::new(), Vec::new());
    for sequence in 1..=6 {
        let case = a_case_with_participants(store, sequence).await;
        let message = to(&case, 0);
        let case = tell(store, &case, 3, vec![message.clone()]).await;
        if sequence % 2 == 0 {
            endings.push((removed(&case, 4), message));
        } else {
            let words = written(&case, "Yes.", Visibility::Public, by(&agent), minutes_later(4));
            others.push((words, message));
        }
    }
    let all = endings.iter().chain(&others).map(|(decision, _)| {
        let (store, decision) = (store.clone(), decision.clone());
        async move { store.commit(decision, Vec::new()).await.expect("a change is stored") }
    });
    crate::contract::all_at_once(all).await;
    for (_, message) in endings {
        assert_eq!(status(store, &message).await, NotificationStatus::Cancelled);
    }
    for (_, message) in others {
        assert_eq!(status(store, &message).await, NotificationStatus::Pending);
    }
}

pub async fn a_notification_to_somebody_who_is_gone_is_never_claimed(store: &Store) {
    let case = a_case_with_participants(store, 1).await;
    let message = to(&case, 0);
    let case = tell(store, &case, 3, vec![message.clone()]).await;
    store.keep(removed(&case, 4)).await;
    // Staff have a cancelled notification sent again.
    assert!(store.send_again(message.id).await);
    assert!(store.claim(10, LONG).await.is_empty());
    let told = store.notification(message.id).await;
    assert_eq!(told.status, NotificationStatus::Cancelled);
    assert!(told.last_error.unwrap().contains("no longer takes part"));
}

pub async fn who_left_gets_a_code_and_who_was_removed_does_not(store: &Store) {
    let case = a_case_with_participants(store, 1).await;
    let code = |case: &Case, place: usize| NewAccessCode {
        case: case.facts().id,
        person: case.facts().participants[place].id,
        message: OutboxMessage { template: Template::CaseCodeParticipant, ..to(case, place) },
        limit: CodeLimit { most: 5, within: LONG, apart: Duration::ZERO },
        valid_for: LONG,
    };
    let of_ann = code(&case, 0);
    assert!(store.access.add_code(of_ann.clone()).await.unwrap());
    let case = store.keep(removed(&case, 3)).await;
    assert_eq!(status(store, &of_ann.message).await, NotificationStatus::Cancelled);
    let stamp = a_stamp(by_participant(&case), minutes_later(4));
    let left = case.leave(&Policies::default(), stamp).unwrap().unwrap();
    let case = store.keep(left).await;
    let of_ben = code(&case, 1);
    assert!(store.access.add_code(of_ben.clone()).await.unwrap());
    let claimed = store.claim_one(LONG).await;
    assert_eq!((claimed.id, claimed.person), (of_ben.message.id, Some(of_ben.person)));
}

pub async fn a_notification_gathers_only_what_was_held_back_for_the_same_person(store: &Store) {
    let held_back = || ClaimOutcome::HeldBack { after: LONG, reason: "too many".to_owned() };
    let case = a_case_with_participants(store, 1).await;
    let of_ann = to(&case, 0);
    let case = tell(store, &case, 3, vec![of_ann.clone()]).await;
    assert!(store.complete(&store.claim_one(LONG).await, held_back()).await);

    // Ann is the customer of another case.
    let as_customer = a_message("ann@x.example");
    store.commit(an_opened(2), vec![as_customer.clone()]).await.unwrap();
    let claimed = store.claim_one(LONG).await;
    assert_eq!(store.outbox.gather(claimed.id, claimed.claim).await.unwrap(), []);
    assert_eq!(status(store, &of_ann).await, NotificationStatus::Pending);
    assert!(store.complete(&claimed, held_back()).await);

    let later = to(&case, 0);
    tell(store, &case, 4, vec![later.clone()]).await;
    let claimed = claim_when_due(store, LONG).await;
    assert_eq!(claimed.id, later.id);
    assert_eq!(store.outbox.gather(claimed.id, claimed.claim).await.unwrap(), []);
    assert_eq!(status(store, &of_ann).await, NotificationStatus::Cancelled);
    assert_eq!(status(store, &as_customer).await, NotificationStatus::Pending);
}
