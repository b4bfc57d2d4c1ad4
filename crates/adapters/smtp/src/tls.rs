//! Root certificates for verifying mail servers.

use std::sync::Arc;

use engage_outbound::{add_pem, client_config, system_roots};
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;

/// Root certificates trusted for mail servers.
#[derive(Debug, Clone)]
pub struct TrustedRoots(RootCertStore);

/// Error returned when certificates cannot be verified.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TrustedRootsError {
    /// The text contains no certificate, or an invalid one.
    #[error("must be one or more root certificates in PEM form: {0}")]
    Malformed(String),
    /// TLS is required, but no root certificate is known.
    #[error("the system has no root certificates; set a file with those of the mail server")]
    Missing,
}

impl TrustedRoots {
    /// Returns the system's roots, or those of the file in the variable `SSL_CERT_FILE`.
    pub fn system() -> Self {
        Self(system_roots())
    }

    /// Returns an empty set of roots.
    pub fn none() -> Self {
        Self(RootCertStore::empty())
    }

    /// Adds the certificates of a text in PEM form, such as the root of a company's own authority.
    pub fn with_pem(mut self, pem: &[u8]) -> Result<Self, TrustedRootsError> {
        add_pem(&mut self.0, pem)
            .map_err(|error| TrustedRootsError::Malformed(error.to_string()))?;
        Ok(self)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Builds a configuration that verifies the chain and the name of a certificate.
    pub(crate) fn into_config(self) -> Arc<ClientConfig> {
        #[allow(clippy::expect_used, reason = "the provider supports both versions")]
        Arc::new(client_config(self.0).expect("TLS 1.2 and 1.3"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_certificates_are_rejected() {
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for text in ["", "no PEM", broken] {
            let refusal = TrustedRoots::none().with_pem(text.as_bytes());
            let refusal = refusal.unwrap_err().to_string();
            assert!(refusal.contains("PEM"), "{refusal}");
        }
    }
}
