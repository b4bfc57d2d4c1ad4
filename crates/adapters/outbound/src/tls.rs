use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use thiserror::Error;

use crate::error_chain::error_chain;

/// Error returned when a text contains no certificate in PEM form, or an invalid one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct PemError(String);

/// Returns the cryptography that every connection uses.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// Begins a configuration for TLS 1.2 and 1.3. [`client_config`] completes it for the usual case, in
/// which certificates are fully verified.
pub fn config_builder() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, rustls::Error> {
    ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()
}

/// Builds a configuration that verifies the chain and the name of a certificate.
pub fn client_config(roots: RootCertStore) -> Result<ClientConfig, rustls::Error> {
    Ok(config_builder()?.with_root_certificates(roots).with_no_client_auth())
}

/// Returns the system's root certificates, or those of the file in the variable `SSL_CERT_FILE`.
/// There may be none. Reading them blocks for a few milliseconds.
pub fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    // Certificates of the system that cannot be parsed are skipped. If a server needs one of them,
    // connecting fails with a clear error.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

/// Adds the certificates of a text in PEM form, such as the root of a company's own authority.
pub fn add_pem(roots: &mut RootCertStore, pem: &[u8]) -> Result<(), PemError> {
    let invalid = |error: &dyn std::error::Error| PemError(error_chain(error));
    let known = roots.len();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| invalid(&error))?;
        roots.add(certificate).map_err(|error| invalid(&error))?;
    }
    if roots.len() == known {
        return Err(PemError("it contains no certificate".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_a_valid_certificate_is_rejected() {
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for text in ["", "no PEM", broken] {
            let mut roots = RootCertStore::empty();
            assert!(add_pem(&mut roots, text.as_bytes()).is_err(), "{text}");
            assert!(roots.is_empty());
        }
    }

    #[test]
    fn certificates_can_be_verified_without_a_default_provider() {
        assert!(client_config(RootCertStore::empty()).is_ok());
    }
}
