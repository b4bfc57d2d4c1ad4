//! Tests of revisions, by which a change corrects or removes what was stored of a case before.

use std::num::NonZeroU32;
use std::time::Duration;

use engage_domain::contact::{ERASED_EMAIL, ERASED_PHONE};
use engage_domain::event::{RedactedPart, Redaction};
use engage_domain::notify::NotificationStatus;
use engage_domain::{
    Actor, Address, Case, CorrectRequest, Decision, EmailAddress, Message, PersonId, Policies,
    Template, UpdateId, Visibility,
};
use engage_repository::{
    AccessGeneration, CaseFilter, ChangeSet, ClaimOutcome, CodeLimit, ExpiredUpload,
    IdempotencyKey, IdempotencyRecord, NewAccessCode, NotificationFilter, OutboxMessage,
    RepositoryError, RequestDigest, Revision, StoredRedaction,
};

use crate::builders::{
    a_change_set, a_message, a_message_to, a_phone_number, a_staff_member, a_stamp,
    an_email_address, an_opened, by, corrected, escalated, minutes_later, replied, written,
};
use crate::contract::Store;
use crate::contract::store::LONG;

/// Commits a decision with a revision.
async fn revise(
    store: &Store,
    decision: Decision,
    revision: Revision,
) -> Result<(), RepositoryError> {
    let revision = Some(revision);
    store.cases.commit(ChangeSet { revision, ..a_change_set(decision, Vec::new()) }).await
}

fn to_email(case: &Case, email: &str) -> Decision {
    let request = CorrectRequest::default().with_email(email.parse::<EmailAddress>().unwrap());
    corrected(case, request, by(&a_staff_member("ann")), minutes_later(30))
}

/// Returns the revision of a case whose customer no longer has an address.
fn without(address: Address) -> Revision {
    Revision {
        ends_access: matches!(address, Address::Email(_)),
        proves_customer: false,
        former_addresses: vec![address],
        renews_words: true,
        ..Revision::default()
    }
}

async fn found(store: &Store, words: &str) -> u64 {
    let filter = CaseFilter { search: Some(words.parse().unwrap()), ..CaseFilter::default() };
    store.queries.count_cases(&filter).await.expect("cases are counted")
}

fn a_template(template: Template, address: Address) -> OutboxMessage {
    OutboxMessage { template, ..a_message_to(address) }
}

/// Returns the template, the status and the address of each notification of a case.
async fn told(store: &Store, case: &Case) -> Vec<(Template, NotificationStatus, String)> {
    let listed = store.listed(&NotificationFilter::of_case(case.number().clone())).await;
    let mut told: Vec<_> = listed
        .iter()
        .map(|message| (message.template, message.status, message.address.to_string()))
        .collect();
    told.sort();
    told
}

pub async fn notifications_that_have_not_reached_a_former_address_are_cancelled(store: &Store) {
    use NotificationStatus as S;
    use Template as T;
    let old = an_email_address("john@example.com");
    let opening = an_opened(1);
    let templates = [
        T::CaseReceivedCustomer,
        T::CaseUpdatedCustomer,
        T::CaseEscalatedCustomer,
        T::CaseCancelledCustomer,
        T::CaseUpdatedStaff,
    ];
    let messages = templates.map(|template| a_template(template, old.clone()));
    store.commit(opening.clone(), messages.to_vec()).await.unwrap();
    for message in store.claim(10, LONG).await {
        let reason = "550".to_owned();
        let end = match message.template {
            T::CaseReceivedCustomer => ClaimOutcome::Sent,
            T::CaseUpdatedCustomer => ClaimOutcome::Dead { reason },
            T::CaseCancelledCustomer => ClaimOutcome::Cancelled { reason },
            T::CaseUpdatedStaff => ClaimOutcome::Retry { after: LONG, reason },
            // Stays under way.
            _ => continue,
        };
        assert!(store.complete(&message, end).await);
    }
    let decision = to_email(&opening.case, "jd@x.example");
    let case = decision.case.clone();
    let new = a_template(T::CaseUpdatedCustomer, an_email_address("jd@x.example"));
    let change_set = a_change_set(decision, vec![new]);
    let revision = Some(without(old));
    store.cases.commit(ChangeSet { revision, ..change_set }).await.unwrap();

    let mut expected = vec![
        (T::CaseReceivedCustomer, S::Sent, "john@example.com".to_owned()),
        (T::CaseUpdatedCustomer, S::Cancelled, ERASED_EMAIL.to_owned()),
        (T::CaseUpdatedCustomer, S::Pending, "jd@x.example".to_owned()),
        (T::CaseEscalatedCustomer, S::Cancelled, ERASED_EMAIL.to_owned()),
        (T::CaseCancelledCustomer, S::Cancelled, ERASED_EMAIL.to_owned()),
        (T::CaseUpdatedStaff, S::Pending, "john@example.com".to_owned()),
    ];
    expected.sort();
    assert_eq!(told(store, &case).await, expected);
    for summary in store.listed(&NotificationFilter::of_case(case.number().clone())).await {
        assert_eq!(summary.finished_at.is_some(), summary.status != S::Pending, "{summary:?}");
    }
    assert_eq!(store.claimed_addresses().await, ["jd@x.example"]);
}

pub async fn text_messages_to_a_former_number_are_cancelled(store: &Store) {
    use NotificationStatus as S;
    let old = a_phone_number("+15550100911");
    let opening = an_opened(1);
    let text = a_template(Template::CaseEscalatedCustomer, old.clone());
    store.commit(opening.clone(), vec![text, a_message("john@example.com")]).await.unwrap();
    let other = an_opened(2);
    let text = a_template(Template::CaseEscalatedCustomer, old.clone());
    store.commit(other.clone(), vec![text]).await.unwrap();
    let request = CorrectRequest::default().with_phone("+15550100912".parse().ok());
    let decision = corrected(&opening.case, request, by(&a_staff_member("ann")), minutes_later(9));
    let case = decision.case.clone();
    revise(store, decision, without(old)).await.unwrap();
    let statuses = told(store, &case).await;
    let cancelled = (Template::CaseEscalatedCustomer, S::Cancelled, ERASED_PHONE.to_owned());
    assert!(statuses.contains(&cancelled), "{statuses:?}");
    assert!(statuses.iter().any(|(_, status, _)| *status == S::Pending), "{statuses:?}");
    let [(_, status, address)] = &told(store, &other.case).await[..] else { panic!("one message") };
    assert_eq!((*status, address.as_str()), (S::Pending, "+15550100911"), "it is of another case");
    assert_eq!(store.find(case.number()).await.unwrap().generations.customer, AccessGeneration(0));
}

pub async fn a_former_address_loses_its_access(store: &Store) {
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
    let decision = to_email(&opening.case, "jd@x.example");
    revise(store, decision, without(an_email_address("john@example.com"))).await.unwrap();
    let stored = store.find(opening.case.number()).await.unwrap();
    assert_eq!(stored.generations.customer, AccessGeneration(1));
    assert_eq!(store.access.try_code(case, person, LONG, 5).await.unwrap(), None);
    assert!(!store.access.add_code(code("john@example.com")).await.unwrap());
    assert!(store.access.add_code(code("jd@x.example")).await.unwrap());
    assert_eq!(store.claimed_addresses().await, ["jd@x.example"]);
}

pub async fn a_corrected_case_is_found_by_its_present_words_alone(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let case = store.keep(replied(&case, "My zebra is striped.", minutes_later(1))).await;
    let request = CorrectRequest::default()
        .with_name("Jonathan Dough".parse().unwrap())
        .with_subject("Cannot open spreadsheet".parse().unwrap());
    let decision = corrected(&case, request, by(&a_staff_member("ann")), minutes_later(9));
    let revision = Revision { renews_words: true, ..Revision::default() };
    revise(store, decision, revision).await.unwrap();
    for (words, count) in
        [("Jonathan Dough", 1), ("spreadsheet", 1), ("zebra", 1), ("Doe", 0), ("dashboard", 0)]
    {
        assert_eq!(found(store, words).await, count, "{words}");
    }
    let details = store.details(case.number()).await;
    assert_eq!(details.case.facts().customer.name.as_str(), "Jonathan Dough");
}

/// Opens a case, and writes two updates to it: one with a file, and a later one.
async fn a_case_with_a_file(store: &Store, sequence: u64) -> (Case, Decision) {
    let case = store.keep(an_opened(sequence)).await;
    let reply = replied(&case, "My zebra is striped.", minutes_later(1));
    let case = store.keep(reply.clone()).await;
    let ann = by(&a_staff_member("ann"));
    let answer = written(&case, "Paint the giraffe.", Visibility::Public, ann, minutes_later(2));
    (store.keep(answer).await, reply)
}

fn redacted(case: &Case, part: RedactedPart) -> Decision {
    let stamp = a_stamp(by(&a_staff_member("ann")), minutes_later(60));
    case.redact(Redaction { part, quotes: Vec::new() }, &Policies::default(), stamp).unwrap()
}

fn mark() -> Message {
    "Redacted by Ann".parse().unwrap()
}

fn a_redaction(update: UpdateId, reply: &Decision) -> StoredRedaction {
    StoredRedaction {
        snapshots: vec![(reply.event.id, "{\"a\":1}".to_owned())],
        update: Some((update, mark())),
        attachment: None,
        responses: vec![("\"My zebra is striped.\"".to_owned(), "\"mark\"".to_owned())],
    }
}

fn redacting(redaction: StoredRedaction) -> Revision {
    Revision { renews_words: true, redaction: Some(redaction), ..Revision::default() }
}

pub async fn a_redacted_update_is_replaced_wherever_it_is_stored(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let reply = replied(&case, "My zebra is striped.", minutes_later(1));
    let key = IdempotencyKey([7; 32]);
    let record = IdempotencyRecord {
        key,
        digest: RequestDigest([1; 32]),
        answer: "{\"message\":\"My zebra is striped.\"}".to_owned(),
        expires_at: minutes_later(24 * 60),
    };
    let change_set = a_change_set(reply.clone(), Vec::new());
    store.cases.commit(ChangeSet { idempotency: Some(record), ..change_set }).await.unwrap();
    let id = reply.event.updates[0].id;
    let decision = redacted(&reply.case, RedactedPart::UpdateId(id));
    revise(store, decision, redacting(a_redaction(id, &reply))).await.unwrap();

    let details = store.details(case.number()).await;
    assert_eq!(details.updates.entries[0].message, mark());
    assert_eq!(details.updates.entries[0].attachments.len(), 1, "the file stays");
    let limit = NonZeroU32::new(10).unwrap();
    let events = store.history.list_case_events(case.number(), None, limit).await.unwrap().unwrap();
    assert_eq!(events.len(), 3);
    assert_eq!(events[1], "{\"a\":1}");
    assert_eq!((found(store, "zebra").await, found(store, "Redacted").await), (0, 1));
    let response = store.idempotency.find_response(&key, minutes_later(2)).await.unwrap().unwrap();
    assert_eq!(response.answer, "{\"message\":\"mark\"}");
}

pub async fn a_redacted_reason_is_gone_from_its_escalation(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let escalation = escalated(&case, Actor::Customer, minutes_later(1));
    let case = store.keep(escalation.clone()).await;
    let again = escalated(&case, by(&a_staff_member("ann")), minutes_later(30));
    let case = store.keep(again.clone()).await;
    let id = escalation.event.updates[0].id;
    let redaction = StoredRedaction { update: Some((id, mark())), ..StoredRedaction::default() };
    let decision = redacted(&case, RedactedPart::UpdateId(id));
    revise(store, decision, redacting(redaction)).await.unwrap();
    let details = store.details(case.number()).await;
    let reasons: Vec<_> = details.escalations.iter().map(|one| one.reason.as_str()).collect();
    let other = again.event.updates[0].message.as_str();
    assert_eq!(reasons, [mark().as_str(), other]);
}

pub async fn a_redacted_file_becomes_an_expired_upload(store: &Store) {
    let (case, reply) = a_case_with_a_file(store, 1).await;
    let (other, other_reply) = a_case_with_a_file(store, 2).await;
    let update = &reply.event.updates[0];
    let file = update.attachments[0].id;
    let redaction = StoredRedaction {
        attachment: Some(file),
        update: Some((update.id, mark())),
        ..StoredRedaction::default()
    };
    let decision = redacted(&case, RedactedPart::AttachmentId(file));
    revise(store, decision, redacting(redaction)).await.unwrap();
    let limit = NonZeroU32::new(10).unwrap();
    let day = minutes_later(0).minus(Duration::from_hours(24));
    let expired = store.uploads.list_expired_uploads(day, limit).await.unwrap();
    assert_eq!(expired, [ExpiredUpload { id: file, is_taken: false }]);
    assert_eq!(store.uploads.find_attachment(file).await.unwrap(), None);
    let entry = &store.details(case.number()).await.updates.entries[0];
    assert_eq!((&entry.message, &entry.attachments[..]), (&mark(), &[][..]));

    // A file of another case is not affected, even if it is named.
    let file = other_reply.event.updates[0].attachments[0].id;
    let redaction = StoredRedaction { attachment: Some(file), ..StoredRedaction::default() };
    let present = store.case(case.number()).await;
    let decision = redacted(&present, RedactedPart::AttachmentId(file));
    revise(store, decision, redacting(redaction)).await.unwrap();
    assert!(store.uploads.find_attachment(file).await.unwrap().is_some());
    assert_eq!(store.details(other.number()).await.updates.entries[0].attachments.len(), 1);
}

pub async fn a_revision_of_an_outdated_version_changes_nothing(store: &Store) {
    let opening = an_opened(1);
    store.commit(opening.clone(), vec![a_message("john@example.com")]).await.unwrap();
    let reply = replied(&opening.case, "My zebra is striped.", minutes_later(1));
    store.keep(reply.clone()).await;
    let before = store.details(opening.case.number()).await;
    let mut revision = without(an_email_address("john@example.com"));
    revision.redaction = Some(a_redaction(reply.event.updates[0].id, &reply));
    let late = to_email(&opening.case, "jd@x.example");
    let refused = revise(store, late, revision).await;
    assert!(matches!(refused, Err(RepositoryError::Conflict)), "{refused:?}");
    assert_eq!(store.details(opening.case.number()).await, before);
    assert_eq!(found(store, "zebra").await, 1);
    let stored = store.find(opening.case.number()).await.unwrap();
    assert_eq!(stored.generations.customer, AccessGeneration(0));
    assert_eq!(store.claimed_addresses().await, ["john@example.com"]);
}
