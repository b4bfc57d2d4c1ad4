use std::num::NonZeroU32;

use async_trait::async_trait;
use engage_domain::text::Line;
use engage_domain::{Contact, ContactId, EmailAddress, OrganizationId};

use crate::{OrganizationAddresses, RepositoryError};

/// Criteria for contacts. `None` matches every contact.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContactFilter {
    /// Text that the name, an address or the phone number contains, in any case.
    pub text: Option<Line<200>>,
    /// Organization that the contact has, or that has the domain of one of its addresses if no
    /// organization was set.
    pub organization: Option<OrganizationId>,
    /// Address of the contact.
    pub email: Option<EmailAddress>,
    /// Text that the notes contain, regardless of the case of ASCII letters.
    pub notes: Option<String>,
}

/// Result of writing a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContactWrite {
    /// The contact was written.
    Made,
    /// Another contact has one of the addresses. Nothing was written.
    EmailTaken {
        /// The address.
        email: EmailAddress,
        /// The contact that has it.
        by: ContactId,
    },
    /// There is no such organization. Nothing was written.
    NoOrganization(OrganizationId),
}

/// Contacts of an import that are written in one commit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContactBatch {
    /// New contacts.
    pub added: Vec<Contact>,
    /// Changed contacts, with their new versions. Their addresses are unchanged.
    pub changed: Vec<Contact>,
}

impl ContactBatch {
    /// Checks whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty()
    }
}

/// Contacts. Addresses are compared as [`EmailAddress`] does.
///
/// ```
/// use engage_repository::{ContactRepository, ContactWrite};
/// use engage_sqlite::SqliteStore;
/// use engage_testkit::builders::a_contact;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory()?;
/// let jane = a_contact("jane@example.com");
/// assert_eq!(store.add_contact(&jane).await?, ContactWrite::Made);
/// let found = store.find_contacts_by_email(&["JANE@example.com".parse()?]).await?;
/// assert_eq!(found, [jane.clone()]);
///
/// // An address has one contact.
/// let other = store.add_contact(&a_contact("Jane@Example.com")).await?;
/// assert!(matches!(other, ContactWrite::EmailTaken { by, .. } if by == jane.id));
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ContactRepository: Send + Sync {
    /// Adds a contact.
    ///
    /// MUST return [`ContactWrite::EmailTaken`] if another contact has one of the addresses, and
    /// [`ContactWrite::NoOrganization`] if its own organization does not exist. MAY return
    /// [`RepositoryError::Conflict`] instead if that happens concurrently. MUST write nothing in
    /// any of these cases.
    async fn add_contact(&self, contact: &Contact) -> Result<ContactWrite, RepositoryError>;

    /// Finds a contact.
    async fn find_contact(&self, id: ContactId) -> Result<Option<Contact>, RepositoryError>;

    /// Finds the contacts that have one of these addresses, in no particular order and each once.
    async fn find_contacts_by_email(
        &self,
        emails: &[EmailAddress],
    ) -> Result<Vec<Contact>, RepositoryError>;

    /// Finds the addresses to which an organization applies. There are none if it does not exist.
    ///
    /// MUST name only the contacts whose organization is not the one of the domain of their address.
    async fn find_organization_addresses(
        &self,
        organization: OrganizationId,
    ) -> Result<OrganizationAddresses, RepositoryError>;

    /// Lists matching contacts in the order of their ids, starting after one, which may have been
    /// removed.
    async fn list_contacts(
        &self,
        filter: &ContactFilter,
        after: Option<ContactId>,
        limit: NonZeroU32,
    ) -> Result<Vec<Contact>, RepositoryError>;

    /// Changes everything of a contact but its id and the time of its addition.
    ///
    /// MUST return [`RepositoryError::Conflict`] if the contact does not exist or is not at the
    /// version before the given one. MUST refuse as [`add_contact`](Self::add_contact) does. MUST
    /// write nothing in any of these cases.
    async fn change_contact(&self, contact: &Contact) -> Result<ContactWrite, RepositoryError>;

    /// Removes a contact and changes another one, which takes over its addresses, in one commit.
    ///
    /// MUST return [`RepositoryError::Conflict`] if the removed contact is not at its version, and
    /// otherwise refuse as [`change_contact`](Self::change_contact) does.
    async fn merge_contacts(
        &self,
        removed: &Contact,
        changed: &Contact,
    ) -> Result<ContactWrite, RepositoryError>;

    /// Removes a contact. MUST return `false` if the contact does not exist.
    async fn remove_contact(&self, id: ContactId) -> Result<bool, RepositoryError>;

    /// Writes contacts of an import in one commit.
    ///
    /// MUST return [`RepositoryError::Conflict`] and write nothing if another contact has one of
    /// the added addresses, a changed contact is not at the version before the given one, or an
    /// organization does not exist. MUST leave the addresses of changed contacts as they are.
    async fn import_contacts(&self, batch: &ContactBatch) -> Result<(), RepositoryError>;
}
