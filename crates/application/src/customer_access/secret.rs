use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit};
use sha2::Sha256;
use thiserror::Error;

/// A text that only the servers of one desk know, of at least 32 characters: what customers prove
/// their ownership of cases with is made from it. Another secret makes all of that void.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerSecret(String);

/// A text that somebody might guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must have at least 32 characters, such as `openssl rand -hex 32` prints")]
pub struct ServerSecretError;

impl ServerSecret {
    const LEAST: usize = 32;

    /// The secret that is made of these bits: 64 characters.
    pub fn from_bits(bits: [u8; 32]) -> Self {
        Self(bits.map(|byte| format!("{byte:02x}")).concat())
    }

    /// The secret as it was given.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What authenticates messages by the secret.
    pub(super) fn mac(&self) -> Hmac<Sha256> {
        // HMAC takes a key of any length (RFC 2104, section 2).
        #[allow(clippy::expect_used)]
        Hmac::new_from_slice(self.0.as_bytes()).expect("a key of any length")
    }
}

impl FromStr for ServerSecret {
    type Err = ServerSecretError;

    fn from_str(text: &str) -> Result<Self, ServerSecretError> {
        let text = text.trim();
        if text.chars().count() < Self::LEAST {
            Err(ServerSecretError)
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

impl fmt::Debug for ServerSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_32_characters_and_is_shown_to_nobody() {
        let given = " 0123456789abcdef0123456789abcdef\n";
        let secret: ServerSecret = given.parse().unwrap();
        assert_eq!(secret.expose(), given.trim());
        assert_eq!(format!("{secret:?}"), "ServerSecret(..)");
        let padded = format!("{}{}", "x".repeat(31), " ".repeat(9));
        assert_eq!(padded.parse::<ServerSecret>(), Err(ServerSecretError));
        let made = ServerSecret::from_bits([0xab; 32]);
        assert_eq!(made.expose().parse(), Ok(made.clone()));
    }
}
