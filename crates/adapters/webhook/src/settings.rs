use std::time::Duration;

use rustls::pki_types::CertificateDer;

use crate::guard::Guard;
use crate::proxy::ProxyUrl;

/// Settings of the [`WebhookSender`](crate::WebhookSender).
#[derive(Clone)]
pub struct WebhookSettings {
    /// Decides which endpoints may be called.
    pub guard: Guard,
    /// Root certificates trusted in addition to those of the system.
    pub further_roots: Vec<CertificateDer<'static>>,
    /// Proxy through which endpoints are called. Without one they are called directly, and the
    /// proxy variables of the environment are ignored.
    pub proxy: Option<ProxyUrl>,
    /// Time limit for connecting, from resolving the name to the end of the TLS handshake.
    pub connect_timeout: Duration,
    /// Time limit of an attempt, from connecting to receiving the response headers.
    pub timeout: Duration,
}

impl WebhookSettings {
    /// Returns settings with 5 s for a connection, 20 s for an attempt, no further roots and no
    /// proxy.
    pub fn new(guard: Guard) -> Self {
        Self {
            guard,
            further_roots: Vec::new(),
            proxy: None,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(20),
        }
    }
}
