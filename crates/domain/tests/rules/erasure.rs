//! Erasing personal data from cases.

use engage_domain::contact::ERASED_EMAIL;
use engage_domain::notify::WebhookTarget;
use engage_domain::text::ERASED;
use engage_domain::*;

use crate::support::*;

fn erase(case: &Case, at: Timestamp) -> Decision {
    case.erase(&Policies::default(), by_staff(at))
}

#[test]
fn an_erased_case_contains_no_personal_data() {
    let before = with_ann(&case()).case;
    let Decision { case, event } = erase(&before, after(hours(1)));
    let facts = case.facts();
    let nobody = Customer {
        name: text(ERASED),
        email: Some(text(ERASED_EMAIL)),
        organization: None,
        phone: None,
        customer_type: before.facts().customer.customer_type,
    };
    assert_eq!(facts.customer, nobody);
    assert_eq!((facts.subject.as_str(), facts.message.as_str()), (ERASED, ERASED));
    assert_eq!(facts.project, None);
    assert_eq!(facts.participants, []);
    assert!(!event.changes.iter().any(event::Change::is_personal), "{:?}", event.changes);
    assert_eq!(facts.number, before.facts().number);
    let [note] = &event.updates[..] else { panic!("one note is written: {:?}", event.updates) };
    assert_eq!(note.message.as_str(), "The personal data of this case was erased");
    assert_eq!((note.visibility, event.visibility), (Visibility::Internal, Visibility::Internal));
    assert_eq!(
        facts.last_updated,
        after(hours(1)),
        "the customer sees neither subject nor message"
    );
}

#[test]
fn a_case_that_is_not_finished_ends_when_it_is_erased() {
    for &status in Status::ALL {
        let before = case_that_is(status);
        let Decision { case, event } = erase(&before, before.facts().last_activity);
        let (end, kind) = match status {
            Status::Closed | Status::Resolved => (Status::Closed, EventType::Updated),
            Status::Cancelled => (Status::Cancelled, EventType::Updated),
            _ => (Status::Cancelled, EventType::Cancelled),
        };
        assert_eq!((case.status(), event.event_type()), (end, kind), "{status}");
        assert_eq!(case.facts().next_action_at, None, "no automatic action is due any more");
        assert_eq!(case.facts().first_response, before.facts().first_response);
    }
}

#[test]
fn only_webhooks_and_staff_are_notified() {
    let Decision { case, event } = erase(&assigned_case(), after(days(2)));
    let (contacts, jane) = (Contacts::default(), jane());
    let audience = Audience {
        contacts: &contacts,
        assignee: Some(&jane),
        previous_assignee: None,
        webhooks: &[WebhookTarget {
            id: WebhookId::from_u128(7),
            event_types: Vec::new(),
            event_subtypes: Vec::new(),
            includes_internal: true,
        }],
        includes_customer: true,
    };
    let messages = NotificationMatrix::default().plan(&event, case.facts(), &audience);
    assert!(messages.iter().any(|message| message.template == Template::CaseEvent));
    assert!(!messages.iter().any(|message| message.template.is_for_customer()), "{messages:?}");
}

#[test]
fn an_erased_case_is_erased_again_with_another_note() {
    let first = erase(&case(), after(hours(1))).case;
    let Decision { case, event } = erase(&first, after(hours(2)));
    assert_eq!(case.facts().customer, first.facts().customer);
    assert_eq!(case.version(), first.version().next());
    assert_eq!(event.changes, []);
}
