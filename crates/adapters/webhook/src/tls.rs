//! TLS configuration for calling endpoints.

use engage_outbound::{client_config, system_roots};
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
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
    let mut roots = system_roots();
    for root in further_roots {
        roots.add(root.clone())?;
    }
    if roots.is_empty() {
        tracing::warn!("the system has no root certificates, so no https endpoint can be trusted");
    }
    Ok(client_config(roots)?)
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
