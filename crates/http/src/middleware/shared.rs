//! Request counts that servers on the same database share.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use engage_repository::{Counted, RequestCounts};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Settings of shared counts.
#[derive(Clone)]
pub struct SharedCounts {
    /// Store of the shared counts.
    pub counts: Arc<dyn RequestCounts>,
    /// Key that is the same on all servers.
    pub key: CountKey,
}

impl fmt::Debug for SharedCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedCounts(..)")
    }
}

/// Pseudonymizes the keys of counts, so that neither addresses nor tokens are stored.
#[derive(Clone)]
pub struct CountKey([u8; 32]);

impl CountKey {
    /// Derives the key from a secret.
    pub fn from_secret(secret: &str) -> Self {
        let digest = Sha256::new().chain_update(b"request counts\0").chain_update(secret);
        Self(digest.finalize().into())
    }

    /// Generates a key for a single server.
    #[allow(clippy::disallowed_methods)] // Nothing in the domain depends on it.
    pub(super) fn random() -> Self {
        Self::from_secret(&Uuid::new_v4().to_string())
    }

    pub(super) fn of_address(&self, address: IpAddr) -> Counted {
        match address {
            IpAddr::V4(address) => self.of(&address.octets()),
            IpAddr::V6(address) => self.of(&address.octets()),
        }
    }

    pub(super) fn of(&self, who: &[u8]) -> Counted {
        let digest = Sha256::new().chain_update(self.0).chain_update(who).finalize();
        let mut pseudonym = [0; 16];
        pseudonym.copy_from_slice(&digest[..16]);
        Counted(pseudonym)
    }
}
