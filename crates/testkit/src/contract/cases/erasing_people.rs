//! Tests of erasures of people from cases that belong to others.

use std::num::NonZeroU32;
use std::time::Duration;

use engage_domain::case::ErasePeopleRequest;
use engage_domain::contact::ERASED_EMAIL;
use engage_domain::notify::NotificationStatus;
use engage_domain::text::ERASED;
use engage_domain::{
    Actor, Case, CorrectRequest, Decision, EmailAddress, Message, ParticipantRef, ParticipantState,
    PersonId, Policies, Template,
};
use engage_repository::{
    CaseFilter, ChangeSet, ClaimOutcome, CodeLimit, ExpiredUpload, IdempotencyKey,
    IdempotencyRecord, NewAccessCode, NotificationFilter, OutboxMessage, PeopleErasure,
    RepositoryError, RequestDigest, Revision,
};

use crate::builders::{
    a_change_set, a_message, a_message_to_participant, a_staff_member, a_stamp, an_opened, by,
    by_participant, corrected, joined, minutes_later, replied, replied_by,
};
use crate::contract::Store;
use crate::contract::store::LONG;

/// A case of John in which Ann and Ben have replied.
struct Story {
    case: Case,
    ann: PersonId,
    ben: PersonId,
    /// The reply of Ann.
    reply: Decision,
}

async fn a_story(store: &Store, sequence: u64) -> Story {
    let case = store.keep(an_opened(sequence)).await;
    let case = store.keep(joined(&case, "Ann@X.example", Actor::Customer, minutes_later(1))).await;
    let reply = replied_by(&case, by_participant(&case), "My zebra is striped.", minutes_later(2));
    let case = store.keep(reply.clone()).await;
    let case = store.keep(joined(&case, "ben@x.example", Actor::Customer, minutes_later(3))).await;
    let of_ben = replied_by(&case, by_participant(&case), "My giraffe is tall.", minutes_later(4));
    let case = store.keep(of_ben).await;
    let [ann, ben] = &case.facts().participants[..] else { panic!("two take part") };
    let (ann, ben) = (ann.id, ben.id);
    Story { case, ann, ben, reply }
}

fn mark() -> Message {
    "Redacted by Ann".parse().unwrap()
}

fn an_erasure(people: &[PersonId]) -> PeopleErasure {
    PeopleErasure {
        people: people.to_vec(),
        former_addresses: Vec::new(),
        text: mark(),
        snapshots: Vec::new(),
        responses: Vec::new(),
    }
}

/// Erases people from a case as the use case does.
async fn erase(
    store: &Store,
    case: &Case,
    erasure: PeopleErasure,
) -> Result<Case, RepositoryError> {
    let request = ErasePeopleRequest { people: erasure.people.clone(), redactions: Vec::new() };
    let stamp = a_stamp(by(&a_staff_member("ann")), minutes_later(60));
    let decision = case.erase_people(request, &Policies::default(), stamp).unwrap();
    let case = decision.case.clone();
    let people = Some(erasure);
    let revision = Some(Revision { people, renews_words: true, ..Revision::default() });
    let change_set = ChangeSet { revision, ..a_change_set(decision, Vec::new()) };
    store.cases.commit(change_set).await.map(|()| case)
}

async fn found(store: &Store, words: &str) -> u64 {
    let filter = CaseFilter { search: Some(words.parse().unwrap()), ..CaseFilter::default() };
    store.queries.count_cases(&filter).await.expect("cases are counted")
}

pub async fn what_an_erased_participant_wrote_is_replaced_wherever_it_is_stored(store: &Store) {
    let Story { case, ann, ben, reply } = a_story(store, 1).await;
    let key = IdempotencyKey([7; 32]);
    let record = IdempotencyRecord {
        key,
        digest: RequestDigest([1; 32]),
        answer: "{\"email\":\"Ann@X.example\"}".to_owned(),
        expires_at: minutes_later(24 * 60),
    };
    let note = replied(&case, "Any news?", minutes_later(5));
    let case = note.case.clone();
    let change_set = a_change_set(note, Vec::new());
    store.cases.commit(ChangeSet { idempotency: Some(record), ..change_set }).await.unwrap();
    let erasure = PeopleErasure {
        snapshots: vec![(reply.event.id, "{\"a\":1}".to_owned())],
        responses: vec![("\"Ann@X.example\"".to_owned(), "\"nobody\"".to_owned())],
        ..an_erasure(&[ann])
    };
    let case = erase(store, &case, erasure).await.unwrap();
    assert_eq!(store.case(case.number()).await, case);
    assert_eq!(case.facts().participants[0].state, ParticipantState::Removed);

    let details = store.details(case.number()).await;
    let [of_ann, of_ben, ..] = &details.updates.entries[..] else { panic!("both wrote") };
    assert_eq!(of_ann.message, mark());
    let author = Actor::Participant(ParticipantRef { id: ann, name: None });
    assert_eq!(of_ann.author, author);
    assert_eq!((of_ben.person_id, of_ben.message.as_str()), (Some(ben), "My giraffe is tall."));
    let limit = NonZeroU32::new(10).unwrap();
    let events = store.history.list_case_events(case.number(), None, limit).await.unwrap().unwrap();
    assert_eq!(events[2], "{\"a\":1}");
    for (word, count) in [("zebra", 0), ("giraffe", 1), ("Redacted", 1)] {
        assert_eq!(found(store, word).await, count, "{word}");
    }
    let response = store.idempotency.find_response(&key, minutes_later(6)).await.unwrap().unwrap();
    assert_eq!(response.answer, "{\"email\":\"nobody\"}");
    for (email, count) in [("ann@x.example", 0), ("ben@x.example", 1)] {
        let participant_email = vec![email.parse().unwrap()];
        let filter = CaseFilter { participant_email, ..CaseFilter::default() };
        assert_eq!(store.queries.count_cases(&filter).await.unwrap(), count, "{email}");
    }
}

pub async fn files_of_an_erased_participant_become_expired_uploads(store: &Store) {
    let Story { case, ann, reply, .. } = a_story(store, 1).await;
    let other = a_story(store, 2).await;
    let case = erase(store, &case, an_erasure(&[ann])).await.unwrap();
    let file = reply.event.updates[0].attachments[0].id;
    let day = minutes_later(0).minus(Duration::from_hours(24));
    let expired = store.uploads.list_expired_uploads(day, NonZeroU32::new(10).unwrap()).await;
    assert_eq!(expired.unwrap(), [ExpiredUpload { id: file, is_taken: false }]);
    assert_eq!(store.uploads.find_attachment(file).await.unwrap(), None);
    let [of_ann, of_ben, ..] = &store.details(case.number()).await.updates.entries[..] else {
        panic!("both wrote")
    };
    assert_eq!((of_ann.attachments.len(), of_ben.attachments.len()), (0, 1));
    let entries = store.details(other.case.number()).await.updates.entries;
    assert_eq!(entries[0].attachments.len(), 1, "another case is not affected");
}

pub async fn notifications_to_an_erased_participant_lose_their_address_and_are_not_sent(
    store: &Store,
) {
    use NotificationStatus as S;
    let Story { case, ann, ben, .. } = a_story(store, 1).await;
    let to = |person| a_message_to_participant(case.facts().participant(person).unwrap());
    let (sent, dead, waiting) = (to(ann), to(ann), to(ann));
    let dead = OutboxMessage { template: Template::CaseInvitedParticipant, ..dead };
    let other = to(ben);
    let reply = replied(&case, "Any news?", minutes_later(5));
    let messages = vec![sent.clone(), dead.clone(), other.clone(), a_message("john@example.com")];
    let next = replied(&reply.case, "Hello?", minutes_later(6));
    let case = next.case.clone();
    store.commit(reply, messages).await.unwrap();
    let reason = || "550 <Ann@X.example> is unknown".to_owned();
    for claimed in store.claim(10, LONG).await {
        let end = if claimed.id == sent.id {
            ClaimOutcome::Sent
        } else if claimed.id == dead.id {
            ClaimOutcome::Dead { reason: reason() }
        } else {
            ClaimOutcome::Retry { after: Duration::ZERO, reason: reason() }
        };
        assert!(store.complete(&claimed, end).await);
    }
    store.commit(next, vec![waiting.clone()]).await.unwrap();
    let limit = CodeLimit { most: u32::MAX, within: LONG, apart: Duration::ZERO };
    let message = OutboxMessage { template: Template::CaseCodeParticipant, ..to(ann) };
    let id = case.facts().id;
    let code = NewAccessCode { case: id, person: ann, message, limit, valid_for: LONG };
    assert!(store.access.add_code(code.clone()).await.unwrap());

    erase(store, &case, an_erasure(&[ann])).await.unwrap();
    let told = [(sent.id, S::Sent), (dead.id, S::Cancelled), (waiting.id, S::Cancelled)];
    for (id, status) in told.into_iter().chain([(code.message.id, S::Cancelled)]) {
        let message = store.notification(id).await;
        assert_eq!(message.status, status);
        assert!(message.finished_at.is_some());
        assert!(message.address.to_string().ends_with("@erased.invalid"), "{message:?}");
        let attempts = store.attempts(id).await;
        let reasons = attempts.iter().filter_map(|attempt| attempt.reason.as_deref());
        assert!(reasons.chain(message.last_error.as_deref()).all(|text| text == ERASED));
    }
    assert_eq!(store.notification(other.id).await.status, S::Pending);
    assert_eq!(store.claimed_addresses().await, ["ben@x.example", "john@example.com"]);
    assert_eq!(store.access.try_code(id, ann, LONG, 5).await.unwrap(), None);
    assert!(!store.access.add_code(code).await.unwrap());
}

pub async fn notifications_to_an_erased_former_address_lose_it(store: &Store) {
    let opening = an_opened(1);
    let case = opening.case.clone();
    store.commit(opening, vec![a_message("John@Example.com")]).await.unwrap();
    assert!(store.complete(&store.claim_one(LONG).await, ClaimOutcome::Sent).await);
    let request = CorrectRequest::default().with_email("jd@x.example".parse::<EmailAddress>().ok());
    let decision = corrected(&case, request, by(&a_staff_member("ann")), minutes_later(9));
    let case = decision.case.clone();
    let former: EmailAddress = "john@example.com".parse().unwrap();
    let former_addresses = vec![engage_domain::Address::Email(former.clone())];
    let revision = Some(Revision { former_addresses, ..Revision::default() });
    let to_new = a_change_set(decision, vec![a_message("jd@x.example")]);
    store.cases.commit(ChangeSet { revision, ..to_new }).await.unwrap();
    let limit = NonZeroU32::new(10).unwrap();
    let listed = async || {
        let one = std::slice::from_ref(&former);
        store.person_erasures.list_cases_of_person(one, None, limit).await.unwrap().len()
    };
    assert_eq!(listed().await, 1, "the case is found by the former address");

    let erasure = PeopleErasure { former_addresses: vec![former.clone()], ..an_erasure(&[]) };
    erase(store, &case, erasure).await.unwrap();
    let told = store.listed(&NotificationFilter::of_case(case.number().clone())).await;
    let mut addresses: Vec<_> = told.iter().map(|one| one.address.to_string()).collect();
    addresses.sort();
    assert_eq!(addresses, [ERASED_EMAIL, "jd@x.example"]);
    assert_eq!(listed().await, 0);
}

pub async fn an_erasure_of_people_of_an_outdated_version_changes_nothing(store: &Store) {
    let Story { case, ann, .. } = a_story(store, 1).await;
    store.keep(replied(&case, "Any news?", minutes_later(5))).await;
    let before = store.details(case.number()).await;
    let refused = erase(store, &case, an_erasure(&[ann])).await;
    assert!(matches!(refused, Err(RepositoryError::Conflict)), "{refused:?}");
    assert_eq!(store.details(case.number()).await, before);
    assert_eq!(found(store, "zebra").await, 1);
}
