use std::num::NonZeroU32;

use engage_domain::contact::ContactOrganization;
use engage_domain::{Contact, ContactId, EmailAddress, OrganizationId};
use engage_repository::{ContactFilter, OrganizationAddresses};

use super::{add, add_organization};
use crate::builders::{a_contact, a_contact_with, an_organization};
use crate::contract::Store;

async fn list(store: &Store, filter: &ContactFilter, after: Option<ContactId>) -> Vec<Contact> {
    let limit = NonZeroU32::new(100).unwrap();
    store.contacts.list_contacts(filter, after, limit).await.expect("contacts are listed")
}

fn ids(contacts: &[Contact]) -> Vec<ContactId> {
    contacts.iter().map(|contact| contact.id).collect()
}

pub async fn contacts_are_listed_in_parts_in_the_order_of_their_ids(store: &Store) {
    let mut added = Vec::new();
    for number in 0..7 {
        let contact = a_contact(&format!("person-{number}@example.com"));
        add(store, &contact).await;
        added.push(contact);
    }
    added.sort_by_key(|contact| contact.id);
    let (filter, limit) = (ContactFilter::default(), NonZeroU32::new(3).unwrap());
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let part = store.contacts.list_contacts(&filter, after, limit).await.unwrap();
        assert!(part.len() <= 3);
        let Some(last) = part.last() else { break };
        after = Some(last.id);
        listed.extend(part);
    }
    assert_eq!(listed, added);
    // The place of a contact that was removed meanwhile is still known.
    store.contacts.remove_contact(added[2].id).await.unwrap();
    assert_eq!(list(store, &filter, Some(added[2].id)).await, added[3..]);
}

pub async fn contacts_are_found_by_a_part_of_their_texts(store: &Store) {
    let named = |name: &str, email: &str| Contact {
        name: name.parse().unwrap(),
        phone: Some("+15550100123".parse().unwrap()),
        ..a_contact(email)
    };
    let (one, two) = (named("Zoë Ärmel", "a@example.com"), named("Max_%", "Ring@firm.example"));
    add(store, &one).await;
    add(store, &two).await;
    for (text, expected) in [
        ("zoë", vec![one.id]),
        ("ÄRMEL", vec![one.id]),
        ("oë är", vec![one.id]),
        ("ring@", vec![two.id]),
        ("FIRM.example", vec![two.id]),
        ("x_%", vec![two.id]),
        ("_", vec![two.id]),
        ("5550100", vec![one.id, two.id]),
        ("nobody", vec![]),
        ("%", vec![two.id]),
    ] {
        let filter =
            ContactFilter { text: Some(text.parse().unwrap()), ..ContactFilter::default() };
        assert_eq!(ids(&list(store, &filter, None).await), expected, "{text}");
    }
}

pub async fn contacts_are_found_by_address(store: &Store) {
    let contact = a_contact_with(&["a@example.com", "b@example.com"]);
    add(store, &contact).await;
    add(store, &a_contact("c@example.com")).await;
    let by = |email: &str| ContactFilter {
        email: Some(email.parse().unwrap()),
        ..ContactFilter::default()
    };
    assert_eq!(list(store, &by("B@Example.com"), None).await, [contact]);
    assert_eq!(list(store, &by("x@example.com"), None).await, []);
}

pub async fn contacts_are_found_by_their_notes(store: &Store) {
    let noted = |notes: &str, email: &str| Contact {
        notes: Some(notes.parse().unwrap()),
        ..a_contact(email)
    };
    let one = noted("The boss of ANN@x.example.", "a@example.com");
    for contact in [&one, &noted("100 % patient", "b@example.com"), &a_contact("c@example.com")] {
        add(store, contact).await;
    }
    let by =
        |text: &str| ContactFilter { notes: Some(text.to_owned()), ..ContactFilter::default() };
    assert_eq!(list(store, &by("Ann@X.example"), None).await, [one]);
    assert_eq!(list(store, &by("%x.example"), None).await, []);
}

pub async fn contacts_of_an_organization_have_it_themselves_or_by_a_domain(store: &Store) {
    let acme = an_organization(&["acme.example", "acme-labs.example"]);
    let other = an_organization(&["other.example"]);
    add_organization(store, &acme).await;
    add_organization(store, &other).await;
    let set = |organization, email: &str| Contact { organization, ..a_contact(email) };
    let own = set(ContactOrganization::Own(acme.id), "own@elsewhere.example");
    let by_domain = a_contact_with(&["x@acme.example", "y@acme-labs.example"]);
    let elsewhere = set(ContactOrganization::Own(other.id), "other@acme.example");
    let none = set(ContactOrganization::None, "none@acme.example");
    let subdomain = a_contact("a@mail.acme.example");
    for contact in [&own, &by_domain, &elsewhere, &none, &subdomain] {
        add(store, contact).await;
    }
    let of = |id| ContactFilter { organization: Some(id), ..ContactFilter::default() };
    let mut expected = vec![own.id, by_domain.id];
    expected.sort();
    assert_eq!(ids(&list(store, &of(acme.id), None).await), expected);
    assert_eq!(ids(&list(store, &of(other.id), None).await), [elsewhere.id]);
}

pub async fn the_addresses_of_an_organization_are_its_domains_and_what_was_set(store: &Store) {
    let acme = an_organization(&["acme.example", "acme-labs.example"]);
    let other = an_organization(&["other.example"]);
    add_organization(store, &acme).await;
    add_organization(store, &other).await;
    let set = |organization, emails: &[&str]| Contact { organization, ..a_contact_with(emails) };
    for contact in [
        set(ContactOrganization::Own(acme.id), &["own@Elsewhere.example", "own@acme.example"]),
        set(ContactOrganization::Own(acme.id), &["guest@other.example"]),
        set(ContactOrganization::ByDomain, &["x@acme.example", "x@elsewhere.example"]),
        set(ContactOrganization::Own(other.id), &["gone@acme.example"]),
        set(ContactOrganization::None, &["None@acme-labs.example", "none@elsewhere.example"]),
        set(ContactOrganization::None, &["a@mail.acme.example"]),
    ] {
        add(store, &contact).await;
    }
    let emails = |texts: &[&str]| -> Vec<EmailAddress> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    };
    let found = addresses_of(store, acme.id).await;
    let expected = OrganizationAddresses {
        domains: vec!["acme-labs.example".parse().unwrap(), "acme.example".parse().unwrap()],
        elsewhere: emails(&["guest@other.example", "own@elsewhere.example"]),
        excepted: emails(&["gone@acme.example", "none@acme-labs.example"]),
    };
    assert_eq!(found, expected);
    let found = addresses_of(store, other.id).await;
    assert_eq!(
        (found.elsewhere, found.excepted),
        (emails(&["gone@acme.example"]), emails(&["guest@other.example"]))
    );
    let nothing = OrganizationAddresses::default();
    assert_eq!(addresses_of(store, OrganizationId::from_u128(7)).await, nothing);
}

/// Returns the addresses of an organization in alphabetical order.
async fn addresses_of(store: &Store, organization: OrganizationId) -> OrganizationAddresses {
    let mut found = store.contacts.find_organization_addresses(organization).await.unwrap();
    found.domains.sort();
    found.elsewhere.sort_by_key(EmailAddress::normalized);
    found.excepted.sort_by_key(EmailAddress::normalized);
    found
}
