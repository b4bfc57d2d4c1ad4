//! The HTTP client that messages are sent with.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::Policy;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;

use super::reason::root_cause;

/// Why the channel cannot be set up.
#[derive(Debug, Error)]
pub enum SetupError {
    /// The URL is of `https`, and the system trusts nobody.
    #[error("there is no certificate of an authority on this system to check a server's with")]
    NoRootCertificates,
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot be made: {0}")]
    Client(String),
}

/// How long to wait for the other side.
#[derive(Debug, Clone, Copy)]
pub(super) struct TimeOuts {
    /// For a connection, TLS included.
    pub(super) connect: Duration,
    /// For everything, from looking up the host to the end of the answer.
    pub(super) answer: Duration,
}

impl Default for TimeOuts {
    /// A text message may take 15 s: this ends a second before, so that what is found out here
    /// counts, above all that a message was accepted of which the answer hangs.
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), answer: Duration::from_secs(14) }
    }
}

/// A client that goes straight to the host that it is told, and nowhere else: by no proxy of the
/// environment and along no redirection, either of which would be handed the account's secret.
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
    // The provider is named here, so that it does not matter which one the process prefers.
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| SetupError::Client(root_cause(&error)))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// Whom the system trusts.
pub(super) fn system_roots() -> Result<RootCertStore, SetupError> {
    let mut store = RootCertStore::empty();
    // Single certificates that cannot be read are not what the server's was signed with, or else
    // connecting says so.
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if store.is_empty() { Err(SetupError::NoRootCertificates) } else { Ok(store) }
}
