use engage_domain::Contact;
use engage_repository::ContactWrite;

use super::{add, assert_conflict, find, find_by, next};
use crate::builders::{a_contact, a_contact_with};
use crate::contract::Store;

async fn two(store: &Store) -> (Contact, Contact) {
    let into = a_contact_with(&["a@example.com", "b@example.com"]);
    let from = a_contact_with(&["c@example.com", "D@Example.com"]);
    add(store, &into).await;
    add(store, &from).await;
    (into, from)
}

pub async fn a_merged_contact_has_the_addresses_of_both(store: &Store) {
    let (into, from) = two(store).await;
    let merged = into.clone().merged_with(from.clone()).unwrap();
    let outcome = store.contacts.merge_contacts(&from, &merged).await.unwrap();
    assert_eq!(outcome, ContactWrite::Made);
    assert_eq!(find(store, from.id).await, None);
    for email in ["a@example.com", "b@example.com", "c@example.com", "d@example.com"] {
        assert_eq!(find_by(store, email).await.as_ref(), Some(&merged), "{email}");
    }
}

pub async fn contacts_that_changed_meanwhile_are_not_merged(store: &Store) {
    let (into, from) = two(store).await;
    let merged = into.clone().merged_with(from.clone()).unwrap();
    let newer = next(&from);
    store.contacts.change_contact(&newer).await.unwrap();
    assert_conflict(&store.contacts.merge_contacts(&from, &merged).await);
    let newer_into = next(&into);
    store.contacts.change_contact(&newer_into).await.unwrap();
    assert_conflict(&store.contacts.merge_contacts(&newer, &merged).await);
    assert_eq!(find(store, into.id).await, Some(newer_into));
    assert_eq!(find(store, from.id).await, Some(newer));
}

pub async fn a_merge_takes_no_address_of_a_third_contact(store: &Store) {
    let (into, from) = two(store).await;
    let third = a_contact("third@example.com");
    add(store, &third).await;
    let merged = into.clone().merged_with(from.clone()).unwrap();
    let emails = a_contact_with(&["a@example.com", "third@example.com"]).emails;
    let outcome = store.contacts.merge_contacts(&from, &Contact { emails, ..merged }).await;
    assert!(
        matches!(outcome, Ok(ContactWrite::EmailTaken { by, .. }) if by == third.id),
        "{outcome:?}"
    );
    assert_eq!(find(store, into.id).await, Some(into));
    assert_eq!(find(store, from.id).await, Some(from));
}
