//! The domains of an organization.

use thiserror::Error;

use super::domain_name::DomainName;
use super::public_domains::PublicDomains;

/// Domains of an organization: at most [`MOST`](Self::MOST), each once, and none of a public mail
/// provider.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct OrganizationDomains(Vec<DomainName>);

/// Error returned when domains cannot be those of one organization.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OrganizationDomainsError {
    /// There are more than [`OrganizationDomains::MOST`] domains.
    #[error("must be at most {} domains", OrganizationDomains::MOST)]
    TooMany,
    /// A domain is given twice.
    #[error("must contain {0} only once")]
    Repeated(DomainName),
    /// Anybody can have an address of the domain.
    #[error("must not contain {0}, at which anybody can have an address")]
    Public(DomainName),
}

impl OrganizationDomains {
    /// Maximum number of domains.
    pub const MOST: usize = 50;

    /// Collects domains.
    ///
    /// Fails if there are too many, if one is given twice, or if one is public.
    pub fn new(
        domains: impl IntoIterator<Item = DomainName>,
        public: &PublicDomains,
    ) -> Result<Self, OrganizationDomainsError> {
        let mut collected = Vec::new();
        for domain in domains {
            if public.contains(&domain) {
                return Err(OrganizationDomainsError::Public(domain));
            }
            if collected.contains(&domain) {
                return Err(OrganizationDomainsError::Repeated(domain));
            }
            if collected.len() == Self::MOST {
                return Err(OrganizationDomainsError::TooMany);
            }
            collected.push(domain);
        }
        Ok(Self(collected))
    }

    /// Takes domains that were stored. They stay readable even if some have become public since.
    pub fn from_stored(domains: Vec<DomainName>) -> Self {
        Self(domains)
    }

    /// Returns the domains in the order in which they were given.
    pub fn as_slice(&self) -> &[DomainName] {
        &self.0
    }

    /// Returns the domains in the order in which they were given.
    pub fn iter(&self) -> std::slice::Iter<'_, DomainName> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a OrganizationDomains {
    type Item = &'a DomainName;
    type IntoIter = std::slice::Iter<'a, DomainName>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
