use engage_domain::contact::{ContactEmails, ContactOrganization};
use engage_domain::{Contact, ContactId, OrganizationId};
use engage_repository::{ContactWrite, RepositoryError};

use super::{add, add_organization, assert_conflict, find, find_by, next};
use crate::builders::{
    a_contact, a_contact_with, a_contact_with_everything, a_fresh_id, an_organization,
    minutes_later,
};
use crate::contract::{Store, all_at_once};

fn emails(all: &[&str]) -> ContactEmails {
    ContactEmails::new(all.iter().map(|email| email.parse().unwrap())).unwrap()
}

pub async fn a_contact_is_read_back(store: &Store) {
    for contact in
        [a_contact("plain@example.com"), a_contact_with_everything(), a_contact_with(&[])]
    {
        add(store, &contact).await;
        let found = find(store, contact.id).await.unwrap();
        assert_eq!(found, contact);
        let spelled = |contact: &Contact| -> Vec<String> {
            contact.emails.iter().map(ToString::to_string).collect()
        };
        assert_eq!(spelled(&found), spelled(&contact));
    }
}

pub async fn an_unknown_contact_is_not_found(store: &Store) {
    assert_eq!(find(store, ContactId::from_u128(a_fresh_id())).await, None);
    assert_eq!(find_by(store, "nobody@example.com").await, None);
}

pub async fn a_contact_is_found_by_any_spelling_of_any_of_its_addresses(store: &Store) {
    let contact = a_contact_with_everything();
    add(store, &contact).await;
    add(store, &a_contact("other@example.com")).await;
    for email in ["zoe.not@example.com", "ZOE.NOT@EXAMPLE.COM", "Z@xn--mnchen-3ya.example"] {
        assert_eq!(find_by(store, email).await.as_ref(), Some(&contact), "{email}");
    }
    for email in ["zoe_not@example.com", "zoe.not@mail.example.com", "%@example.com"] {
        assert_eq!(find_by(store, email).await, None, "{email}");
    }
}

pub async fn contacts_with_several_of_the_addresses_are_found_once(store: &Store) {
    let one = a_contact_with(&["one@example.com", "uno@example.com"]);
    let two = a_contact("two@example.com");
    for contact in [&one, &two, &a_contact("three@example.com")] {
        add(store, contact).await;
    }
    let wanted = ["one@example.com", "uno@example.com", "two@example.com", "no@example.com"];
    let wanted = wanted.map(|email| email.parse().unwrap());
    let mut found = store.contacts.find_contacts_by_email(&wanted).await.unwrap();
    found.sort_by_key(|contact| contact.id);
    assert_eq!(found, [one, two]);
    assert_eq!(store.contacts.find_contacts_by_email(&[]).await.unwrap(), []);
}

pub async fn an_address_has_one_contact(store: &Store) {
    let first = a_contact_with(&["a@example.com", "b@example.com"]);
    add(store, &first).await;
    let second = a_contact_with(&["new@example.com", "B@Example.com"]);
    let refused = store.contacts.add_contact(&second).await.unwrap();
    let taken = ContactWrite::EmailTaken { email: "b@example.com".parse().unwrap(), by: first.id };
    assert_eq!(refused, taken);
    assert_eq!(find(store, second.id).await, None);
    assert_eq!(find_by(store, "new@example.com").await, None);
}

pub async fn one_of_many_contacts_added_with_one_address_is_stored(store: &Store) {
    let outcomes = all_at_once((0..10).map(|number| {
        let contacts = store.contacts.clone();
        let own = format!("own-{number}@example.com");
        let contact = a_contact_with(&["same@example.com", &own]);
        async move { contacts.add_contact(&contact).await }
    }))
    .await;
    let is_made = |outcome: &&Result<ContactWrite, RepositoryError>| {
        matches!(outcome, Ok(ContactWrite::Made))
    };
    assert_eq!(outcomes.iter().filter(is_made).count(), 1);
    for refusal in outcomes.iter().filter(|outcome| !is_made(outcome)) {
        let is_refused =
            matches!(refusal, Ok(ContactWrite::EmailTaken { .. }) | Err(RepositoryError::Conflict));
        assert!(is_refused, "{refusal:?}");
    }
    assert!(find_by(store, "same@example.com").await.is_some());
}

pub async fn everything_but_the_id_and_date_of_a_contact_can_change(store: &Store) {
    let bystander = a_contact("bystander@example.com");
    add(store, &bystander).await;
    let plain = a_contact("plain@example.com");
    add(store, &plain).await;
    let organization = an_organization(&["acme.example"]);
    add_organization(store, &organization).await;
    let own = ContactOrganization::Own(organization.id);
    let complete = Contact { id: plain.id, organization: own, ..a_contact_with_everything() };
    let second = Contact { version: plain.version.next(), ..complete };
    let third = Contact { version: second.version.next(), ..plain.clone() };
    for after in [&second, &third] {
        let later = Contact { created_at: minutes_later(9), ..after.clone() };
        let changed = store.contacts.change_contact(&later).await.unwrap();
        assert_eq!(changed, ContactWrite::Made);
        assert_eq!(find(store, plain.id).await.as_ref(), Some(after));
    }
    assert_eq!(find(store, bystander.id).await, Some(bystander));
}

pub async fn a_removed_address_is_free_for_another_contact(store: &Store) {
    let first = a_contact_with(&["a@example.com", "b@example.com"]);
    add(store, &first).await;
    let without = Contact { emails: emails(&["a@example.com"]), ..next(&first) };
    assert_eq!(store.contacts.change_contact(&without).await.unwrap(), ContactWrite::Made);
    assert_eq!(find_by(store, "b@example.com").await, None);
    add(store, &a_contact("b@example.com")).await;
}

pub async fn a_contact_cannot_take_the_address_of_another(store: &Store) {
    let (one, two) = (a_contact("one@example.com"), a_contact("two@example.com"));
    add(store, &one).await;
    add(store, &two).await;
    let after = Contact { emails: emails(&["one@example.com", "TWO@example.com"]), ..next(&one) };
    let refused = store.contacts.change_contact(&after).await.unwrap();
    let taken = ContactWrite::EmailTaken { email: "two@example.com".parse().unwrap(), by: two.id };
    assert_eq!(refused, taken);
    assert_eq!(find(store, one.id).await, Some(one));
}

pub async fn an_outdated_or_unknown_contact_is_not_changed(store: &Store) {
    let contact = a_contact("a@example.com");
    add(store, &contact).await;
    let second = next(&contact);
    assert_eq!(store.contacts.change_contact(&second).await.unwrap(), ContactWrite::Made);
    let outdated = Contact { name: "Late".parse().unwrap(), ..second.clone() };
    assert_conflict(&store.contacts.change_contact(&outdated).await);
    assert_conflict(&store.contacts.change_contact(&next(&a_contact("x@example.com"))).await);
    assert_eq!(find(store, contact.id).await, Some(second));
}

pub async fn one_of_many_concurrent_changes_of_a_contact_succeeds(store: &Store) {
    let contact = a_contact("a@example.com");
    add(store, &contact).await;
    let outcomes = all_at_once((0..10).map(|number| {
        let contacts = store.contacts.clone();
        let name = format!("Name {number}").parse().unwrap();
        let after = Contact { name, ..next(&contact) };
        async move { contacts.change_contact(&after).await.map(|_| after) }
    }))
    .await;
    let (made, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    refused.iter().for_each(assert_conflict);
    let [Ok(made)] = &made[..] else { panic!("{made:?}") };
    assert_eq!(find(store, contact.id).await.as_ref(), Some(made));
}

pub async fn a_contact_needs_an_existing_organization(store: &Store) {
    let missing = OrganizationId::from_u128(a_fresh_id());
    let own = ContactOrganization::Own(missing);
    let contact = Contact { organization: own, ..a_contact("a@example.com") };
    let refused = store.contacts.add_contact(&contact).await.unwrap();
    assert_eq!(refused, ContactWrite::NoOrganization(missing));
    let plain = Contact { organization: ContactOrganization::ByDomain, ..contact };
    add(store, &plain).await;
    let after = Contact { organization: own, ..next(&plain) };
    let refused = store.contacts.change_contact(&after).await.unwrap();
    assert_eq!(refused, ContactWrite::NoOrganization(missing));
    assert_eq!(find(store, plain.id).await, Some(plain));
}

pub async fn an_organization_set_to_none_differs_from_one_that_was_never_set(store: &Store) {
    let none = ContactOrganization::None;
    let set = Contact { organization: none, ..a_contact("set@example.com") };
    let unset = a_contact("unset@example.com");
    for contact in [set, unset] {
        add(store, &contact).await;
        assert_eq!(find(store, contact.id).await, Some(contact));
    }
}

pub async fn a_contact_is_removed_once_with_its_addresses(store: &Store) {
    let contact = a_contact_with(&["a@example.com", "b@example.com"]);
    add(store, &contact).await;
    assert!(store.contacts.remove_contact(contact.id).await.unwrap());
    assert!(!store.contacts.remove_contact(contact.id).await.unwrap());
    assert_eq!(find(store, contact.id).await, None);
    add(store, &a_contact("b@example.com")).await;
}

pub async fn changes_of_contacts_are_audited(store: &Store) {
    use crate::contract::audit::{actions, an_act};

    let contact = a_contact("a@example.com");
    let contacts = |action: &str| store.acts.contacts(an_act(action));
    contacts("add").add_contact(&contact).await.unwrap();
    contacts("add again").add_contact(&a_contact("a@example.com")).await.unwrap();
    contacts("change").change_contact(&next(&contact)).await.unwrap();
    assert_conflict(&contacts("change again").change_contact(&next(&contact)).await);
    assert!(contacts("remove").remove_contact(contact.id).await.unwrap());
    assert!(!contacts("remove again").remove_contact(contact.id).await.unwrap());
    assert_eq!(actions(store).await, ["add", "change", "remove"]);
}
