//! Addresses of the people of an organization.

use engage_domain::EmailAddress;
use engage_domain::organization::DomainName;

/// The e-mail addresses to which an organization applies, by the rule of
/// [`ContactOrganization::applying`](engage_domain::contact::ContactOrganization::applying). Most of
/// them are those at a domain, whoever has them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct OrganizationAddresses {
    /// Domains of the organization.
    pub domains: Vec<DomainName>,
    /// Addresses at other domains, of contacts who have been set to the organization.
    pub elsewhere: Vec<EmailAddress>,
    /// Addresses at the domains, of contacts who have been set to another organization or to none.
    pub excepted: Vec<EmailAddress>,
}
