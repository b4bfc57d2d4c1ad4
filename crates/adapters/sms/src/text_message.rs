use engage_domain::{Address, PhoneNumber};
use engage_notifier::{MessageRenderer, Notification, NotifyError};

/// A rendered text message.
pub(crate) struct TextMessage<'a> {
    pub(crate) to: &'a PhoneNumber,
    pub(crate) text: String,
}

impl<'a> TextMessage<'a> {
    /// Renders a notification. If rendering fails, the notification is rejected, since a retry
    /// would fail too.
    pub(crate) fn compose(
        notification: &'a Notification,
        renderer: &dyn MessageRenderer,
    ) -> Result<Self, NotifyError> {
        let Address::Phone(to) = &notification.address else {
            return Err(NotifyError::rejected("the address is not a telephone number"));
        };
        let snapshot = notification.snapshot()?;
        let text = renderer
            .render_sms(notification.template, &snapshot)
            .map_err(|error| NotifyError::rejected(error.to_string()))?;
        Ok(Self { to, text })
    }
}
