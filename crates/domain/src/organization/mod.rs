//! Organizations of customers, and the domains by which their people are recognized.

mod domain_name;
mod domains;
mod public_domains;
mod record;
mod sla_override;

pub use domain_name::{DomainName, DomainNameError};
pub use domains::{OrganizationDomains, OrganizationDomainsError};
pub use public_domains::PublicDomains;
pub use record::CustomerOrganization;
pub use sla_override::{SlaOverride, SlaOverrideError};
