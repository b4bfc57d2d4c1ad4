//! Root certificates for verifying mail servers.

use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
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
        let mut store = RootCertStore::empty();
        // Certificates of the system that cannot be parsed are skipped. If the server needs one of
        // them, connecting fails with a clear error.
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Self(store)
    }

    /// Returns an empty set of roots.
    pub fn none() -> Self {
        Self(RootCertStore::empty())
    }

    /// Adds the certificates of a text in PEM form, such as the root of a company's own authority.
    pub fn with_pem(mut self, pem: &[u8]) -> Result<Self, TrustedRootsError> {
        let malformed =
            |error: &dyn std::error::Error| TrustedRootsError::Malformed(error.to_string());
        let known = self.0.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| malformed(&error))?;
            self.0.add(certificate).map_err(|error| malformed(&error))?;
        }
        if self.0.len() == known {
            return Err(TrustedRootsError::Malformed("it contains no certificate".to_owned()));
        }
        Ok(self)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Builds a configuration that verifies the chain and the name of a certificate.
    pub(crate) fn into_config(self) -> Arc<ClientConfig> {
        // The provider is set explicitly, so that the process default does not matter.
        let provider = Arc::new(aws_lc_rs::default_provider());
        #[allow(clippy::expect_used, reason = "this provider has what both versions need")]
        let versions = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS 1.2 and 1.3");
        Arc::new(versions.with_root_certificates(self.0).with_no_client_auth())
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
