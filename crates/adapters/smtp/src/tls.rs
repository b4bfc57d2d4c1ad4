//! How a mail server proves who it is.

use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;

/// Whose signature on a mail server's certificate is believed.
#[derive(Debug, Clone)]
pub struct TrustedRoots(RootCertStore);

/// Why certificates cannot be checked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TrustedRootsError {
    /// The text holds no certificate, or one that cannot be used.
    #[error("must be one or more root certificates in PEM form: {0}")]
    Malformed(String),
    /// TLS is asked for, and no root certificate is known.
    #[error("the system has no root certificates: name a file with those of the mail server")]
    Missing,
}

impl TrustedRoots {
    /// Those that the system trusts, or the file that the variable `SSL_CERT_FILE` names.
    pub fn system() -> Self {
        let mut store = RootCertStore::empty();
        // Single certificates that cannot be read are not what the server's was signed with, or
        // else connecting says so.
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Self(store)
    }

    /// None: only those that are added.
    pub fn none() -> Self {
        Self(RootCertStore::empty())
    }

    /// The same, and those of a text in PEM form, such as the root of a company's own authority.
    pub fn with_pem(mut self, pem: &[u8]) -> Result<Self, TrustedRootsError> {
        let malformed =
            |error: &dyn std::error::Error| TrustedRootsError::Malformed(error.to_string());
        let known = self.0.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| malformed(&error))?;
            self.0.add(certificate).map_err(|error| malformed(&error))?;
        }
        if self.0.len() == known {
            return Err(TrustedRootsError::Malformed("there is none in it".to_owned()));
        }
        Ok(self)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks the chain and the name of a certificate.
    pub(crate) fn into_config(self) -> Arc<ClientConfig> {
        // The provider is named here, so that it does not matter which one the process prefers.
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
    fn what_is_no_certificate_is_refused() {
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for text in ["", "no PEM", broken] {
            let refusal = TrustedRoots::none().with_pem(text.as_bytes());
            let refusal = refusal.unwrap_err().to_string();
            assert!(refusal.contains("PEM"), "{refusal}");
        }
    }
}
