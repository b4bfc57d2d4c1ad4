//! Cases as they are opened.

use std::time::Duration;

use engage_domain::Status::Open;
use engage_domain::case::EscalationLevel;
use engage_domain::*;

use crate::support::*;

#[test]
fn a_new_case_is_open_and_unassigned_in_its_first_version() {
    let Decision { case, event } = open_as(CustomerType::Business, Urgency::High);
    let facts = case.facts();
    assert_eq!((case.status(), case.version()), (Open, Version::FIRST));
    assert_eq!((&facts.assignment, &facts.department), (&None, &None));
    assert_eq!(facts.escalation_level, EscalationLevel::NONE);
    assert_eq!(facts.customer_escalated_at, None);
    assert_eq!(facts.priority_score.get(), 85);
    assert_eq!(facts.paused, Duration::ZERO);
    for instant in [facts.created_at, facts.status_since, facts.last_activity, facts.last_updated] {
        assert_eq!(instant, opening());
    }
    assert_eq!((event.event_type(), event.sequence), (EventType::Created, Version::FIRST));
    assert_eq!((event.timestamp, &event.actor), (opening(), &Actor::Customer));
    assert_eq!((event.changes, event.updates), (vec![], vec![]));
}

#[test]
fn the_files_of_a_new_case_belong_to_an_entry_with_a_generated_text() {
    let facts = case().facts().clone();
    let request = OpenRequest { attachments: vec![attachment()], ..new_case() };
    let stamp = by_customer(opening());
    let id = stamp.update_ids[0];
    let Decision { case, event } =
        Case::open(facts.id, facts.number, request, &Policies::default(), stamp);
    let [update] = &event.updates[..] else { panic!("one entry is written") };
    let expected = Update {
        id,
        timestamp: opening(),
        author: Actor::Customer,
        person_id: Some(PersonId::of_customer(facts.id)),
        source: Source::Api,
        visibility: Visibility::Public,
        message: text("Files sent with the request"),
        attachments: vec![attachment()],
    };
    assert_eq!(update, &expected);
    assert_eq!((case.version(), case.facts().first_response), (Version::FIRST, None));
}
