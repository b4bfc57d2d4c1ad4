//! TLS configuration for calling endpoints.

use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;

/// Error returned when webhooks cannot be set up.
#[derive(Debug, Error)]
pub enum SetUpError {
    /// TLS cannot be set up, or a further root certificate is invalid.
    #[error("cannot set up TLS for webhooks")]
    Tls(#[from] rustls::Error),
    /// The HTTP client cannot be set up.
    #[error("cannot set up the HTTP client for webhooks")]
    Client(#[from] reqwest::Error),
}

/// Builds a configuration that trusts the system's roots and these further ones.
pub(crate) fn config(
    further_roots: &[CertificateDer<'static>],
) -> Result<ClientConfig, SetUpError> {
    let mut roots = RootCertStore::empty();
    // Certificates of the system that cannot be parsed are skipped. If an endpoint needs one of
    // them, connecting fails with a clear error.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for root in further_roots {
        roots.add(root.clone())?;
    }
    if roots.is_empty() {
        tracing::warn!("the system has no root certificates, so no https endpoint can be trusted");
    }
    // The provider is set explicitly, so that the process default does not matter.
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_that_is_not_a_certificate_is_rejected() {
        let refusal = config(&[CertificateDer::from(vec![1, 2, 3])]).unwrap_err();
        assert!(matches!(refusal, SetUpError::Tls(_)), "{refusal:?}");
    }
}
