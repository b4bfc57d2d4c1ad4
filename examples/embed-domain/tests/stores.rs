use engage_domain::{CaseFacts, Event, EventType, Urgency};

#[test]
fn a_stored_case_and_its_events_are_read_back() {
    let (facts, events) = embed_domain::open_and_escalate().unwrap();
    let facts: CaseFacts = serde_json::from_str(&facts).unwrap();
    assert_eq!(facts.urgency, Urgency::Critical);
    let events: Vec<Event> = serde_json::from_str(&events).unwrap();
    let types: Vec<_> = events.iter().map(|event| event.kind.event_type()).collect();
    assert_eq!(types, [EventType::Created, EventType::Escalated]);
}
