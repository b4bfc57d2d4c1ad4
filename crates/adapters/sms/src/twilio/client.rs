//! HTTP client for sending messages.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::Policy;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;

use super::reason::root_cause;

/// Error returned when the channel cannot be set up.
#[derive(Debug, Error)]
pub enum SetupError {
    /// The URL uses `https`, and the system has no root certificates.
    #[error("the system has no root certificates to verify a server with")]
    NoRootCertificates,
    /// The HTTP client cannot be built.
    #[error("the HTTP client cannot be built: {0}")]
    Client(String),
}

/// Time limits of a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct TimeOuts {
    /// Limit for connecting, including TLS.
    pub(super) connect: Duration,
    /// Limit for the whole request, from resolving the host to the end of the response.
    pub(super) answer: Duration,
}

impl Default for TimeOuts {
    /// Returns 5 s for connecting and 14 s for the whole request. A text message may take 15 s.
    /// Ending a second earlier preserves what is already known, above all that a message was
    /// accepted even though the rest of the response hangs.
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), answer: Duration::from_secs(14) }
    }
}

/// Builds a client that connects only to the given host. It uses no proxy from the environment and
/// follows no redirects, since either would receive the account's token.
pub(super) fn build(roots: RootCertStore, time_outs: TimeOuts) -> Result<Client, SetupError> {
    Client::builder()
        .tls_backend_preconfigured(tls(roots)?)
        .redirect(Policy::none())
        .no_proxy()
        .connect_timeout(time_outs.connect)
        .timeout(time_outs.answer)
        .user_agent(concat!("Engage/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| SetupError::Client(root_cause(&error)))
}

fn tls(roots: RootCertStore) -> Result<ClientConfig, SetupError> {
    // The provider is set explicitly, so that the process default does not matter.
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| SetupError::Client(root_cause(&error)))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// Returns the system's root certificates.
pub(super) fn system_roots() -> Result<RootCertStore, SetupError> {
    let mut store = RootCertStore::empty();
    // Certificates of the system that cannot be parsed are skipped. If the server needs one of
    // them, connecting fails with a clear error.
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if store.is_empty() { Err(SetupError::NoRootCertificates) } else { Ok(store) }
}
