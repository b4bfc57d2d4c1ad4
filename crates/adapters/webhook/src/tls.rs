//! How an endpoint proves who it is.

use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;

/// Why nothing can be sent at all.
#[derive(Debug, Error)]
pub enum SetUpError {
    /// TLS cannot be set up, or a further root certificate cannot be read.
    #[error("cannot set up TLS for webhooks")]
    Tls(#[from] rustls::Error),
    /// The HTTP client cannot be set up.
    #[error("cannot set up the HTTP client for webhooks")]
    Client(#[from] reqwest::Error),
}

/// Trusts who the system trusts, and these further roots.
pub(crate) fn config(
    further_roots: &[CertificateDer<'static>],
) -> Result<ClientConfig, SetUpError> {
    let mut roots = RootCertStore::empty();
    // Single certificates that cannot be read are not what an endpoint's was signed with, or else
    // connecting says so.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for root in further_roots {
        roots.add(root.clone())?;
    }
    if roots.is_empty() {
        tracing::warn!("the system has no root certificates: no https endpoint can be trusted");
    }
    // The provider is named here, so that it does not matter which one the process prefers.
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_that_is_no_certificate_is_refused() {
        let refusal = config(&[CertificateDer::from(vec![1, 2, 3])]).unwrap_err();
        assert!(matches!(refusal, SetUpError::Tls(_)), "{refusal:?}");
    }
}
