use std::num::NonZeroU32;

use async_trait::async_trait;
use engage_domain::organization::DomainName;
use engage_domain::text::Line;
use engage_domain::{CustomerOrganization, OrganizationId};

use crate::RepositoryError;

/// Criteria for organizations. `None` matches every organization.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrganizationFilter {
    /// Text that the name or a domain contains, in any case.
    pub text: Option<Line<200>>,
    /// Domain of the organization.
    pub domain: Option<DomainName>,
    /// Text that the notes contain, regardless of the case of ASCII letters.
    pub notes: Option<String>,
}

/// Result of writing an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrganizationWrite {
    /// The organization was written.
    Made,
    /// Another organization has one of the domains. Nothing was written.
    DomainTaken {
        /// The domain.
        domain: DomainName,
        /// The organization that has it.
        by: OrganizationId,
    },
}

/// Organizations of customers.
///
/// ```
/// use engage_repository::{OrganizationRepository, OrganizationWrite};
/// use engage_sqlite::SqliteStore;
/// use engage_testkit::builders::an_organization;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory()?;
/// let acme = an_organization(&["acme.example"]);
/// assert_eq!(store.add_organization(&acme).await?, OrganizationWrite::Made);
/// let found = store.find_organization_by_domain(&"acme.example".parse()?).await?;
/// assert_eq!(found, Some(acme.clone()));
///
/// // A domain has one organization, which does not include its subdomains.
/// let other = store.add_organization(&an_organization(&["acme.example"])).await?;
/// assert!(matches!(other, OrganizationWrite::DomainTaken { by, .. } if by == acme.id));
/// let subdomain = "mail.acme.example".parse()?;
/// assert_eq!(store.find_organization_by_domain(&subdomain).await?, None);
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait OrganizationRepository: Send + Sync {
    /// Adds an organization.
    ///
    /// MUST return [`OrganizationWrite::DomainTaken`] if another organization has one of the
    /// domains. MAY return [`RepositoryError::Conflict`] instead if that happens concurrently. MUST
    /// write nothing in either case.
    async fn add_organization(
        &self,
        organization: &CustomerOrganization,
    ) -> Result<OrganizationWrite, RepositoryError>;

    /// Finds an organization.
    async fn find_organization(
        &self,
        id: OrganizationId,
    ) -> Result<Option<CustomerOrganization>, RepositoryError>;

    /// Finds the organization that has exactly this domain.
    async fn find_organization_by_domain(
        &self,
        domain: &DomainName,
    ) -> Result<Option<CustomerOrganization>, RepositoryError>;

    /// Returns those of these ids that are organizations, in no particular order.
    async fn known_organizations(
        &self,
        ids: &[OrganizationId],
    ) -> Result<Vec<OrganizationId>, RepositoryError>;

    /// Lists matching organizations in the order of their ids, starting after one, which may have
    /// been removed.
    async fn list_organizations(
        &self,
        filter: &OrganizationFilter,
        after: Option<OrganizationId>,
        limit: NonZeroU32,
    ) -> Result<Vec<CustomerOrganization>, RepositoryError>;

    /// Changes everything of an organization but its id and the time of its addition.
    ///
    /// MUST return [`RepositoryError::Conflict`] if the organization does not exist or is not at
    /// the version before the given one. MUST refuse as
    /// [`add_organization`](Self::add_organization) does. MUST write nothing in any of these cases.
    async fn change_organization(
        &self,
        organization: &CustomerOrganization,
    ) -> Result<OrganizationWrite, RepositoryError>;

    /// Removes an organization. MUST return `false` if it does not exist. MUST leave its contacts,
    /// whose organization is then set to none.
    async fn remove_organization(&self, id: OrganizationId) -> Result<bool, RepositoryError>;
}
