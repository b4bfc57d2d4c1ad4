use std::num::NonZeroU32;
use std::sync::Arc;

use async_trait::async_trait;
use engage_notifier::{MessageRenderer, Notification, Notifier, NotifyError};

use crate::client::{CONNECTIONS, Connector, Envelope, Pool};
use crate::compose::{Sender, compose};
use crate::tls::{TrustedRoots, TrustedRootsError};
use crate::url::SmtpUrl;

/// Hands each e-mail to a mail server, by SMTP.
///
/// At most 4 connections are open at once; each is kept for the next message for up to 60 seconds.
/// Deliveries may be asked for from many tasks; those beyond 4 wait for a connection. A connection,
/// with its login, is there within 60 seconds or not at all; the message then has 120, of which
/// each answer of the server may take 60, the one to the message 100.
///
/// # Failures
///
/// | what happens | what comes of it |
/// |---|---|
/// | no connection, no TLS handshake, no greeting, no login, `5yz` up to MAIL | [`NotifyError::ChannelDown`] |
/// | `4yz` before MAIL | [`NotifyError::Ambiguous`]: twice in a row it is the channel's |
/// | X.1.1 to X.1.3, X.1.6, X.1.10, X.2.1, X.2.2, X.3.4, X.6.z; `552` | [`NotifyError::Rejected`] |
/// | `530`, `535`, `504`, X.1.7, X.1.8, X.2.252, X.4.5, X.5.z, after the message also X.7.z and "try again later" | [`NotifyError::Ambiguous`], taken for the desk's |
/// | `550`, `551` or `553` to RCPT with no other code, or one that decides nothing | [`NotifyError::Ambiguous`], taken for the recipient's |
/// | X.7.z to RCPT, any other `5yz` | [`NotifyError::Ambiguous`], tried again |
/// | `4yz` from MAIL on, answers that are none, no answer in time | [`NotifyError::Transient`] |
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
        self.pool.send(envelope).await.map_err(|failure| failure.into_error(to))
    }

    fn capacity(&self) -> Option<NonZeroU32> {
        Some(CONNECTIONS)
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}
