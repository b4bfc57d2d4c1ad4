use std::collections::BTreeSet;
use std::str::FromStr;

use engage_domain::EmailAddress;
use thiserror::Error;

/// An address, or a domain, that customers may not add to their cases.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefusedAddress(String);

/// Error returned for a text that is neither an address nor a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be an e-mail address, or a domain such as @example.com")]
pub struct RefusedAddressError;

impl FromStr for RefusedAddress {
    type Err = RefusedAddressError;

    fn from_str(text: &str) -> Result<Self, RefusedAddressError> {
        let text = text.trim().to_lowercase();
        // A domain is sound if somebody can have an address there.
        let somebody = if text.starts_with('@') { "somebody" } else { "" };
        let address: Result<EmailAddress, _> = format!("{somebody}{text}").parse();
        let normalized = address.map_err(|_| RefusedAddressError)?.normalized().to_lowercase();
        let refused = normalized.strip_prefix(somebody).ok_or(RefusedAddressError)?;
        Ok(Self(refused.to_owned()))
    }
}

/// Addresses and domains that customers may not add to their cases.
///
/// ```
/// use engage_application::RefusedParticipants;
///
/// let refused: RefusedParticipants =
///     [" press@example.com".parse()?, "@Rival.example".parse()?].into_iter().collect();
/// assert!(refused.include(&"Press@Example.com".parse()?));
/// assert!(refused.include(&"ann@rival.example".parse()?));
/// assert!(!refused.include(&"ann@sub.rival.example".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefusedParticipants(BTreeSet<RefusedAddress>);

impl FromIterator<RefusedAddress> for RefusedParticipants {
    fn from_iter<I: IntoIterator<Item = RefusedAddress>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

impl RefusedParticipants {
    /// Checks whether an address, or exactly its domain, is refused.
    pub fn include(&self, email: &EmailAddress) -> bool {
        let email = email.normalized().to_lowercase();
        let domain = email.rfind('@').map(|at| email[at..].to_owned());
        self.0.contains(&RefusedAddress(email))
            || domain.is_some_and(|domain| self.0.contains(&RefusedAddress(domain)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_neither_an_address_nor_a_domain_is_rejected() {
        for text in ["", "@", "example.com", "a b@example.com", "@-", "@exa mple.com"] {
            assert_eq!(text.parse::<RefusedAddress>(), Err(RefusedAddressError), "{text}");
        }
    }
}
