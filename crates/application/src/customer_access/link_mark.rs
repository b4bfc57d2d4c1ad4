//! Marks of links that were sent to an e-mail address.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engage_domain::{CaseId, EmailAddress};
use hmac::Mac;
use secrecy::{ExposeSecret, SecretString};

use super::AccessTokens;

/// Domain separator of the MAC.
const PURPOSE: &[u8] = b"engage link mark 1\0";

/// Length in bytes: as hard to guess as a random id.
const LENGTH: usize = 16;

/// Text beside the access token in a link that was sent to the customer's address. Whoever presents both
/// has read the e-mail, while a token alone may also come from the response to the request that opened
/// the case, in which anybody could type the address. The value may also be an unverified text.
///
/// A mark opens nothing.
#[derive(Debug, Clone)]
pub struct LinkMark(SecretString);

impl LinkMark {
    /// Returns the mark in plain text.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<&str> for LinkMark {
    fn from(shown: &str) -> Self {
        Self(shown.into())
    }
}

impl AccessTokens {
    /// Returns the mark of the links in e-mails about a case to an address.
    ///
    /// ```
    /// # use engage_application::{AccessTokens, ServerSecret};
    /// # use engage_domain::{CaseId, EmailAddress};
    /// # let secret = ServerSecret::from_bits([7; 32]);
    /// # let tokens = AccessTokens::new(&secret, AccessTokens::DEFAULT_LIFETIME);
    /// let (case, john): (_, EmailAddress) = (CaseId::from_u128(7), "john@example.com".parse()?);
    /// let mark = tokens.link_mark(case, &john);
    /// assert!(tokens.is_link_mark(&mark, case, &"John@Example.com".parse()?));
    ///
    /// // It is for this case and this address only.
    /// assert!(!tokens.is_link_mark(&mark, CaseId::from_u128(8), &john));
    /// assert!(!tokens.is_link_mark(&mark, case, &"jane@example.com".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn link_mark(&self, case: CaseId, address: &EmailAddress) -> LinkMark {
        let mut mac = self.begin(PURPOSE);
        mac.update(&case.as_u128().to_be_bytes());
        mac.update(address.normalized().as_bytes());
        let bits = mac.finalize().into_bytes();
        LinkMark(URL_SAFE_NO_PAD.encode(&bits[..LENGTH]).into())
    }

    /// Checks, in constant time, whether a text is the mark of the links to an address.
    pub fn is_link_mark(&self, shown: &LinkMark, case: CaseId, address: &EmailAddress) -> bool {
        let expected = self.link_mark(case, address);
        self.is_same(shown.expose().as_bytes(), expected.expose().as_bytes())
    }
}
