//! E-mails to participants.

use engage_domain::{EventType, PersonName};
use engage_notifier::ParticipantReader;

use super::page::{Page, words};
use super::*;

/// Renders an e-mail to a participant of this name, who reads it together with others.
fn to_reader(
    template: Template,
    snapshot: &Snapshot,
    name: Option<&str>,
    others: &[Option<&str>],
) -> EmailContent {
    let name_of = |name: &str| -> PersonName { name.parse().unwrap() };
    let others = others.iter().map(|other| other.map(name_of)).collect();
    let reader = ParticipantReader { name: name.map(name_of), others };
    let access = CustomerAccess { participant: Some(reader), ..samples::access(template, None) };
    Templates::new(northwind()).render_email(template, snapshot, &access).unwrap()
}

fn text_of(content: &EmailContent) -> String {
    words(&content.text).join(" ")
}

/// The sample of an update by staff, as if somebody else had written it.
fn replied(kind: &str, name: &str) -> Snapshot {
    let mut snapshot = sample(Template::CaseUpdatedParticipant);
    let event = &mut snapshot.data.event;
    (event.actor.kind, event.actor.name) = (kind.to_owned(), name.to_owned());
    event.actor.id = None;
    event.updates.truncate(1);
    event.updates[0].author = event.actor.clone();
    event.updates[0].message = "WRITTEN".parse().unwrap();
    snapshot
}

#[test]
fn a_reply_by_somebody_else_is_announced_and_not_repeated() {
    for (kind, name, said) in [
        ("CUSTOMER", "John Doe", "John Doe has written a reply"),
        ("PARTICIPANT", "Ben Ray", "Ben Ray has written a reply"),
        ("PARTICIPANT", "Participant", "Somebody else who takes part has written a reply"),
        ("CUSTOMER", "Win at evil.example", "The customer has written a reply"),
    ] {
        let content = email(Template::CaseUpdatedParticipant, &replied(kind, name));
        let text = text_of(&content);
        assert!(text.contains(said), "{said}: {text}");
        for part in [&content.text, &content.html] {
            let repeated = ["WRITTEN", "dashboard", "evil"].map(|mark| part.contains(mark));
            assert_eq!(repeated, [false; 3], "{part}");
        }
    }
    let text = text_of(&email(
        Template::CaseUpdatedParticipant,
        &sample(Template::CaseUpdatedParticipant),
    ));
    assert!(!text.contains("has written a reply"), "{text}");
}

#[test]
fn the_other_readers_are_named_and_their_addresses_are_not() {
    let template = Template::CaseUpdatedParticipant;
    let snapshot = sample(template);
    for (others, said) in [
        (&[][..], None),
        (&[None], Some("1 other person")),
        (&[None, Some("win at evil.example")], Some("2 other people")),
        (&[Some("John Doe")], Some("John Doe")),
        (&[Some("John Doe"), Some("Ben Ray")], Some("John Doe and Ben Ray")),
        (&[Some("John Doe"), Some("Ben Ray"), None, None], Some("John Doe, Ben Ray and 2 others")),
    ] {
        let content = to_reader(template, &snapshot, Some("Ann Lee"), others);
        for part in [text_of(&content), words(&Page::parse(&content.html).body).join(" ")] {
            let also_to = said.map(|said| {
                part.contains(&format!("Also to: {said}"))
                    || part.contains(&format!("Also to {said}"))
            });
            assert_eq!(part.contains("Also to"), said.is_some(), "{part}");
            assert!(also_to.unwrap_or(true), "{said:?}: {part}");
            assert!(!part.contains("john@example.com") && !part.contains("evil"), "{part}");
        }
    }
}

#[test]
fn a_participant_is_greeted_by_a_name_that_is_no_advertisement() {
    for template in TO_PARTICIPANTS {
        for (name, greeting) in [
            (Some("Ann Lee"), "Hello Ann Lee,"),
            (Some("Win at evil.example"), "Hello,"),
            (None, "Hello,"),
        ] {
            let content = to_reader(template, &sample(template), name, &[]);
            assert!(content.text.contains(greeting), "{template}: {}", content.text);
            assert!(!content.text.contains("evil"), "{template}: {}", content.text);
        }
    }
}

#[test]
fn the_customer_is_named_unless_the_name_advertises() {
    for template in TO_PARTICIPANTS {
        let mut snapshot = sample(template);
        let named = email(template, &snapshot).text;
        assert_eq!(named.contains("John Doe"), !template.delivers_code(), "{template}: {named}");
        snapshot.data.case.customer_info.name = "Win at evil.example today".parse().unwrap();
        let content = to_reader(template, &snapshot, None, &[]);
        for part in [&content.subject, &content.text, &content.html] {
            assert!(!part.contains("evil") && !part.contains("John"), "{template}: {part}");
        }
    }
}

#[test]
fn an_invitation_says_who_added_the_participant() {
    let template = Template::CaseInvitedParticipant;
    let mut snapshot = sample(template);
    let of_customer = "John Doe has added you to their support case";
    assert!(text_of(&email(template, &snapshot)).contains(of_customer));
    snapshot.data.event.actor.kind = "STAFF".to_owned();
    let of_staff = "We've added you to John Doe's support case";
    assert!(text_of(&email(template, &snapshot)).contains(of_staff));
}

#[test]
fn a_cancelled_case_is_reported_as_such() {
    let text =
        text_of(&email(Template::CaseUpdatedParticipant, &sample(Template::CaseCancelledCustomer)));
    assert!(text.contains("It has been cancelled."), "{text}");
    let mut by_customer = sample(Template::CaseCancelledCustomer);
    by_customer.data.event.actor.kind = "CUSTOMER".to_owned();
    assert_eq!(by_customer.event_type, EventType::Cancelled);
    let text = text_of(&email(Template::CaseUpdatedParticipant, &by_customer));
    assert!(!text.contains("has written a reply"), "{text}");
}

#[test]
fn no_name_of_a_reader_adds_markup() {
    let template = Template::CaseUpdatedParticipant;
    let render = |name: &str| {
        let content = to_reader(template, &sample(template), Some(name), &[Some(name)]);
        Page::parse(&content.html).skeleton
    };
    for hostile in ["<b>Ann</b>", "\" onmouseover=\"x", "{{ 7 }}", "--><!--"] {
        assert_eq!(render(hostile), render("plain"), "{hostile}");
    }
}
