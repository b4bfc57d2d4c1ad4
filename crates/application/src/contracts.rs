//! Contracts that apply to the addresses of customers.

use std::sync::Arc;

use engage_domain::case::{CaseFacts, Contract, Version};
use engage_domain::contact::{ContactEmails, ContactOrganization};
use engage_domain::organization::DomainName;
use engage_domain::{Contact, ContactId, EmailAddress, Timestamp};
use engage_repository::{ContactRepository, ContactWrite, OrganizationRepository, RepositoryError};

/// Looks up the contract that applies to an address, and adds those who have proven theirs as contacts.
///
/// ```
/// # use std::sync::Arc;
/// use engage_application::Contracts;
/// use engage_domain::CustomerType;
/// use engage_domain::organization::CustomerOrganization;
/// # use engage_repository::OrganizationRepository;
/// # use engage_sqlite::SqliteStore;
/// # use engage_testkit::builders::an_organization;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// let acme = CustomerOrganization {
///     customer_type: CustomerType::Enterprise,
///     ..an_organization(&["acme.example"])
/// };
/// store.add_organization(&acme).await?;
/// let contracts = Contracts::new(store.clone(), store.clone());
/// let found = contracts.of(&"john@acme.example".parse()?).await?.expect("the domain has one");
/// assert_eq!(found.customer_type, CustomerType::Enterprise);
/// assert_eq!(contracts.of(&"john@example.com".parse()?).await?, None);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Contracts {
    contacts: Arc<dyn ContactRepository>,
    organizations: Arc<dyn OrganizationRepository>,
}

impl Contracts {
    /// Creates the use case.
    pub fn new(
        contacts: Arc<dyn ContactRepository>,
        organizations: Arc<dyn OrganizationRepository>,
    ) -> Self {
        Self { contacts, organizations }
    }

    /// Returns the contract of the organization that applies to an address: that of the contact who has
    /// it, or else that of its domain. A contact without an organization that staff have set to none has
    /// no contract.
    pub async fn of(&self, address: &EmailAddress) -> Result<Option<Contract>, RepositoryError> {
        let contacts = self.contacts.find_contacts_by_email(std::slice::from_ref(address)).await?;
        let set = contacts.first().map(|contact| contact.organization).unwrap_or_default();
        let of_domain = match DomainName::of(address) {
            Some(domain) => self.organizations.find_organization_by_domain(&domain).await?,
            None => None,
        };
        let organization = match set.applying(of_domain.as_ref().map(|found| found.id)) {
            None => None,
            applying if applying == of_domain.as_ref().map(|found| found.id) => of_domain,
            Some(id) => self.organizations.find_organization(id).await?,
        };
        Ok(organization.map(|organization| Contract {
            customer_type: organization.customer_type,
            sla_override: organization.sla_override,
        }))
    }

    /// Adds the customer of a case, who has proven the address, as a contact, unless a contact has it.
    pub(crate) async fn add_contact(
        &self,
        case: &CaseFacts,
        id: ContactId,
        at: Timestamp,
    ) -> Result<(), RepositoryError> {
        let Ok(emails) = ContactEmails::new(case.customer.email.clone()) else { return Ok(()) };
        let contact = Contact {
            id,
            version: Version::FIRST,
            emails,
            name: case.customer.name.clone(),
            // Anybody may have typed a number.
            phone: None,
            organization: ContactOrganization::ByDomain,
            locale: None,
            time_zone: None,
            notes: None,
            created_at: at,
        };
        match self.contacts.add_contact(&contact).await {
            Ok(ContactWrite::Made | ContactWrite::EmailTaken { .. })
            // Somebody else is adding the address.
            | Err(RepositoryError::Conflict) => Ok(()),
            Ok(ContactWrite::NoOrganization(_)) => {
                Err(RepositoryError::internal("a contact without an organization has an unknown one"))
            }
            Err(error) => Err(error),
        }
    }
}
