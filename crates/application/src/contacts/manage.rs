//! Adding, changing, joining and removing contacts.

use std::num::NonZeroU32;
use std::sync::Arc;

use engage_domain::case::Version;
use engage_domain::contact::MergeContactsError;
use engage_domain::{Contact, ContactId, EmailAddress, OrganizationId};
use engage_environment::{Clock, IdGenerator};
use engage_repository::{
    AuditedStore, ContactFilter, ContactRepository, ContactWrite, OrganizationRepository,
    RepositoryError,
};
use thiserror::Error;

use super::acts::{contact_added, contact_changed, contact_removed, contacts_merged};
use super::contact_change::{ContactChange, NewContact};
use crate::audit::{AuditRecorder, Initiator};
use crate::list_part::{cut, one_more};

/// Maximum number of attempts to write in case of concurrent changes.
pub(super) const TRIES: usize = 5;

/// Error returned when a contact cannot be added or changed.
#[derive(Debug, Error)]
pub enum ContactError {
    /// There is no such contact.
    #[error("there is no contact {0}")]
    NotFound(ContactId),
    /// There is no such organization.
    #[error("there is no organization {0}")]
    OrganizationNotFound(OrganizationId),
    /// Another contact has the address. Change that one, or merge both.
    #[error("contact {other} already has this address")]
    EmailTaken {
        /// The address.
        email: EmailAddress,
        /// The contact that has it.
        other: ContactId,
    },
    /// The two contacts cannot be joined.
    #[error(transparent)]
    Merge(#[from] MergeContactsError),
    /// Storage failed, or there were too many concurrent changes.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// A part of the list of contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactPage {
    /// Contacts in the order of their ids.
    pub contacts: Vec<Contact>,
    /// Contact after which the list goes on, if it does.
    pub next: Option<ContactId>,
}

/// Manages contacts.
///
/// ```
/// # use std::sync::Arc;
/// use engage_application::{ContactChange, ContactError, Initiator, ManageContacts, NewContact};
/// # use engage_domain::contact::{ContactEmails, ContactOrganization};
/// # use engage_sqlite::SqliteStore;
/// # use engage_system::SystemIds;
/// # use engage_testkit::ManualClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # let (clock, ids) = (Arc::new(ManualClock::new()), Arc::new(SystemIds));
/// # let contacts = ManageContacts::new(store.clone(), store.clone(), store, clock, ids);
/// # let organization = ContactOrganization::ByDomain;
/// # let (phone, locale, time_zone, notes) = (None, None, None, None);
/// let (name, by) = ("Jane Roe".parse()?, Initiator::command_line());
/// let emails = ContactEmails::new(["jane@example.com".parse()?])?;
/// let new = NewContact { name, emails, phone, organization, locale, time_zone, notes };
/// let jane = contacts.add(new.clone(), &by).await?;
///
/// let again = contacts.add(new, &by).await;
/// assert!(matches!(again, Err(ContactError::EmailTaken { other, .. }) if other == jane.id));
/// let change = ContactChange { name: Some("Jane Doe".parse()?), ..ContactChange::default() };
/// assert_eq!(contacts.change(jane.id, &change, &by).await?.name.as_str(), "Jane Doe");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ManageContacts {
    pub(super) contacts: Arc<dyn ContactRepository>,
    pub(super) organizations: Arc<dyn OrganizationRepository>,
    pub(super) acts: Arc<dyn AuditedStore>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn IdGenerator>,
    pub(super) recorder: AuditRecorder,
}

impl ManageContacts {
    /// Creates the use case. Changes are recorded in the audit log.
    pub fn new(
        contacts: Arc<dyn ContactRepository>,
        organizations: Arc<dyn OrganizationRepository>,
        acts: Arc<dyn AuditedStore>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
    ) -> Self {
        let recorder = AuditRecorder::new(Arc::clone(&clock), Arc::clone(&ids));
        Self { contacts, organizations, acts, clock, ids, recorder }
    }

    /// Adds a contact.
    pub async fn add(&self, new: NewContact, by: &Initiator) -> Result<Contact, ContactError> {
        let NewContact { name, emails, phone, organization, locale, time_zone, notes } = new;
        let contact = Contact {
            id: ContactId::from_u128(self.ids.next_id()),
            version: Version::FIRST,
            emails,
            name,
            phone,
            organization,
            locale,
            time_zone,
            notes,
            created_at: self.clock.now(),
        };
        for _ in 0..TRIES {
            let acts = self.acts.contacts(self.recorder.record(by, contact_added(&contact)));
            match acts.add_contact(&contact).await {
                Err(RepositoryError::Conflict) => {}
                outcome => return written(outcome?, contact),
            }
        }
        Err(RepositoryError::Conflict.into())
    }

    /// Returns a contact.
    pub async fn get(&self, id: ContactId) -> Result<Contact, ContactError> {
        self.contacts.find_contact(id).await?.ok_or(ContactError::NotFound(id))
    }

    /// Returns the part of the list of matching contacts that starts after one.
    pub async fn page(
        &self,
        filter: &ContactFilter,
        after: Option<ContactId>,
        limit: NonZeroU32,
    ) -> Result<ContactPage, RepositoryError> {
        let mut contacts = self.contacts.list_contacts(filter, after, one_more(limit)).await?;
        let has_more = cut(&mut contacts, limit);
        let next = contacts.last().filter(|_| has_more).map(|contact| contact.id);
        Ok(ContactPage { contacts, next })
    }

    /// Changes a contact.
    pub async fn change(
        &self,
        id: ContactId,
        change: &ContactChange,
        by: &Initiator,
    ) -> Result<Contact, ContactError> {
        for _ in 0..TRIES {
            let before = self.get(id).await?;
            let Some(after) = change.apply(&before) else { return Ok(before) };
            let acts =
                self.acts.contacts(self.recorder.record(by, contact_changed(&before, &after)));
            match acts.change_contact(&after).await {
                Err(RepositoryError::Conflict) => {}
                // The organization that the contact had was removed after the contact was read.
                Ok(ContactWrite::NoOrganization(_)) if change.organization.is_none() => {}
                outcome => return written(outcome?, after),
            }
        }
        Err(RepositoryError::Conflict.into())
    }

    /// Joins two contacts that are the same person. The first takes over the addresses of the second,
    /// and what it lacks, and the second is removed.
    pub async fn merge(
        &self,
        into: ContactId,
        from: ContactId,
        by: &Initiator,
    ) -> Result<Contact, ContactError> {
        for _ in 0..TRIES {
            let (kept, removed) = (self.get(into).await?, self.get(from).await?);
            let merged = kept.merged_with(removed.clone())?;
            let acts =
                self.acts.contacts(self.recorder.record(by, contacts_merged(&removed, &merged)));
            match acts.merge_contacts(&removed, &merged).await {
                Err(RepositoryError::Conflict) | Ok(ContactWrite::NoOrganization(_)) => {}
                outcome => return written(outcome?, merged),
            }
        }
        Err(RepositoryError::Conflict.into())
    }

    /// Removes a contact. Its cases remain.
    pub async fn remove(&self, id: ContactId, by: &Initiator) -> Result<(), ContactError> {
        let act = contact_removed(&self.get(id).await?);
        if self.acts.contacts(self.recorder.record(by, act)).remove_contact(id).await? {
            Ok(())
        } else {
            Err(ContactError::NotFound(id))
        }
    }
}

fn written(outcome: ContactWrite, contact: Contact) -> Result<Contact, ContactError> {
    match outcome {
        ContactWrite::Made => Ok(contact),
        ContactWrite::EmailTaken { email, by } => {
            Err(ContactError::EmailTaken { email, other: by })
        }
        ContactWrite::NoOrganization(id) => Err(ContactError::OrganizationNotFound(id)),
    }
}
