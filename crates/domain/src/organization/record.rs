//! Organizations whose people are customers.

use super::domains::OrganizationDomains;
use super::sla_override::SlaOverride;
use crate::case::Version;
use crate::classification::CustomerType;
use crate::id::OrganizationId;
use crate::text::{Notes, Organization};
use crate::time::Timestamp;

/// An organization whose people are customers, with its contract.
///
/// An organization shares nothing between its people: they do not see each other's cases.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct CustomerOrganization {
    /// Id of the organization.
    pub id: OrganizationId,
    /// Number of changes, including the addition.
    pub version: Version,
    /// Name of the organization.
    pub name: Organization,
    /// Domains of its addresses. No two organizations share one.
    pub domains: OrganizationDomains,
    /// Type of its contract.
    pub customer_type: CustomerType,
    /// Notes of staff.
    pub notes: Option<Notes>,
    /// Service targets that it has instead of those of its customer type.
    pub sla_override: Option<SlaOverride>,
    /// Time at which the organization was added.
    pub created_at: Timestamp,
}
