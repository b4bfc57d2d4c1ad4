//! Values of an organization that is added or changed.

use engage_domain::organization::{DomainName, SlaOverride};
use engage_domain::{CustomerType, Notes, Organization};

/// A new organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrganization {
    /// Name of the organization.
    pub name: Organization,
    /// Domains of its addresses.
    pub domains: Vec<DomainName>,
    /// Type of its contract.
    pub customer_type: CustomerType,
    /// Notes of staff.
    pub notes: Option<Notes>,
    /// Service targets instead of those of the type.
    pub sla_override: Option<SlaOverride>,
}

/// Changes to an organization. Fields with `None` remain unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrganizationChange {
    /// Name of the organization.
    pub name: Option<Organization>,
    /// All domains of its addresses.
    pub domains: Option<Vec<DomainName>>,
    /// Type of its contract.
    pub customer_type: Option<CustomerType>,
    /// Notes of staff, or `Some(None)` to remove them.
    pub notes: Option<Option<Notes>>,
    /// Service targets instead of those of the type, or `Some(None)` to remove them.
    pub sla_override: Option<Option<SlaOverride>>,
}
