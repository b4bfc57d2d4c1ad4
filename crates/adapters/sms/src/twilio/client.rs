//! HTTP client for sending messages.

use std::time::Duration;

use engage_outbound::{DnsResolver, client_config, http_client, root_cause};
use reqwest::Client;
use rustls::RootCertStore;
use thiserror::Error;

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
pub(super) fn build(
    roots: RootCertStore,
    time_outs: TimeOuts,
    resolver: &DnsResolver,
) -> Result<Client, SetupError> {
    let tls = client_config(roots).map_err(|error| SetupError::Client(root_cause(&error)))?;
    http_client(tls, resolver.clone())
        .connect_timeout(time_outs.connect)
        .timeout(time_outs.answer)
        .build()
        .map_err(|error| SetupError::Client(root_cause(&error)))
}

/// Returns the system's root certificates. Fails if there are none.
pub(super) fn system_roots() -> Result<RootCertStore, SetupError> {
    let roots = engage_outbound::system_roots();
    if roots.is_empty() { Err(SetupError::NoRootCertificates) } else { Ok(roots) }
}
