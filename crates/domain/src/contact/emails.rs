//! The addresses of a contact.

use thiserror::Error;

use super::email::EmailAddress;

/// Addresses of a contact: at most [`MOST`](Self::MOST), each once, the preferred one first.
///
/// ```
/// use engage_domain::contact::{ContactEmails, ContactEmailsError};
///
/// let emails = ContactEmails::new(["jane@example.com".parse()?, "j.smith@example.org".parse()?])?;
/// assert!(emails.contains(&"JANE@example.com".parse()?));
///
/// let twice = ContactEmails::new(["jane@example.com".parse()?, "Jane@Example.com".parse()?]);
/// assert_eq!(twice, Err(ContactEmailsError::Repeated));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct ContactEmails(Vec<EmailAddress>);

/// Error returned when addresses cannot be those of one contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ContactEmailsError {
    /// There are more than [`ContactEmails::MOST`] addresses.
    #[error("must be at most {} addresses", ContactEmails::MOST)]
    TooMany,
    /// Two of the addresses are the same.
    #[error("must contain each address only once")]
    Repeated,
}

impl ContactEmails {
    /// Maximum number of addresses.
    pub const MOST: usize = 10;

    /// Collects addresses.
    ///
    /// Fails if there are too many, or if two of them are equal.
    pub fn new(
        addresses: impl IntoIterator<Item = EmailAddress>,
    ) -> Result<Self, ContactEmailsError> {
        let mut emails = Self::default();
        for address in addresses {
            if emails.contains(&address) {
                return Err(ContactEmailsError::Repeated);
            }
            if emails.0.len() == Self::MOST {
                return Err(ContactEmailsError::TooMany);
            }
            emails.0.push(address);
        }
        Ok(emails)
    }

    /// Returns the addresses, the preferred one first.
    pub fn as_slice(&self) -> &[EmailAddress] {
        &self.0
    }

    /// Returns the addresses, the preferred one first.
    pub fn iter(&self) -> std::slice::Iter<'_, EmailAddress> {
        self.0.iter()
    }

    /// Checks whether an address is one of these.
    pub fn contains(&self, address: &EmailAddress) -> bool {
        self.0.contains(address)
    }
}

impl<'a> IntoIterator for &'a ContactEmails {
    type Item = &'a EmailAddress;
    type IntoIter = std::slice::Iter<'a, EmailAddress>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for ContactEmails {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let addresses = Vec::deserialize(deserializer)?;
        Self::new(addresses).map_err(serde::de::Error::custom)
    }
}
