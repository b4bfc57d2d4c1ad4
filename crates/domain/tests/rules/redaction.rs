//! Redacting parts of cases.

use engage_domain::event::{
    Change, Quote, RedactableField, RedactedPart, Redaction, RedactionMark,
};
use engage_domain::*;

use crate::support::*;

const SUBJECT: RedactedPart = RedactedPart::Field(RedactableField::Subject);
const MESSAGE: RedactedPart = RedactedPart::Field(RedactableField::Message);

#[test]
fn a_redacted_field_says_who_redacted_it_and_when() {
    let mark = "Redacted by Jane Smith at 2025-01-27T11:00:00.000Z";
    let before = case();
    let subject = redacted(&before, SUBJECT).case.into_facts();
    assert_eq!(subject.subject.as_str(), mark);
    assert_eq!(subject.message, before.facts().message);
    let message = redacted(&before, MESSAGE).case.into_facts();
    assert_eq!(message.message.as_str(), mark);
    assert_eq!(message.subject, before.facts().subject);
}

#[test]
fn the_event_names_the_part_and_its_quotes_but_no_text() {
    for part in [
        SUBJECT,
        MESSAGE,
        RedactedPart::UpdateId(UpdateId::from_u128(5)),
        RedactedPart::AttachmentId(AttachmentId::from_u128(6)),
    ] {
        let quotes = vec![Quote { update_id: UpdateId::from_u128(7), at: after(minutes(30)) }];
        let redaction = Redaction { part, quotes };
        let stamp = by_staff(after(hours(1)));
        let event = case().redact(redaction.clone(), &Policies::default(), stamp).unwrap().event;
        assert_eq!(event.changes, [Change::Redaction { from: (), to: Box::new(redaction) }]);
        assert!(!event.changes[0].is_personal(), "the record of it outlives an erasure");
        assert_eq!((event.visibility, &event.updates[..]), (Visibility::Internal, &[][..]));
    }
}

#[test]
fn a_case_is_redacted_in_every_status_and_stays_in_it() {
    for &status in Status::ALL {
        let before = case_that_is(status);
        let at = before.facts().last_activity;
        let redaction = Redaction { part: MESSAGE, quotes: Vec::new() };
        let case = before.redact(redaction, &Policies::default(), by_staff(at)).unwrap().case;
        assert_eq!(case.status(), status);
        assert_eq!(case.version(), before.version().next());
        assert_eq!(case.facts().next_action_at, before.facts().next_action_at);
    }
}

#[test]
fn only_staff_redact() {
    let redaction = Redaction { part: SUBJECT, quotes: Vec::new() };
    let stamp = by_customer(after(hours(1)));
    let refused = case().redact(redaction, &Policies::default(), stamp);
    assert_eq!(refused, Err(case::WrongActor::NotStaff));
}

#[test]
fn an_entry_that_lost_its_file_keeps_its_text_above_the_mark() {
    let mark = RedactionMark::new(&Actor::System, opening());
    let entry: Message = text("See the screen shot.");
    let expected = "See the screen shot.\n\nRedacted by the system at 2025-01-27T10:00:00.000Z";
    assert_eq!(entry.marked(&mark).as_str(), expected);
    let longest: Message = "x".repeat(20_000).parse().unwrap();
    assert_eq!(longest.clone().marked(&mark), longest, "there is no room for the mark");
}
