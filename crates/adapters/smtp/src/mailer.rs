use std::sync::Arc;

use async_trait::async_trait;
use engage_domain::EmailAddress;
use engage_notifier::{ChannelProfile, MessageRenderer, Notification, Notifier, NotifyError};
use engage_outbound::DnsResolver;

use crate::client::{Connector, Envelope, Pool};
use crate::compose::{Sender, compose, compose_test};
use crate::profile::PROFILE;
use crate::tls::{TrustedRoots, TrustedRootsError};
use crate::url::SmtpUrl;

/// Notifier that sends each e-mail to a mail server by SMTP.
///
/// At most 4 connections are open at once. Each is kept open for the next message for up to 60
/// seconds. Deliveries may run concurrently, but those beyond 4 wait for a connection. Connecting
/// and logging in may take 60 seconds. The message may then take 120 seconds, of which each reply
/// of the server may take 60 and the reply to the message 100.
///
/// # Failures
///
/// | what happens | consequence |
/// |---|---|
/// | no connection, no TLS handshake, no greeting, no login, `5yz` up to MAIL | [`NotifyError::ChannelDown`] |
/// | `4yz` before MAIL | [`NotifyError::Ambiguous`]: twice in a row it concerns the channel |
/// | X.1.1 to X.1.3, X.1.6, X.1.10, X.2.1, X.2.2, X.3.4, X.6.z; `552` | [`NotifyError::Rejected`] |
/// | `530`, `535`, `504`, X.1.7, X.1.8, X.2.252, X.4.5, X.5.z, after the message also X.7.z and "try again later" | [`NotifyError::Ambiguous`], presumed to concern our sender |
/// | `550`, `551` or `553` to RCPT without another code, or with one that is not decisive | [`NotifyError::Ambiguous`], presumed to concern the recipient |
/// | X.7.z to RCPT, any other `5yz` | [`NotifyError::Ambiguous`], retried |
/// | `4yz` from MAIL on, invalid replies, no reply in time | [`NotifyError::Transient`] |
/// | the connection is lost, also after the message was sent | [`NotifyError::Transient`]; the next attempt has the same `Message-ID` |
///
/// ```
/// use std::sync::Arc;
///
/// use engage_notifier::{Notifier, NotifyError};
/// use engage_smtp::{DnsResolver, Mailer, SmtpUrl, TrustedRoots};
/// use engage_templates::Templates;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // Nothing listens on this port.
/// let url: SmtpUrl = "smtp://127.0.0.1:1".parse()?;
/// let sender = "Support <support@example.com>".parse()?;
/// let renderer = Arc::new(Templates::default());
/// let (roots, resolver) = (TrustedRoots::none(), DnsResolver::system());
/// let mailer = Mailer::new(url, roots, sender, renderer, resolver)?;
///
/// // The program stops the channel, and tries again a minute later.
/// assert!(matches!(mailer.check().await, Err(NotifyError::ChannelDown { .. })));
/// assert_eq!(mailer.profile().slots.get(), 4);
/// # Ok(())
/// # }
/// ```
pub struct Mailer {
    pool: Arc<Pool>,
    sender: Sender,
    renderer: Arc<dyn MessageRenderer>,
}

impl Mailer {
    /// Creates a notifier for this mail server, whose certificate must be signed by one of the
    /// roots. Its name is resolved by the resolver.
    ///
    /// Connects on the first message. Fails if the URL requires TLS and there are no roots.
    pub fn new(
        url: SmtpUrl,
        roots: TrustedRoots,
        sender: Sender,
        renderer: Arc<dyn MessageRenderer>,
        resolver: DnsResolver,
    ) -> Result<Self, TrustedRootsError> {
        if url.may_use_tls() && roots.is_empty() {
            return Err(TrustedRootsError::Missing);
        }
        let pool = Pool::new(Connector::new(url, roots.into_config(), resolver));
        Ok(Self { pool, sender, renderer })
    }

    /// Connects to the mail server and authenticates, without sending anything.
    pub async fn check(&self) -> Result<(), NotifyError> {
        // There is no recipient yet that a failure could concern.
        self.pool.check().await.map_err(|failure| failure.into_error(""))
    }

    /// Sends a short message, for operators who check the mail server.
    pub async fn send_test(&self, to: &EmailAddress) -> Result<(), NotifyError> {
        let message = compose_test(&self.sender, to)?;
        let to = to.clone().into_ascii();
        let (from, to) = (self.sender.address(), to.as_str());
        let envelope = Envelope { from, to, message: &message };
        self.pool.send(envelope).await.map_err(|failure| failure.into_error(to))
    }
}

#[async_trait]
impl Notifier for Mailer {
    async fn deliver(&self, notification: &Notification) -> Result<(), NotifyError> {
        let mail = compose(notification, &self.sender, self.renderer.as_ref())?;
        let (from, to) = (self.sender.address(), mail.to.as_str());
        let envelope = Envelope { from, to, message: &mail.message };
        self.pool.send(envelope).await.map_err(|failure| failure.into_error(to))
    }

    fn profile(&self) -> ChannelProfile {
        PROFILE
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}
