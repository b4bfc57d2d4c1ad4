use std::fmt;

use engage_domain::TokenId;
use engage_identity::Credential;
use sha2::{Digest, Sha256};

/// Identifies a credential in logs and records, without revealing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialId {
    /// A token issued by Engage.
    Token(TokenId),
    /// A token of an identity provider, identified by the first 64 bits of its SHA-256.
    Jwt(u64),
}

impl CredentialId {
    pub(super) fn of(credential: &Credential, shown: &str) -> Self {
        match credential {
            Credential::Token { id, .. } => Self::Token(*id),
            Credential::Jwt { .. } => {
                let digest: [u8; 32] = Sha256::digest(shown.as_bytes()).into();
                let first =
                    digest.iter().take(8).fold(0, |bits, byte| bits << 8 | u64::from(*byte));
                Self::Jwt(first)
            }
        }
    }
}

impl fmt::Display for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(id) => id.fmt(f),
            Self::Jwt(first) => write!(f, "jwt_{first:016x}"),
        }
    }
}
