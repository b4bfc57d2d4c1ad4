//! Suppressions of addresses.

use engage_domain::{Address, EmailAddress, Timestamp};

/// An address to which no more notifications are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// The address. An e-mail address is in lower case.
    pub address: Address,
    /// Reason for the suppression.
    pub reason: String,
    /// Time at which the address was suppressed.
    pub created_at: Timestamp,
}

/// Keyed hash of an e-mail address, which replaces a suppressed address once its person is erased.
/// Without the key of the installation nobody can tell whose address it was.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AddressMac(String);

impl AddressMac {
    /// Takes the hash as text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the hash as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Address whose suppression is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuppressionKey {
    /// The address.
    pub address: Address,
    /// Hash of the address. Without one, suppressions of erased persons are not found.
    pub mac: Option<AddressMac>,
}

impl From<Address> for SuppressionKey {
    fn from(address: Address) -> Self {
        Self { address, mac: None }
    }
}

/// Address of a person who is erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasedAddress {
    /// The address.
    pub address: EmailAddress,
    /// Hash that replaces it where it is suppressed.
    pub mac: AddressMac,
}
