use engage_domain::{Address, PhoneNumber};
use engage_notifier::{MessageRenderer, Notification, NotifyError};

/// A text message, worded.
pub(crate) struct TextMessage<'a> {
    /// Whose telephone it goes to.
    pub(crate) to: &'a PhoneNumber,
    /// What it says.
    pub(crate) text: String,
}

impl<'a> TextMessage<'a> {
    /// Words a notification. One that cannot be worded never will be: it is refused.
    pub(crate) fn compose(
        notification: &'a Notification,
        renderer: &dyn MessageRenderer,
    ) -> Result<Self, NotifyError> {
        let Address::Phone(to) = &notification.address else {
            return Err(NotifyError::rejected("the address is no telephone number"));
        };
        let snapshot = notification.snapshot()?;
        let text = renderer
            .render_sms(notification.template, &snapshot)
            .map_err(|error| NotifyError::rejected(error.to_string()))?;
        Ok(Self { to, text })
    }
}
