//! Erasing personal data from cases.

use engage_domain::case::ErasePeopleRequest;
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
        let (end, known_before) = match status {
            Status::Closed | Status::Resolved => (Status::Closed, EventType::Updated),
            Status::Cancelled => (Status::Cancelled, EventType::Updated),
            _ => (Status::Cancelled, EventType::Cancelled),
        };
        assert_eq!((case.status(), event.event_type()), (end, EventType::Erased), "{status}");
        assert_eq!(event.event_type().known_before(&event.changes), known_before, "{status}");
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

/// Returns a case in which Ann has replied and Ben takes part.
fn with_ann_and_ben() -> Case {
    let joined = with_ann(&case()).case;
    let request = ReplyRequest::message(text("It says plugh."));
    let replied = joined.reply(request, &Policies::default(), by_ann(after(hours(1))));
    let ben = AddParticipantRequest::new(text("ben@example.com"));
    let by_john = by_customer(after(hours(2)));
    let joined = try_add(&replied.unwrap().case, PersonId::from_u128(77), ben, by_john);
    joined.unwrap().unwrap().case
}

fn erase_people(case: &Case, people: Vec<PersonId>) -> Decision {
    let request = ErasePeopleRequest { people, redactions: Vec::new() };
    case.erase_people(request, &Policies::default(), by_staff(after(hours(3)))).unwrap()
}

#[test]
fn an_erased_participant_stays_as_a_removed_one_without_a_name_and_an_address() {
    let before = with_ann_and_ben();
    let [ann, ben] = &before.facts().participants[..] else { panic!("two take part") };
    let Decision { case, event } = erase_people(&before, vec![ann.id]);
    let [erased, other] = &case.facts().participants[..] else { panic!("both stay") };
    assert_eq!((erased.id, erased.state, &erased.name), (ann.id, ParticipantState::Removed, &None));
    assert!(erased.email.as_str().ends_with("@erased.invalid"));
    assert_eq!(other, ben);
    assert_eq!(case.facts().customer, before.facts().customer);
    assert_eq!(event.ended_participations().collect::<Vec<_>>(), [ann.id]);
    assert_eq!((event.event_type(), event.visibility), (EventType::Updated, Visibility::Internal));
    let changes = format!("{:?}", event.changes);
    assert!(!changes.contains("ann@") && !changes.contains("Ann"), "{changes}");
}

#[test]
fn several_erased_participants_have_different_placeholders() {
    let before = with_ann_and_ben();
    let people: Vec<_> = before.facts().participants.iter().map(|one| one.id).collect();
    let case = erase_people(&before, people).case;
    let [one, other] = &case.facts().participants[..] else { panic!("both stay") };
    assert_ne!(one.email, other.email);
}

#[test]
fn somebody_who_is_gone_is_erased_without_an_end_of_their_participation() {
    let before = with_ann_and_ben();
    let ann = before.facts().participants[0].id;
    let by_john = by_customer(after(hours(3)));
    let removed = before.remove_participant(ann, &Policies::default(), by_john).unwrap().unwrap();
    let Decision { case, event } = erase_people(&removed.case, vec![ann]);
    assert!(case.facts().participants[0].email.as_str().ends_with("@erased.invalid"));
    assert_eq!(event.changes, []);
    assert_eq!(case.version(), removed.case.version().next());
}

#[test]
fn redactions_of_what_they_wrote_are_recorded_with_the_quotations() {
    let before = with_ann_and_ben();
    let quote = event::Quote { update_id: UpdateId::from_u128(9), at: after(hours(2)) };
    let part = event::RedactedPart::UpdateId(UpdateId::from_u128(8));
    let redaction = event::Redaction { part, quotes: vec![quote] };
    let request = ErasePeopleRequest { people: Vec::new(), redactions: vec![redaction.clone()] };
    let erased = before.erase_people(request, &Policies::default(), by_staff(after(hours(3))));
    let recorded = event::Change::Redaction { from: (), to: Box::new(redaction) };
    assert_eq!(erased.unwrap().event.changes, [recorded]);
}

#[test]
fn neither_customers_nor_participants_erase_people() {
    let before = with_ann_and_ben();
    let ann = Actor::Participant(before.facts().participants[0].to_ref());
    for actor in [Actor::Customer, ann] {
        let request = ErasePeopleRequest::default();
        let by = stamp(actor, after(hours(3)));
        let refused = before.erase_people(request, &Policies::default(), by);
        assert_eq!(refused, Err(case::WrongActor::NotStaff));
    }
}
