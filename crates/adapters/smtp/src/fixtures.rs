//! Fixtures of this crate's tests. The integration tests include this file, too.

use std::sync::Arc;

use engage_domain::{Address, Template};
use engage_notifier::{
    CustomerAccess, EmailContent, EmailKind, MessageRenderer, Notification, RenderError, Snapshot,
};
use engage_repository::ChangeSet;
use engage_testkit::builders::{a_change_set, a_message, an_opened};

/// Renders every notification with the same content.
pub(crate) struct Words(pub(crate) EmailContent);

impl Words {
    pub(crate) fn new(subject: &str, text: &str, html: &str) -> Arc<Self> {
        let [subject, text, html] = [subject, text, html].map(str::to_owned);
        Arc::new(Self(EmailContent {
            kind: EmailKind::Change,
            reply_to: None,
            subject,
            text,
            html,
        }))
    }
}

impl MessageRenderer for Words {
    fn render_email(
        &self,
        _: Template,
        _: &Snapshot,
        _: &CustomerAccess,
    ) -> Result<EmailContent, RenderError> {
        Ok(self.0.clone())
    }

    fn render_sms(&self, template: Template, _: &Snapshot) -> Result<String, RenderError> {
        Err(RenderError::WrongChannel(template))
    }

    fn check(&self) -> Result<(), RenderError> {
        Ok(())
    }
}

pub(crate) fn notification_to(address: &str) -> Notification {
    let ChangeSet { case, snapshot, messages, .. } =
        a_change_set(an_opened(1), vec![a_message("john@example.com")]);
    Notification {
        id: messages[0].id,
        case_number: case.number().clone(),
        template: messages[0].template,
        address: Address::Email(address.parse().unwrap()),
        snapshot,
        access: CustomerAccess::default(),
        gathered: Vec::new(),
        trace: None,
    }
}
