use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use engage_notifier::{ChannelProfile, MessageRenderer, Notification, Notifier, NotifyError};

use crate::compose::{Sender, compose};
use crate::kept_mail::KeptMail;
use crate::profile::PROFILE;

/// Notifier that stores each e-mail in memory, for tests that check what would be sent.
///
/// A repeated delivery is stored again, since the recipient would receive it twice.
///
/// ```
/// # use std::sync::Arc;
/// # use engage_domain::{Address, NotificationId, Template};
/// # use engage_notifier::{CustomerAccess, Notification};
/// use engage_notifier::Notifier;
/// use engage_smtp::MailMemory;
/// use engage_templates::Templates;
/// # use engage_testkit::builders::{a_change_set, an_opened};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let notification = Notification {
/// #     id: NotificationId::from_u128(1),
/// #     case_number: "CW-2025-001".parse()?,
/// #     template: Template::CaseReceivedCustomer,
/// #     address: Address::Email("john@example.com".parse()?),
/// #     snapshot: a_change_set(an_opened(1), Vec::new()).snapshot,
/// #     access: CustomerAccess::default(),
/// #     gathered: Vec::new(),
/// #     trace: None,
/// # };
/// let sender = "Support <support@example.com>".parse()?;
/// let mailer = MailMemory::new(sender, Arc::new(Templates::default()));
/// mailer.deliver(&notification).await?;
///
/// let mails = mailer.mails();
/// assert_eq!(mails[0].id, notification.id);
/// let mail = String::from_utf8(mails[0].message.clone())?;
/// assert!(mail.contains("Subject: ") && mail.contains("CW-2025-001"), "{mail}");
/// # Ok(())
/// # }
/// ```
pub struct MailMemory {
    sender: Sender,
    renderer: Arc<dyn MessageRenderer>,
    mails: Mutex<Vec<KeptMail>>,
}

impl MailMemory {
    /// Creates an empty store.
    pub fn new(sender: Sender, renderer: Arc<dyn MessageRenderer>) -> Self {
        Self { sender, renderer, mails: Mutex::default() }
    }

    /// Returns the e-mails delivered so far, in order.
    pub fn mails(&self) -> Vec<KeptMail> {
        self.kept().clone()
    }

    fn kept(&self) -> MutexGuard<'_, Vec<KeptMail>> {
        // A panic cannot leave the list inconsistent.
        self.mails.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Notifier for MailMemory {
    async fn deliver(&self, notification: &Notification) -> Result<(), NotifyError> {
        let message = compose(notification, &self.sender, self.renderer.as_ref())?.message;
        self.kept().push(KeptMail { id: notification.id, message });
        Ok(())
    }

    fn profile(&self) -> ChannelProfile {
        PROFILE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{Words, notification_to};

    #[tokio::test]
    async fn every_delivery_is_stored_in_order_as_it_would_be_sent() {
        let sender = "The Desk <desk@desk.example>".parse().unwrap();
        let mail = MailMemory::new(sender, Words::new("News", "Hello.", "<p>Hello.</p>"));
        assert_eq!(mail.mails(), []);
        let to_john = notification_to("john@example.com");
        let to_mary = notification_to("mary@example.com");
        for notification in [&to_john, &to_mary, &to_john] {
            mail.deliver(notification).await.unwrap();
        }
        let mails = mail.mails();
        assert_eq!(
            mails.iter().map(|mail| mail.id).collect::<Vec<_>>(),
            [to_john.id, to_mary.id, to_john.id]
        );
        let text = String::from_utf8(mails[1].message.clone()).unwrap();
        assert!(text.contains("\r\nTo: mary@example.com\r\n"), "{text}");
        assert!(text.contains(&format!("Message-ID: <{}@desk.example>", to_mary.id)), "{text}");
    }
}
