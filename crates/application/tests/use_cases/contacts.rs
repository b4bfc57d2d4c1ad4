//! Contacts: conflicts, joining and import.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use engage_application::{
    ContactChange, ContactError, ContactImport, ImportRow, Initiator, ManageContacts, NewContact,
};
use engage_domain::contact::{ContactOrganization, MergeContactsError};
use engage_domain::{Contact, ContactId, OrganizationId};
use engage_repository::{
    ContactWrite, MockContactRepository, MockOrganizationRepository, RepositoryError,
};
use engage_testkit::builders::{a_contact, a_contact_with};
use engage_testkit::{ManualClock, SequentialIds};

use crate::acts::{Acts, Records, an_operator};

/// Builds the use case on a mock, and returns the records of the audit log.
fn manage(contacts: MockContactRepository) -> (ManageContacts, Records) {
    let mut organizations = MockOrganizationRepository::new();
    organizations.expect_known_organizations().returning(|_| Ok(Vec::new()));
    let contacts = Arc::new(contacts);
    let acts = Acts { contacts: Some(contacts.clone()), ..Acts::default() };
    let records = acts.records.clone();
    let manage = ManageContacts::new(
        contacts,
        Arc::new(organizations),
        Arc::new(acts),
        Arc::new(ManualClock::new()),
        Arc::new(SequentialIds::new()),
    );
    (manage, records)
}

fn renamed(name: &str) -> ContactChange {
    ContactChange { name: Some(name.parse().unwrap()), ..ContactChange::default() }
}

/// A mock that finds this contact.
fn holding(contact: &Contact) -> MockContactRepository {
    let mut contacts = MockContactRepository::new();
    let held = contact.clone();
    contacts.expect_find_contact().returning(move |_| Ok(Some(held.clone())));
    contacts
}

fn a_row(line: u64, email: &str, name: Option<&str>) -> ImportRow {
    ImportRow {
        line,
        email: email.parse().unwrap(),
        name: name.map(|name| name.parse().unwrap()),
        phone: None,
        organization: None,
        locale: None,
        time_zone: None,
        notes: None,
    }
}

#[tokio::test]
async fn a_change_that_lost_a_race_is_made_again() {
    let contact = a_contact("a@example.com");
    let mut contacts = holding(&contact);
    let attempts = AtomicUsize::new(0);
    contacts.expect_change_contact().returning(move |_| {
        match attempts.fetch_add(1, Ordering::SeqCst) {
            0 => Err(RepositoryError::Conflict),
            _ => Ok(ContactWrite::Made),
        }
    });
    let (manage, _) = manage(contacts);
    let changed = manage.change(contact.id, &renamed("Jane Doe"), &an_operator()).await.unwrap();
    assert_eq!(changed.name.as_str(), "Jane Doe");
    assert_eq!(changed.version, contact.version.next());
}

#[tokio::test]
async fn a_change_that_changes_nothing_is_neither_written_nor_recorded() {
    let contact = a_contact("a@example.com");
    let (manage, records) = manage(holding(&contact));
    let change = renamed(contact.name.as_str());
    assert_eq!(manage.change(contact.id, &change, &an_operator()).await.unwrap(), contact);
    assert!(records.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_taken_address_names_the_contact_that_has_it() {
    let other = ContactId::from_u128(7);
    let mut contacts = MockContactRepository::new();
    contacts.expect_add_contact().returning(move |contact| {
        let email = contact.emails.as_slice()[0].clone();
        Ok(ContactWrite::EmailTaken { email, by: other })
    });
    let (manage, _) = manage(contacts);
    let contact = a_contact("a@example.com");
    let new = NewContact {
        name: contact.name,
        emails: contact.emails,
        phone: None,
        organization: ContactOrganization::ByDomain,
        locale: None,
        time_zone: None,
        notes: None,
    };
    let refused = manage.add(new, &an_operator()).await;
    assert!(
        matches!(refused, Err(ContactError::EmailTaken { other: id, .. }) if id == other),
        "{refused:?}"
    );
}

#[tokio::test]
async fn the_audit_log_gets_ids_and_names_of_fields_only() {
    let contact = a_contact("secret@example.com");
    let mut contacts = holding(&contact);
    contacts.expect_change_contact().returning(|_| Ok(ContactWrite::Made));
    let (manage, records) = manage(contacts);
    let organization = ContactOrganization::Own(OrganizationId::from_u128(7));
    let change = ContactChange {
        emails: Some(a_contact_with(&["hidden@example.com"]).emails),
        organization: Some(organization),
        ..renamed("Private Name")
    };
    manage.change(contact.id, &change, &Initiator::command_line()).await.unwrap();
    let records = records.lock().unwrap();
    let [record] = &records[..] else { panic!("{records:?}") };
    assert_eq!(record.facts.subject, Some(contact.id.to_string()));
    let fields = ["name", "emails", "organizationByDomain", "organizationId"];
    assert_eq!(record.facts.fields, fields);
    let values = &record.values.as_ref().unwrap().json;
    for hidden in ["secret", "hidden", "Private"] {
        assert!(!values.contains(hidden), "{values}");
    }
}

#[tokio::test]
async fn a_contact_is_not_merged_with_itself() {
    let contact = a_contact("a@example.com");
    let (manage, _) = manage(holding(&contact));
    let refused = manage.merge(contact.id, contact.id, &an_operator()).await;
    assert!(matches!(refused, Err(ContactError::Merge(MergeContactsError::Same))), "{refused:?}");
}

#[tokio::test]
async fn an_import_adds_and_changes_by_address_and_reports_what_it_cannot() {
    let known = a_contact_with(&["known@example.com", "also@example.com"]);
    let mut contacts = MockContactRepository::new();
    let found = known.clone();
    contacts.expect_find_contacts_by_email().returning(move |_| Ok(vec![found.clone()]));
    contacts.expect_import_contacts().times(1).returning(|batch| {
        let emails = |contact: &Contact| contact.emails.as_slice()[0].to_string();
        assert_eq!(batch.added.iter().map(emails).collect::<Vec<_>>(), ["new@example.com"]);
        assert_eq!(batch.added[0].name.as_str(), "Twice");
        assert_eq!(batch.changed.len(), 1);
        assert_eq!(batch.changed[0].name.as_str(), "Second");
        assert_eq!(batch.changed[0].version, batch.added[0].version.next());
        Ok(())
    });
    let (manage, records) = manage(contacts);
    let nowhere = ImportRow {
        organization: Some(OrganizationId::from_u128(7)),
        ..a_row(7, "x@example.com", Some("X"))
    };
    let rows = vec![
        a_row(2, "KNOWN@example.com", Some("First")),
        a_row(3, "also@example.com", Some("Second")),
        a_row(4, "new@example.com", Some("Once")),
        a_row(5, "New@Example.com", Some("Twice")),
        a_row(6, "nameless@example.com", None),
        nowhere,
    ];
    let import = ContactImport::new(manage, an_operator(), false);
    let totals = import.take(rows).await.unwrap().finish();
    assert_eq!((totals.created, totals.updated, totals.failed), (1, 3, 2));
    let problems: Vec<_> = totals.problems.iter().map(|one| (one.line, one.field)).collect();
    assert_eq!(problems, [(6, "name"), (7, "organizationId")]);
    assert_eq!(records.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_dry_run_counts_alike_and_writes_nothing() {
    let mut contacts = MockContactRepository::new();
    contacts.expect_find_contacts_by_email().returning(|_| Ok(Vec::new()));
    let (manage, records) = manage(contacts);
    let import = ContactImport::new(manage, an_operator(), true);
    let import = import.take(vec![a_row(2, "new@example.com", Some("New"))]).await.unwrap();
    // In an import that writes, the contact would exist by now.
    let import = import.take(vec![a_row(3, "NEW@example.com", None)]).await.unwrap();
    let totals = import.finish();
    assert_eq!((totals.created, totals.updated, totals.failed), (1, 1, 0));
    assert!(records.lock().unwrap().is_empty());
}

#[tokio::test]
async fn all_failed_rows_are_counted_and_the_first_are_reported() {
    let mut contacts = MockContactRepository::new();
    contacts.expect_find_contacts_by_email().returning(|_| Ok(Vec::new()));
    let (manage, _) = manage(contacts);
    let rows = (0..150).map(|n| a_row(n + 2, &format!("p{n}@example.com"), None)).collect();
    let import = ContactImport::new(manage, an_operator(), false);
    let totals = import.take(rows).await.unwrap().finish();
    assert_eq!((totals.failed, totals.problems.len()), (150, ContactImport::MOST_PROBLEMS));
}
