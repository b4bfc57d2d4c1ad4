//! Correcting the customer's details and the subject of a case.

use engage_domain::case::CorrectError;
use engage_domain::event::Change;
use engage_domain::*;

use crate::support::*;

fn to_email(email: &str) -> CorrectRequest {
    CorrectRequest::default().with_email(text::<EmailAddress>(email))
}

fn to_phone(phone: &str) -> CorrectRequest {
    CorrectRequest::default().with_phone(text::<PhoneNumber>(phone))
}

/// A case whose customer has only a telephone number.
fn case_by_phone() -> Case {
    corrected(&case(), CorrectRequest::default().with_email(None), after(minutes(1))).case
}

#[test]
fn a_customer_with_a_new_address_is_notified_there() {
    let Decision { case, event } = corrected(&case(), to_email("jd@x.example"), after(hours(1)));
    let new: EmailAddress = text("jd@x.example");
    assert_eq!(case.facts().customer.email.as_ref(), Some(&new));
    let (from, to) = (Some(text("john@example.com")), Some(new.clone()));
    assert_eq!(event.changes, [Change::Email { from, to }]);
    let [update] = &event.updates[..] else { panic!("{:?}", event.updates) };
    assert_eq!((&update.author, update.visibility), (&Actor::System, Visibility::Public));
    assert_eq!(update.message.as_str(), "The e-mail address for this case was changed");
    let contacts = Contacts::default();
    let planned =
        NotificationMatrix::default().plan(&event, case.facts(), &Audience::new(&contacts));
    let told: Vec<_> = planned.iter().map(|one| (one.template, one.address.clone())).collect();
    assert_eq!(told, [(Template::CaseUpdatedCustomer, Address::Email(new))]);
    assert_eq!(case.facts().first_response, None, "a generated update is no response");
}

#[test]
fn other_details_are_corrected_without_a_word_to_the_customer() {
    let request = to_phone("+15550100911")
        .with_name(text("Jon Doe"))
        .with_organization(text::<Organization>("Initech"))
        .with_project(text::<ProjectName>("Payroll"))
        .with_subject(text("No access"));
    let Decision { case, event } = corrected(&case(), request, after(hours(1)));
    let facts = case.facts();
    assert_eq!(facts.customer.name.as_str(), "Jon Doe");
    assert_eq!(facts.customer.phone, Some(text("+15550100911")));
    assert_eq!(facts.customer.organization, Some(text("Initech")));
    assert_eq!((&facts.project, facts.subject.as_str()), (&Some(text("Payroll")), "No access"));
    assert_eq!((event.visibility, &event.updates[..]), (Visibility::Internal, &[][..]));
    assert_eq!(event.changes.len(), 5);
    assert!(event.changes.iter().all(Change::is_personal), "{:?}", event.changes);
}

#[test]
fn details_are_removed_by_none() {
    let given = CorrectRequest::default()
        .with_organization(text::<Organization>("Initech"))
        .with_project(text::<ProjectName>("Payroll"));
    let before = corrected(&case(), given, after(hours(1))).case;
    let removed = CorrectRequest::default().with_organization(None).with_project(None);
    let case = corrected(&before, removed, after(hours(2))).case;
    assert_eq!((&case.facts().customer.organization, &case.facts().project), (&None, &None));
}

#[test]
fn an_address_in_another_spelling_changes_nothing() {
    assert_eq!(try_correct(&case(), to_email("John@Example.com"), after(hours(1))), Ok(None));
}

#[test]
fn an_address_is_removed_only_if_there_is_a_phone() {
    let removed = CorrectRequest::default().with_email(None);
    let both = removed.clone().with_phone(None);
    assert_eq!(try_correct(&case(), both, after(hours(1))), Err(CorrectError::NoContact));
    let Decision { case, event } = corrected(&case(), removed, after(hours(1)));
    assert_eq!(case.facts().customer.email, None);
    assert_eq!(event.visibility, Visibility::Internal, "there is nobody to mail");
}

#[test]
fn a_customer_without_an_address_gets_one_and_keeps_the_phone_until_then() {
    let before = case_by_phone();
    let without_phone = CorrectRequest::default().with_phone(None);
    let refused = try_correct(&before, without_phone.clone(), after(hours(1)));
    assert_eq!(refused, Err(CorrectError::NoContact));
    let added = without_phone.with_email(text::<EmailAddress>("jd@x.example"));
    let Decision { case, event } = corrected(&before, added, after(hours(1)));
    assert_eq!(case.facts().customer.email, Some(text("jd@x.example")));
    assert_eq!(case.facts().customer.phone, None);
    assert_eq!(event.visibility, Visibility::Public);
}

#[test]
fn the_address_of_somebody_who_takes_part_is_refused() {
    let before = with_ann(&case()).case;
    let refused = try_correct(&before, to_email("Ann@example.com"), after(hours(1)));
    assert_eq!(refused, Err(CorrectError::IsParticipant));
    let stamp = by_staff(after(hours(2)));
    let removed = before.remove_participant(ANN, &Policies::default(), stamp).unwrap().unwrap();
    let case = corrected(&removed.case, to_email("ann@example.com"), after(hours(3))).case;
    assert_eq!(case.facts().customer.email, Some(text("ann@example.com")));
}

#[test]
fn details_move_neither_score_nor_targets() {
    let case_before = case();
    let case = corrected(&case_before, to_email("jd@x.example"), after(hours(1))).case;
    let (from, to) = (case_before.facts(), case.facts());
    assert_eq!(to.priority_score, from.priority_score);
    assert_eq!(to.first_response_due, from.first_response_due);
    assert_eq!(to.estimated_resolution, from.estimated_resolution);
}

#[test]
fn an_erasure_does_not_say_what_it_erased() {
    let case = corrected(&case(), to_phone("+15550100911"), after(hours(1))).case;
    let event = case.erase(&Policies::default(), by_staff(after(hours(2)))).event;
    assert!(!event.changes.iter().any(Change::is_personal), "{:?}", event.changes);
}
