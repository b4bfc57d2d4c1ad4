use std::sync::Arc;

use async_trait::async_trait;
use engage_notifier::{MessageRenderer, Notification, Notifier, NotifyError};

use crate::client::{Connector, Envelope, Pool};
use crate::compose::{Sender, compose};
use crate::tls::{TrustedRoots, TrustedRootsError};
use crate::url::SmtpUrl;

/// Hands each e-mail to a mail server, by SMTP.
///
/// At most 4 connections are open at once; each is kept for the next message for up to 60 seconds.
/// Deliveries may be asked for from many tasks; those beyond 4 wait for a connection. Connecting
/// takes at most 10 seconds and each answer of the server at most 60, the one to the message 100:
/// for a delivery as a whole, the caller sets the limit.
///
/// # Failures
///
/// | what happens | what comes of it |
/// |---|---|
/// | `552` to any command | [`NotifyError::Rejected`] |
/// | `530` or `535` to any command | [`NotifyError::ChannelDown`] |
/// | any other `5yz` to RCPT, DATA or the message | [`NotifyError::Rejected`] |
/// | any other `5yz` to the connection, EHLO, STARTTLS, AUTH or MAIL | [`NotifyError::ChannelDown`] |
/// | no STARTTLS where it is required, no AUTH where there is a password | [`NotifyError::ChannelDown`] |
/// | `4yz`, answers that are none, no answer in time, no connection, no TLS handshake | [`NotifyError::Transient`] |
/// | the connection is lost, also after the message was sent | [`NotifyError::Transient`]; the next attempt has the same `Message-ID` |
pub struct Mailer {
    pool: Arc<Pool>,
    sender: Sender,
    renderer: Arc<dyn MessageRenderer>,
}

impl Mailer {
    /// Sends by this mail server, whose certificate one of the roots has signed.
    ///
    /// Connects when there is a message. Fails where the URL asks for TLS and there are no roots.
    pub fn new(
        url: SmtpUrl,
        roots: TrustedRoots,
        sender: Sender,
        renderer: Arc<dyn MessageRenderer>,
    ) -> Result<Self, TrustedRootsError> {
        if url.may_use_tls() && roots.is_empty() {
            return Err(TrustedRootsError::Missing);
        }
        let pool = Pool::new(Connector::new(url, roots.into_config()));
        Ok(Self { pool, sender, renderer })
    }
}

#[async_trait]
impl Notifier for Mailer {
    async fn deliver(&self, notification: &Notification) -> Result<(), NotifyError> {
        let mail = compose(notification, &self.sender, self.renderer.as_ref())?;
        let (from, to) = (self.sender.address(), mail.to.as_str());
        let envelope = Envelope { from, to, message: &mail.message };
        self.pool.send(envelope).await.map_err(NotifyError::from)
    }
}
