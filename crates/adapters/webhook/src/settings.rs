use std::time::Duration;

use rustls::pki_types::CertificateDer;

use crate::guard::Guard;
use crate::proxy::ProxyUrl;

/// How events are sent.
#[derive(Clone)]
pub struct WebhookSettings {
    /// Which endpoints may be called.
    pub guard: Guard,
    /// Whom to trust beside the authorities that the system trusts.
    pub further_roots: Vec<CertificateDer<'static>>,
    /// Through which proxy to call them; without one they are called directly, whatever the
    /// environment says.
    pub proxy: Option<ProxyUrl>,
    /// How long a connection may take, from resolving the name to the end of the TLS handshake.
    pub connect_timeout: Duration,
    /// How long an attempt may take, from connecting to the head of the answer.
    pub timeout: Duration,
}

impl WebhookSettings {
    /// 5 s for a connection, 20 s for an attempt, no further roots and no proxy.
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
