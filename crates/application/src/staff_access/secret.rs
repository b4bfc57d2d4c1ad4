use std::fmt::Write;

use engage_repository::TokenHash;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// Secret of a staff token, consisting of 256 random bits. It is shown only once.
#[derive(Debug, Clone)]
pub struct StaffTokenSecret(SecretString);

impl StaffTokenSecret {
    pub(super) const PREFIX: &str = "eng_";

    pub(super) fn from_bits(bits: [u8; 32]) -> Self {
        let mut text = Self::PREFIX.to_owned();
        for byte in bits {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text.into())
    }

    /// Returns the token in plain text.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Computes the hash under which a token is stored.
pub(super) fn hash(token: &str) -> TokenHash {
    TokenHash(Sha256::digest(token.as_bytes()).into())
}
