//! Adding, changing and removing organizations.

use std::num::NonZeroU32;
use std::sync::Arc;

use engage_domain::case::Version;
use engage_domain::organization::{
    DomainName, OrganizationDomains, OrganizationDomainsError, PublicDomains,
};
use engage_domain::{CustomerOrganization, OrganizationId};
use engage_environment::{Clock, IdGenerator};
use engage_repository::{
    AuditedStore, OrganizationFilter, OrganizationRepository, OrganizationWrite, RepositoryError,
};
use thiserror::Error;

use super::acts::{organization_added, organization_changed, organization_removed};
use super::manage::TRIES;
use super::organization_change::{NewOrganization, OrganizationChange};
use crate::audit::{AuditRecorder, Initiator};
use crate::list_part::{cut, one_more};

/// Error returned when an organization cannot be added or changed.
#[derive(Debug, Error)]
pub enum OrganizationError {
    /// There is no such organization.
    #[error("there is no organization {0}")]
    NotFound(OrganizationId),
    /// Another organization has the domain. Change that one instead.
    #[error("organization {other} already has the domain {domain}")]
    DomainTaken {
        /// The domain.
        domain: DomainName,
        /// The organization that has it.
        other: OrganizationId,
    },
    /// The domains cannot be those of one organization.
    #[error(transparent)]
    Domains(#[from] OrganizationDomainsError),
    /// Storage failed, or there were too many concurrent changes.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// A part of the list of organizations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationPage {
    /// Organizations in the order of their ids.
    pub organizations: Vec<CustomerOrganization>,
    /// Organization after which the list goes on, if it does.
    pub next: Option<OrganizationId>,
}

/// Manages organizations of customers.
///
/// ```
/// # use std::sync::Arc;
/// use engage_application::{Initiator, ManageOrganizations, NewOrganization, OrganizationError};
/// use engage_domain::CustomerType;
/// # use engage_sqlite::SqliteStore;
/// # use engage_system::SystemIds;
/// # use engage_testkit::ManualClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # let (clock, ids) = (Arc::new(ManualClock::new()), Arc::new(SystemIds));
/// # let organizations = ManageOrganizations::new(store.clone(), store, clock, ids);
/// # let (notes, sla_override) = (None, None);
/// let (name, domains) = ("Acme Inc.".parse()?, vec!["acme.example".parse()?]);
/// let customer_type = CustomerType::Enterprise;
/// let new = NewOrganization { name, domains, customer_type, notes, sla_override };
/// let by = Initiator::command_line();
/// let acme = organizations.add(new.clone(), &by).await?;
///
/// // Anybody can have an address at a public mail provider.
/// let public = NewOrganization { domains: vec!["gmail.com".parse()?], ..new };
/// let refused = organizations.add(public, &by).await;
/// assert!(matches!(refused, Err(OrganizationError::Domains(_))));
/// assert_eq!(organizations.get(acme.id).await?, acme);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ManageOrganizations {
    organizations: Arc<dyn OrganizationRepository>,
    acts: Arc<dyn AuditedStore>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
    recorder: AuditRecorder,
    public_domains: Arc<PublicDomains>,
}

impl ManageOrganizations {
    /// Creates the use case. Changes are recorded in the audit log.
    pub fn new(
        organizations: Arc<dyn OrganizationRepository>,
        acts: Arc<dyn AuditedStore>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
    ) -> Self {
        let recorder = AuditRecorder::new(Arc::clone(&clock), Arc::clone(&ids));
        Self { organizations, acts, clock, ids, recorder, public_domains: Arc::default() }
    }

    /// Replaces the domains at which anybody can have an address.
    #[must_use]
    pub fn with_public_domains(self, public_domains: PublicDomains) -> Self {
        Self { public_domains: Arc::new(public_domains), ..self }
    }

    /// Adds an organization.
    pub async fn add(
        &self,
        new: NewOrganization,
        by: &Initiator,
    ) -> Result<CustomerOrganization, OrganizationError> {
        let organization = CustomerOrganization {
            id: OrganizationId::from_u128(self.ids.next_id()),
            version: Version::FIRST,
            name: new.name,
            domains: OrganizationDomains::new(new.domains, &self.public_domains)?,
            customer_type: new.customer_type,
            notes: new.notes,
            sla_override: new.sla_override,
            created_at: self.clock.now(),
        };
        for _ in 0..TRIES {
            let record = self.recorder.record(by, organization_added(&organization));
            match self.acts.organizations(record).add_organization(&organization).await {
                Err(RepositoryError::Conflict) => {}
                outcome => return written(outcome?, organization),
            }
        }
        Err(RepositoryError::Conflict.into())
    }

    /// Returns an organization.
    pub async fn get(&self, id: OrganizationId) -> Result<CustomerOrganization, OrganizationError> {
        let found = self.organizations.find_organization(id).await?;
        found.ok_or(OrganizationError::NotFound(id))
    }

    /// Returns the part of the list of matching organizations that starts after one.
    pub async fn page(
        &self,
        filter: &OrganizationFilter,
        after: Option<OrganizationId>,
        limit: NonZeroU32,
    ) -> Result<OrganizationPage, RepositoryError> {
        let mut organizations =
            self.organizations.list_organizations(filter, after, one_more(limit)).await?;
        let has_more = cut(&mut organizations, limit);
        let next = organizations.last().filter(|_| has_more).map(|organization| organization.id);
        Ok(OrganizationPage { organizations, next })
    }

    /// Changes an organization. The change holds for cases that are opened later.
    pub async fn change(
        &self,
        id: OrganizationId,
        change: &OrganizationChange,
        by: &Initiator,
    ) -> Result<CustomerOrganization, OrganizationError> {
        for _ in 0..TRIES {
            let before = self.get(id).await?;
            let after = self.changed(&before, change.clone())?;
            if after == before {
                return Ok(before);
            }
            let after = CustomerOrganization { version: before.version.next(), ..after };
            let record = self.recorder.record(by, organization_changed(&before, &after));
            match self.acts.organizations(record).change_organization(&after).await {
                Err(RepositoryError::Conflict) => {}
                outcome => return written(outcome?, after),
            }
        }
        Err(RepositoryError::Conflict.into())
    }

    /// Removes an organization. Its contacts and their cases remain.
    pub async fn remove(
        &self,
        id: OrganizationId,
        by: &Initiator,
    ) -> Result<(), OrganizationError> {
        let act = organization_removed(&self.get(id).await?);
        if self.acts.organizations(self.recorder.record(by, act)).remove_organization(id).await? {
            Ok(())
        } else {
            Err(OrganizationError::NotFound(id))
        }
    }

    fn changed(
        &self,
        before: &CustomerOrganization,
        change: OrganizationChange,
    ) -> Result<CustomerOrganization, OrganizationDomainsError> {
        let before = before.clone();
        let domains = change
            .domains
            .map(|domains| OrganizationDomains::new(domains, &self.public_domains))
            .transpose()?;
        Ok(CustomerOrganization {
            name: change.name.unwrap_or(before.name),
            domains: domains.unwrap_or(before.domains),
            customer_type: change.customer_type.unwrap_or(before.customer_type),
            notes: change.notes.unwrap_or(before.notes),
            sla_override: change.sla_override.unwrap_or(before.sla_override),
            ..before
        })
    }
}

fn written(
    outcome: OrganizationWrite,
    organization: CustomerOrganization,
) -> Result<CustomerOrganization, OrganizationError> {
    match outcome {
        OrganizationWrite::Made => Ok(organization),
        OrganizationWrite::DomainTaken { domain, by } => {
            Err(OrganizationError::DomainTaken { domain, other: by })
        }
    }
}
