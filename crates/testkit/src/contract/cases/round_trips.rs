//! Tests that every field of a case is read back as it was stored.

use std::num::NonZeroU32;
use std::time::Duration;

use engage_domain::attachment::ContentHash;
use engage_domain::case::EscalationLevel;
use engage_domain::contact::ABSENT_EMAIL;
use engage_domain::{
    Actor, Attachment, AttachmentId, Case, CustomerType, Decision, IssueType, Message, OpenRequest,
    Policies, ReplyRequest, Source, Status, Timestamp, UpdateRequest, Urgency, Visibility,
};
use engage_notifier::Snapshot;

use crate::builders::{
    a_case_number, a_fresh_id, a_machine, a_new_case, a_new_case_by_phone,
    a_new_case_with_everything, a_staff_member, a_staff_member_with_everything, a_stamp, an_opened,
    assigned, by, by_machine, escalated, in_status, minutes_later, monday, on_the_way_to, opened,
    opened_from, replied, updated, written,
};
use crate::contract::Store;

/// Letters of many scripts, combining characters, right-to-left text, and emoji of several code
/// points.
const UNICODE: &str = "Zoë e\u{301} ñ 你好 مرحبا שלום \u{200f}x\u{200e} नमस्ते 👩‍👩‍👧‍👦 🇩🇪 \u{1f9d1}\u{1f3fd} ﷽ ß İ ı '\"\\ %_ $1 ?1 ;--";

async fn assert_kept(store: &Store, decision: Decision) -> Case {
    let case = store.keep(decision).await;
    assert_eq!(store.case(case.number()).await, case);
    case
}

pub async fn a_case_with_every_optional_field_absent_is_read_back(store: &Store) {
    assert_kept(store, opened(a_new_case(), a_case_number(1), monday())).await;
}

pub async fn a_case_with_every_optional_field_set_is_read_back(store: &Store) {
    let agent = a_staff_member_with_everything("agent");
    store.hire(&agent).await;
    let request = a_new_case_with_everything();
    let case = assert_kept(store, opened(request, a_case_number(1), monday())).await;
    let at = minutes_later;
    let case = assert_kept(store, escalated(&case, Actor::Customer, at(1))).await;
    let case = assert_kept(store, assigned(&case, Some(&agent), by(&agent), at(2))).await;
    let word = written(&case, "On it.", Visibility::Public, by(&agent), at(3));
    let case = assert_kept(store, word).await;
    let case = assert_kept(store, in_status(&case, Status::OnHold, at(4))).await;
    // A pause of more milliseconds than fit into 32 bits.
    let in_two_months = at(4).plus(Duration::from_hours(60 * 24));
    let case = assert_kept(store, in_status(&case, Status::InProgress, in_two_months)).await;
    let note = written(
        &case,
        "Psst.",
        Visibility::Internal,
        by(&agent),
        in_two_months.plus(Duration::from_millis(1)),
    );
    let facts = assert_kept(store, note).await.into_facts();

    assert!(facts.customer_escalated_at.is_some() && facts.first_response.is_some());
    assert!(facts.assignment.is_some() && facts.department.is_some());
    assert!(facts.last_updated < facts.last_activity && !facts.paused.is_zero());
}

pub async fn optional_fields_that_were_set_are_cleared_again(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let case = store.keep(an_opened(1)).await;
    let case = store.keep(assigned(&case, Some(&agent), by(&agent), minutes_later(1))).await;
    let case = assert_kept(store, in_status(&case, Status::Open, minutes_later(2))).await;
    assert_eq!(case.facts().assignment, None);
}

pub async fn every_classification_is_read_back(store: &Store) {
    let mut sequence = 0;
    for &urgency in Urgency::ALL {
        for &customer_type in CustomerType::ALL {
            for &issue_type in IssueType::ALL {
                sequence += 1;
                let mut request = OpenRequest { urgency, issue_type, ..a_new_case() };
                request.customer.customer_type = customer_type;
                assert_kept(store, opened(request, a_case_number(sequence), monday())).await;
            }
        }
    }
}

pub async fn every_source_is_read_back(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    for (sequence, &source) in (1..).zip(Source::ALL) {
        let mut case = assert_kept(store, opened_from(source, a_case_number(sequence))).await;
        assert_eq!(case.facts().source, source);
        for (actor, minute) in [(Actor::Customer, 1), (by(&agent), 2)] {
            let stamp = a_stamp(actor.clone(), minutes_later(minute)).with_source(source);
            let (policies, text) = (Policies::default(), "Words".parse().unwrap());
            let decision = match actor {
                Actor::Customer => {
                    case.reply(ReplyRequest::message(text), &policies, stamp).unwrap()
                }
                _ => {
                    let request = UpdateRequest::message(text);
                    case.update(request, &policies, stamp).unwrap().unwrap()
                }
            };
            assert_eq!(decision.event.updates[0].source, source);
            case = assert_kept(store, decision).await;
        }
    }
}

pub async fn every_status_is_read_back(store: &Store) {
    for (sequence, &status) in (1..).zip(Status::ALL) {
        let mut case = assert_kept(store, an_opened(sequence)).await;
        for decision in on_the_way_to(&case, status, minutes_later(5)) {
            case = assert_kept(store, decision).await;
        }
        assert_eq!(case.status(), status);
    }
}

pub async fn every_escalation_level_is_read_back(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let mut case = store.keep(an_opened(1)).await;
    for minute in 1..=4 {
        case = assert_kept(store, escalated(&case, by(&agent), minutes_later(minute))).await;
    }
    assert_eq!(case.facts().escalation_level, EscalationLevel::MAX);
}

pub async fn text_of_every_script_is_read_back(store: &Store) {
    let mut request = a_new_case_with_everything();
    request.subject = UNICODE.parse().unwrap();
    request.message = format!("{UNICODE}\n\t{UNICODE}").parse().unwrap();
    request.project = Some(UNICODE.parse().unwrap());
    request.customer.name = UNICODE.parse().unwrap();
    request.customer.organization = Some(UNICODE.parse().unwrap());
    let case = assert_kept(store, opened(request, a_case_number(1), monday())).await;

    let mut agent = a_staff_member("agent");
    agent.name = UNICODE.parse().unwrap();
    agent.department = Some(UNICODE[..UNICODE.find(" 👩").unwrap()].parse().unwrap());
    store.hire(&agent).await;
    let case =
        assert_kept(store, assigned(&case, Some(&agent), by(&agent), minutes_later(1))).await;
    let word = written(&case, UNICODE, Visibility::Public, by(&agent), minutes_later(2));
    let case = assert_kept(store, word.clone()).await;
    let details = store.details(case.number()).await;
    assert_eq!(details.assignee, Some(agent.to_ref()));
    assert_eq!(details.updates.entries.last(), word.event.updates.last());
}

pub async fn the_longest_texts_are_read_back(store: &Store) {
    let line = "\u{1f600}".repeat(200);
    let prose = "\u{1f600}".repeat(20_000);
    let mut request = a_new_case();
    request.subject = line.parse().unwrap();
    request.message = prose.parse().unwrap();
    request.project = Some(line.parse().unwrap());
    request.customer.name = line.parse().unwrap();
    request.customer.organization = Some(line.parse().unwrap());
    request.customer.phone = Some("+123456789012345".parse().unwrap());
    let domain = ["d".repeat(61).as_str(); 4].join(".");
    request.customer.email = Some(format!("{}@{domain}", "l".repeat(6)).parse().unwrap());
    let number = "ABCDEFGHIJ-2025-4611686018427387904".parse().unwrap();
    let case = assert_kept(store, opened(request, number, monday())).await;
    let reply = replied(&case, &prose, minutes_later(1));
    let case = assert_kept(store, reply.clone()).await;
    assert_eq!(store.details(case.number()).await.updates.entries, reply.event.updates);
}

pub async fn an_email_address_retains_its_spelling(store: &Store) {
    let mut request = a_new_case();
    let address = Some("John.O'Neil+Support@Mail.Example.co.uk".parse().unwrap());
    request.customer.email = address;
    let case = store.keep(opened(request, a_case_number(1), monday())).await;
    let found = store.case(case.number()).await.into_facts();
    assert_eq!(found.customer.email.unwrap().as_str(), "John.O'Neil+Support@Mail.Example.co.uk");
}

pub async fn a_customer_without_an_email_address_is_read_back(store: &Store) {
    let request = a_new_case_by_phone();
    let case = assert_kept(store, opened(request, a_case_number(1), monday())).await;
    assert_eq!(case.facts().customer.email, None);
    assert_kept(store, escalated(&case, Actor::Customer, minutes_later(1))).await;
    let (number, limit) = (case.number(), NonZeroU32::new(10).unwrap());
    let events = store.history.list_case_events(number, None, limit).await.unwrap().unwrap();
    assert_eq!(events.len(), 2);
    for event in events {
        assert!(event.contains(ABSENT_EMAIL), "programs of earlier releases read an address");
        let snapshot: Snapshot = serde_json::from_str(&event).unwrap();
        assert_eq!(snapshot.data.case.customer_info.email, None);
    }
}

pub async fn timestamps_retain_their_milliseconds(store: &Store) {
    for (sequence, text) in
        (1..).zip(["2025-01-27T10:00:00.001Z", "2024-02-29T23:59:59.999Z", "2100-06-30T00:00:00Z"])
    {
        let at: Timestamp = text.parse().unwrap();
        let case = assert_kept(store, opened(a_new_case(), a_case_number(sequence), at)).await;
        assert_eq!(case.facts().created_at, at);
    }
}

pub async fn updates_are_read_back_with_their_authors_and_attachments(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let case = store.keep(an_opened(1)).await;
    let attachments = (0..10)
        .map(|place| Attachment {
            id: AttachmentId::from_u128(a_fresh_id()),
            filename: format!("Bericht {place} – ünï 😀.pdf").parse().unwrap(),
            content_type: "application/vnd.oasis.opendocument.text".parse().unwrap(),
            // Does not fit into 32 bits.
            size: 5_000_000_000 + place,
            hash: ContentHash::from_bytes([u8::try_from(place).unwrap(); 32]),
        })
        .collect();
    let request = UpdateRequest {
        message: Some("Ten files.\n\nIn order.".parse::<Message>().unwrap()),
        visibility: Visibility::Internal,
        status_change: Some(Status::InProgress),
        attachments,
        ..UpdateRequest::default()
    };
    let by_staff = updated(&case, request, by(&agent), minutes_later(1));
    let by_system = in_status(&by_staff.case, Status::WaitingOnCustomer, minutes_later(2));
    let by_customer = replied(&by_system.case, "One file.", minutes_later(3));
    let decisions = [by_staff, by_system, by_customer];
    let mut expected = Vec::new();
    for decision in decisions {
        expected.extend(decision.event.updates.clone());
        store.keep(decision).await;
    }
    assert_eq!(store.details(case.number()).await.updates.entries, expected);
}

pub async fn updates_of_machines_are_read_back_with_their_authors(store: &Store) {
    let (machine, agent) = (a_machine("gateway", &[]), a_staff_member("agent"));
    for member in [&machine, &agent] {
        store.hire(member).await;
    }
    let mut case = store.keep(an_opened(1)).await;
    let mut expected = Vec::new();
    let authors = [by_machine(&machine, None), by_machine(&machine, Some(&agent)), by(&agent)];
    for (minute, author) in (1..).zip(authors) {
        let decision = written(&case, "Words", Visibility::Public, author, minutes_later(minute));
        expected.extend(decision.event.updates.clone());
        case = assert_kept(store, decision).await;
    }
    assert_eq!(store.details(case.number()).await.updates.entries, expected);
    assert_eq!(case.facts().first_response, Some(minutes_later(2)));
}

pub async fn escalations_are_read_back_with_their_requesters(store: &Store) {
    let agent = a_staff_member("agent");
    store.hire(&agent).await;
    let request = OpenRequest { urgency: Urgency::Low, ..a_new_case() };
    let mut case = store.keep(opened(request, a_case_number(1), monday())).await;
    let mut expected = Vec::new();
    for (minute, actor) in [(1, Actor::Customer), (2, by(&agent)), (3, Actor::System)] {
        let request = engage_domain::EscalateRequest {
            reason: format!("{UNICODE}\nfor the time {minute}").parse().unwrap(),
            new_urgency: (minute == 2).then_some(Urgency::Critical),
        };
        let stamp = a_stamp(actor, minutes_later(minute));
        let decision = case.escalate(request, &Policies::default(), stamp).unwrap();
        let engage_domain::EventKind::Escalated(escalation) = &decision.event.kind else {
            unreachable!("an escalation escalates")
        };
        expected.push(escalation.clone());
        case = store.keep(decision).await;
    }
    assert_eq!(store.details(case.number()).await.escalations, expected);
}

pub async fn an_update_retains_the_name_that_its_author_had(store: &Store) {
    let mut agent = a_staff_member("agent");
    store.hire(&agent).await;
    agent.name = "Maiden Name".parse().unwrap();
    let case = store.keep(an_opened(1)).await;
    let word = written(&case, "Hello", Visibility::Public, by(&agent), minutes_later(1));
    store.keep(word.clone()).await;
    assert_eq!(store.details(case.number()).await.updates.entries, word.event.updates);
}
