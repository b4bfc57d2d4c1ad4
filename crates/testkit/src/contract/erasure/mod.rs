//! Tests of [`ErasureRepository`](engage_repository::ErasureRepository).

mod participants;

use std::num::NonZeroU32;
use std::time::Duration;

use engage_domain::contact::{ERASED_EMAIL, ERASED_PHONE};
use engage_domain::notify::NotificationStatus;
use engage_domain::text::ERASED;
use engage_domain::{
    Actor, Address, AttachmentId, Case, Channel, Decision, PersonId, Policies, Template, Timestamp,
    Visibility, WebhookId,
};
use engage_repository::{
    AccessGeneration, CaseFilter, ChangeSet, ClaimOutcome, CodeLimit, EndpointNotice, Erasure,
    ExpiredUpload, IdempotencyKey, IdempotencyRecord, NewAccessCode, NotificationFilter,
    OutboxMessage, RequestDigest, SearchWords,
};

use super::Store;
use super::delivery::enqueue;
use super::store::LONG;
use crate::builders::{
    a_change_set, a_fresh_id, a_message, a_message_to, a_phone_number, a_staff_member, a_stamp,
    an_email_address, an_endpoint, an_opened, by, escalated, minutes_later, monday, replied,
    written,
};
pub use participants::*;

/// Returns a time long after any upload.
fn far_off() -> Timestamp {
    "2999-01-01T00:00:00Z".parse().unwrap()
}

fn erased(case: &Case, at: Timestamp) -> Decision {
    case.erase(&Policies::default(), a_stamp(by(&a_staff_member("ann")), at))
}

/// Opens a case, replies to it with a file, and escalates it.
async fn a_case_with_a_story(store: &Store, sequence: u64) -> Case {
    let case = store.keep(an_opened(sequence)).await;
    let case = store.keep(replied(&case, "My zebra is striped.", minutes_later(1))).await;
    store.keep(escalated(&case, Actor::Customer, minutes_later(2))).await
}

/// Erases a case and all earlier data as the use case does. Returns the case and its files.
async fn erase(store: &Store, case: &Case) -> (Case, Vec<AttachmentId>) {
    let case = store.keep(erased(case, minutes_later(60))).await;
    let files = store.erasure.erase(erasure(&case)).await.expect("a case is erased");
    (case, files)
}

fn erasure(case: &Case) -> Erasure {
    Erasure {
        case: case.facts().id,
        before: case.version(),
        snapshots: Vec::new(),
        words: SearchWords::of_case(case, &[], usize::MAX),
    }
}

/// Returns the number of cases that a search finds.
async fn found(store: &Store, words: &str) -> u64 {
    let filter = CaseFilter { search: Some(words.parse().unwrap()), ..CaseFilter::default() };
    store.queries.count_cases(&filter).await.expect("cases are counted")
}

pub async fn earlier_text_is_erased_and_later_text_is_not(store: &Store) {
    let case = a_case_with_a_story(store, 1).await;
    let (case, _) = erase(store, &case).await;
    let ann = by(&a_staff_member("ann"));
    let note = written(&case, "Done by letter.", Visibility::Internal, ann, minutes_later(61));
    store.keep(note).await;
    let details = store.details(case.number()).await;
    assert_eq!(details.case.facts().customer, case.facts().customer);
    let messages: Vec<_> =
        details.updates.entries.iter().map(|update| update.message.as_str()).collect();
    let (before, after) = messages.split_at(messages.len() - 2);
    assert!(before.len() >= 2 && before.iter().all(|message| *message == ERASED), "{before:?}");
    assert_eq!(after, ["The personal data of this case was erased", "Done by letter."]);
    assert!(details.updates.entries.iter().all(|update| update.attachments.is_empty()));
    let reasons = details.escalations.iter().map(|escalation| escalation.reason.as_str());
    assert_eq!(reasons.collect::<Vec<_>>(), [ERASED]);
}

pub async fn erased_snapshots_replace_the_stored_ones(store: &Store) {
    let opening = an_opened(1);
    let case = store.keep(opening.clone()).await;
    let case = store.keep(erased(&case, minutes_later(60))).await;
    let other = an_opened(2);
    store.keep(other.clone()).await;
    let snapshots = vec![
        (opening.event.id, "{\"a\":1}".to_owned()),
        // Belongs to another case, which is not affected.
        (other.event.id, "{\"b\":2}".to_owned()),
    ];
    store.erasure.erase(Erasure { snapshots, ..erasure(&case) }).await.unwrap();
    let limit = NonZeroU32::new(10).unwrap();
    let kept = store.history.list_case_events(case.number(), None, limit).await.unwrap().unwrap();
    assert_eq!(kept[0], "{\"a\":1}");
    assert_eq!(kept.len(), 2);
    assert_ne!(kept[1], "{\"a\":1}");
    let kept = store.history.list_case_events(other.case.number(), None, limit).await.unwrap();
    assert_ne!(kept.unwrap(), ["{\"b\":2}"]);
}

pub async fn an_erased_case_is_not_found_by_its_former_words(store: &Store) {
    let case = a_case_with_a_story(store, 1).await;
    let name = case.facts().customer.name.to_string();
    assert_eq!((found(store, "zebra").await, found(store, &name).await), (1, 1));
    let number = case.number().to_string();
    erase(store, &case).await;
    assert_eq!((found(store, "zebra").await, found(store, &name).await), (0, 0));
    assert_eq!(found(store, &number).await, 1);
}

pub async fn files_become_expired_uploads(store: &Store) {
    let case = a_case_with_a_story(store, 1).await;
    let (_, files) = erase(store, &case).await;
    let [file] = files[..] else { panic!("one file was attached: {files:?}") };
    let limit = NonZeroU32::new(10).unwrap();
    let day = minutes_later(0).minus(Duration::from_hours(24));
    let expired = store.uploads.list_expired_uploads(day, limit).await.unwrap();
    assert_eq!(expired, [ExpiredUpload { id: file, is_taken: false }]);
    assert_eq!(store.uploads.find_attachment(file).await.unwrap(), None);
    store.uploads.remove_uploads(&[file]).await.unwrap();
    assert_eq!(store.uploads.list_expired_uploads(far_off(), limit).await.unwrap(), []);
}

fn to_the_customer(case: &Decision) -> OutboxMessage {
    let address = case.case.facts().customer.email.clone().unwrap();
    a_message_to(Address::Email(address))
}

pub async fn notifications_to_the_customer_lose_their_address_and_are_not_sent(store: &Store) {
    let opening = an_opened(1);
    let staff = OutboxMessage {
        template: Template::CaseAssignedStaff,
        ..a_message_to(an_email_address("ann@x.example"))
    };
    let text = OutboxMessage {
        template: Template::CaseEscalatedCustomer,
        ..a_message_to(a_phone_number("+15550100911"))
    };
    let messages = vec![to_the_customer(&opening), staff, text];
    store.commit(opening.clone(), messages).await.unwrap();
    for message in store.claim(10, LONG).await {
        let reason = "550 john@example.com is unknown".to_owned();
        let retry = ClaimOutcome::Retry { after: LONG, reason };
        assert!(store.complete(&message, retry).await);
    }
    let (case, _) = erase(store, &opening.case).await;
    let listed = store.listed(&NotificationFilter::of_case(case.number().clone())).await;
    let mut told: Vec<_> = listed
        .iter()
        .map(|message| (message.address.to_string(), message.status, message.finished_at.is_some()))
        .collect();
    told.sort_by(|a, b| a.0.cmp(&b.0));
    let cancelled = NotificationStatus::Cancelled;
    let expected = [
        (ERASED_PHONE, cancelled, true),
        ("ann@x.example", cancelled, true),
        (ERASED_EMAIL, cancelled, true),
    ];
    assert_eq!(told, expected.map(|(to, status, is_over)| (to.to_owned(), status, is_over)));
    for message in listed.iter().filter(|message| message.address.channel() == Channel::Email) {
        assert_eq!(message.last_error.as_deref(), Some(ERASED));
        let attempts = store.attempts(message.id).await;
        let reasons: Vec<_> = attempts.iter().map(|attempt| attempt.reason.as_deref()).collect();
        assert_eq!(reasons, [Some(ERASED)]);
    }
}

pub async fn endpoint_notices_to_staff_are_still_sent(store: &Store) {
    let endpoint = an_endpoint();
    store.webhooks.add_endpoint(&endpoint).await.expect("an endpoint is added");
    let opening = an_opened(1);
    let call = a_message_to(Address::Webhook(endpoint.id));
    store.commit(opening.clone(), vec![call.clone()]).await.unwrap();
    let told = OutboxMessage {
        template: Template::EndpointDisabledStaff,
        ..a_message_to(an_email_address("ann@x.example"))
    };
    let notice =
        EndpointNotice { about: call.id, snapshot: "{}".to_owned(), messages: vec![told.clone()] };
    assert!(store.webhooks.disable_endpoint(endpoint.id, "410", monday(), notice).await.unwrap());
    erase(store, &opening.case).await;
    assert_eq!(store.notification(told.id).await.status, NotificationStatus::Pending);
}

pub async fn a_code_is_only_sent_to_the_address_of_the_customer(store: &Store) {
    let opening = an_opened(1);
    store.keep(opening.clone()).await;
    let case = opening.case.facts().id;
    let limit = CodeLimit { most: 5, within: LONG, apart: Duration::ZERO };
    let person = PersonId::of_customer(case);
    let code = |to: &str| {
        let message = a_message(to);
        NewAccessCode { case, person, message, limit, valid_for: LONG }
    };
    assert!(store.access.add_code(code("john@example.com")).await.unwrap());
    erase(store, &opening.case).await;
    assert!(!store.access.add_code(code("john@example.com")).await.unwrap());
    assert_eq!(store.claimed_addresses().await, Vec::<String>::new());
}

pub async fn webhooks_are_still_called(store: &Store) {
    let endpoint = Address::Webhook(WebhookId::from_u128(a_fresh_id()));
    let opening = an_opened(1);
    store.commit(opening.clone(), vec![a_message_to(endpoint.clone())]).await.unwrap();
    let (case, _) = erase(store, &opening.case).await;
    let listed = store.listed(&NotificationFilter::of_case(case.number().clone())).await;
    let told: Vec<_> = listed.iter().map(|m| (m.address.clone(), m.status)).collect();
    assert_eq!(told, [(endpoint, NotificationStatus::Pending)]);
}

pub async fn responses_codes_and_proofs_become_void(store: &Store) {
    let keys = [1, 2].map(|place| IdempotencyKey([place; 32]));
    let under = |key, decision| ChangeSet {
        idempotency: Some(IdempotencyRecord {
            key,
            digest: RequestDigest([0x9e; 32]),
            answer: "{}".to_owned(),
            expires_at: far_off(),
        }),
        ..a_change_set(decision, Vec::new())
    };
    let opening = an_opened(1);
    store.cases.commit(under(keys[0], opening.clone())).await.unwrap();
    let case = opening.case.facts().id;
    let limit = CodeLimit { most: 5, within: LONG, apart: Duration::ZERO };
    let (message, person) = (a_message("john@example.com"), PersonId::of_customer(case));
    assert!(
        store
            .access
            .add_code(NewAccessCode { case, person, message, limit, valid_for: LONG })
            .await
            .unwrap()
    );
    let erasing = erased(&opening.case, minutes_later(60));
    store.cases.commit(under(keys[1], erasing.clone())).await.unwrap();
    store.erasure.erase(erasure(&erasing.case)).await.unwrap();
    let response =
        async |key| store.idempotency.find_response(&key, minutes_later(61)).await.unwrap();
    assert_eq!(response(keys[0]).await, None);
    // The response to the erasure request contains no personal data.
    assert!(response(keys[1]).await.is_some());
    assert_eq!(store.access.try_code(case, person, LONG, 5).await.unwrap(), None);
    let stored = store.find(opening.case.number()).await.unwrap();
    assert_eq!(stored.generations.customer, AccessGeneration(1));
}

pub async fn other_cases_are_not_affected(store: &Store) {
    let case = a_case_with_a_story(store, 1).await;
    let other = a_case_with_a_story(store, 2).await;
    enqueue(store, 3, &["john@example.com"]).await;
    let before = store.details(other.number()).await;
    erase(store, &case).await;
    assert_eq!(store.details(other.number()).await, before);
    assert_eq!(found(store, "zebra").await, 1);
    assert_eq!(store.claimed_addresses().await, ["john@example.com"]);
    let stored = store.find(other.number()).await.unwrap();
    assert_eq!(stored.generations.customer, AccessGeneration(0));
}

pub async fn erasing_again_succeeds(store: &Store) {
    let case = a_case_with_a_story(store, 1).await;
    let (case, files) = erase(store, &case).await;
    assert_eq!(files.len(), 1);
    let before = store.details(case.number()).await;
    assert_eq!(store.erasure.erase(erasure(&case)).await.unwrap(), []);
    assert_eq!(store.details(case.number()).await, before);
}
