//! Settings of contacts and organizations.

use engage_domain::organization::{DomainName, PublicDomains};
use serde::Deserialize;

use super::values::list;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactSettings {
    #[serde(deserialize_with = "list")]
    public_domains: Vec<DomainName>,
}

impl ContactSettings {
    /// Returns the domains at which anybody can have an address: those that the program knows, and
    /// those that are set.
    pub(crate) fn public_domains(&self) -> PublicDomains {
        PublicDomains::default().with(self.public_domains.iter().cloned())
    }
}
