use std::collections::HashSet;
use std::str::FromStr;

use hmac::{Hmac, KeyInit};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use thiserror::Error;

/// Secret shared by all servers of an installation, at least 32 characters long. Proofs of
/// ownership of cases are derived from it, so changing it revokes all of them.
#[derive(Debug, Clone)]
pub struct ServerSecret(SecretString);

/// Error returned for a secret that is too easy to guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "must have at least 32 characters and be hard to guess (not a repeated sequence), such as the \
     output of `openssl rand -hex 32`"
)]
pub struct ServerSecretError;

impl ServerSecret {
    const LEAST: usize = 32;

    /// Minimum number of different characters. Of 32 random hexadecimal digits, fewer occur once in
    /// ten million cases.
    const LEAST_DIFFERENT: usize = 8;

    /// A secret that only repeats a sequence shorter than this is rejected.
    const LEAST_REPEATED: usize = 16;

    /// Encodes random bits as a secret of 64 characters.
    pub fn from_bits(bits: [u8; 32]) -> Self {
        Self(bits.map(|byte| format!("{byte:02x}")).concat().into())
    }

    /// Returns the secret.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Creates a MAC keyed with the secret.
    pub(super) fn mac(&self) -> Hmac<Sha256> {
        // HMAC accepts keys of any length (RFC 2104, section 2).
        #[allow(clippy::expect_used)]
        Hmac::new_from_slice(self.expose().as_bytes()).expect("HMAC accepts keys of any length")
    }
}

impl FromStr for ServerSecret {
    type Err = ServerSecretError;

    fn from_str(text: &str) -> Result<Self, ServerSecretError> {
        let text = text.trim();
        let characters: Vec<char> = text.chars().collect();
        let different: HashSet<&char> = characters.iter().collect();
        let repeats =
            |length: usize| characters.iter().zip(&characters[length..]).all(|(a, b)| a == b);
        let is_guessable = characters.len() < Self::LEAST
            || different.len() < Self::LEAST_DIFFERENT
            || (1..Self::LEAST_REPEATED).any(repeats);
        if is_guessable { Err(ServerSecretError) } else { Ok(Self(text.into())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_at_least_32_characters_and_is_not_printed() {
        let given = " 0123456789abcdef0123456789abcdef\n";
        let secret: ServerSecret = given.parse().unwrap();
        assert_eq!(secret.expose(), given.trim());
        assert_eq!(format!("{secret:?}"), "ServerSecret(SecretBox<str>([REDACTED]))");
        let padded = format!("{}{}", "x".repeat(31), " ".repeat(9));
        assert_eq!(padded.parse::<ServerSecret>().unwrap_err(), ServerSecretError);
        let made =
            ServerSecret::from_bits(std::array::from_fn(|index| u8::try_from(index).unwrap()));
        let parsed: ServerSecret = made.expose().parse().unwrap();
        assert_eq!(parsed.expose(), made.expose());
    }

    #[test]
    fn repeated_characters_are_no_secret() {
        for guessable in [
            "a".repeat(32),
            "ab".repeat(40),
            "0123456".repeat(6),
            "changeme".repeat(4),
            "correct horse ".repeat(3),
            "geheim-geheim-geheim-geheim-geheim".to_owned(),
        ] {
            assert!(guessable.parse::<ServerSecret>().is_err(), "{guessable}");
        }
        for random in ["9f3c51d07a2be4860c1f9d77e35ab124", "tatsächlich zufällig? Ja: kqzvwx3817"]
        {
            assert!(random.parse::<ServerSecret>().is_ok(), "{random}");
        }
    }
}
