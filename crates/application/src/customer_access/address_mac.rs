//! Keyed hashes of the suppressed addresses of erased persons.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engage_domain::{Address, EmailAddress};
use engage_repository::{AddressMac, SuppressionKey};
use hmac::Mac;

use super::AccessTokens;

/// Domain separator of the MAC.
const PURPOSE: &[u8] = b"engage suppressed address 1\0";

impl AccessTokens {
    /// Returns the hash that stands for an address once its person is erased.
    ///
    /// ```
    /// # use engage_application::{AccessTokens, ServerSecret};
    /// # use engage_domain::EmailAddress;
    /// # let [secret, another] = [7, 8].map(|byte| ServerSecret::from_bits([byte; 32]));
    /// # let [tokens, others] =
    /// #     [secret, another].map(|one| AccessTokens::new(&one, AccessTokens::DEFAULT_LIFETIME));
    /// let john: EmailAddress = "john@example.com".parse()?;
    /// let mac = tokens.address_mac(&john);
    /// assert_eq!(mac, tokens.address_mac(&"John@Example.com".parse()?));
    /// assert!(!mac.as_str().contains("john"));
    ///
    /// // Another installation has others.
    /// assert_ne!(mac, others.address_mac(&john));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn address_mac(&self, address: &EmailAddress) -> AddressMac {
        let mut mac = self.begin(PURPOSE);
        mac.update(address.normalized().as_bytes());
        AddressMac::new(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    /// Returns the key with which the suppression of an address is found.
    pub(crate) fn suppression_key(&self, address: &Address) -> SuppressionKey {
        let mac = match address {
            Address::Email(email) => Some(self.address_mac(email)),
            Address::Phone(_) | Address::Webhook(_) => None,
        };
        SuppressionKey { address: address.clone(), mac }
    }
}
