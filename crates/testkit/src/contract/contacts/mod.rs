//! Tests of [`ContactRepository`](engage_repository::ContactRepository).

mod importing;
mod listing;
mod merging;
mod storing;

pub use importing::*;
pub use listing::*;
pub use merging::*;
pub use storing::*;

use engage_domain::{Contact, ContactId, CustomerOrganization};
use engage_repository::{ContactWrite, OrganizationWrite, RepositoryError};

use super::Store;

async fn add(store: &Store, contact: &Contact) {
    let added = store.contacts.add_contact(contact).await.expect("a contact is added");
    assert_eq!(added, ContactWrite::Made);
}

async fn add_organization(store: &Store, organization: &CustomerOrganization) {
    let added = store.organizations.add_organization(organization).await;
    assert_eq!(added.expect("an organization is added"), OrganizationWrite::Made);
}

async fn find(store: &Store, id: ContactId) -> Option<Contact> {
    store.contacts.find_contact(id).await.expect("a contact is read")
}

/// Finds the contact that has an address.
async fn find_by(store: &Store, email: &str) -> Option<Contact> {
    let found = store.contacts.find_contacts_by_email(&[email.parse().unwrap()]).await;
    let mut found = found.expect("contacts are found");
    assert!(found.len() <= 1, "{email}: {found:?}");
    found.pop()
}

fn next(contact: &Contact) -> Contact {
    Contact { version: contact.version.next(), ..contact.clone() }
}

#[track_caller]
fn assert_conflict<T: std::fmt::Debug>(outcome: &Result<T, RepositoryError>) {
    assert!(matches!(outcome, Err(RepositoryError::Conflict)), "{outcome:?}");
}
