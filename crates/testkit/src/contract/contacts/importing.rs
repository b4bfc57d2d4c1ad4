use engage_domain::contact::ContactOrganization;
use engage_domain::{Contact, OrganizationId};
use engage_repository::ContactBatch;

use super::{add, add_organization, assert_conflict, find, find_by, next};
use crate::builders::{a_contact, a_contact_with, a_fresh_id, an_organization};
use crate::contract::Store;

pub async fn an_import_adds_and_changes_contacts_in_one_commit(store: &Store) {
    let organization = an_organization(&["acme.example"]);
    add_organization(store, &organization).await;
    let old = a_contact_with(&["old@example.com", "older@example.com"]);
    add(store, &old).await;
    let own = ContactOrganization::Own(organization.id);
    let changed = Contact { name: "Renamed".parse().unwrap(), organization: own, ..next(&old) };
    let added: Vec<_> =
        (0..30).map(|number| a_contact(&format!("new-{number}@example.com"))).collect();
    let batch = ContactBatch { added: added.clone(), changed: vec![changed.clone()] };
    store.contacts.import_contacts(&batch).await.unwrap();
    for contact in added.iter().chain([&changed]) {
        assert_eq!(find(store, contact.id).await.as_ref(), Some(contact));
    }
    assert_eq!(find_by(store, "older@example.com").await, Some(changed));
}

pub async fn an_import_that_cannot_be_written_as_a_whole_writes_nothing(store: &Store) {
    let old = a_contact("old@example.com");
    add(store, &old).await;
    let new = a_contact("new@example.com");
    let nowhere = ContactOrganization::Own(OrganizationId::from_u128(a_fresh_id()));
    let homeless = Contact { organization: nowhere, ..a_contact("homeless@example.com") };
    let outdated = Contact { name: "Late".parse().unwrap(), ..old.clone() };
    for batch in [
        ContactBatch { added: vec![new.clone(), a_contact("OLD@example.com")], changed: vec![] },
        ContactBatch { added: vec![new.clone()], changed: vec![outdated] },
        ContactBatch { added: vec![new.clone(), homeless], changed: vec![] },
    ] {
        assert_conflict(&store.contacts.import_contacts(&batch).await);
        assert_eq!(find(store, new.id).await, None);
        assert_eq!(find(store, old.id).await.as_ref(), Some(&old));
    }
}
