use std::sync::Arc;

use async_trait::async_trait;
use engage_domain::PhoneNumber;
use engage_notifier::{ChannelProfile, MessageRenderer, Notification, Notifier, NotifyError};

use crate::profile::PROFILE;
use crate::text_message::TextMessage;

/// Notifier that writes text messages to the log, with masked numbers.
pub struct SmsLog {
    renderer: Arc<dyn MessageRenderer>,
}

impl SmsLog {
    /// Creates a notifier that logs the texts of this renderer.
    pub fn new(renderer: Arc<dyn MessageRenderer>) -> Self {
        Self { renderer }
    }
}

#[async_trait]
impl Notifier for SmsLog {
    async fn deliver(&self, notification: &Notification) -> Result<(), NotifyError> {
        let message = TextMessage::compose(notification, self.renderer.as_ref())?;
        tracing::info!(
            notification = %notification.id,
            template = %notification.template,
            to = masked(message.to),
            text = message.text,
            "text message (no SMS service is set up)"
        );
        Ok(())
    }

    fn profile(&self) -> ChannelProfile {
        PROFILE
    }
}

/// Masks all but the last two digits of a number.
fn masked(number: &PhoneNumber) -> String {
    let digits = number.as_str();
    // A number is `+` and at least seven ASCII digits.
    format!("+{}{}", "*".repeat(digits.len() - 3), &digits[digits.len() - 2..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_number_shows_its_last_two_digits() {
        assert_eq!(masked(&"+1234567890".parse().unwrap()), "+********90");
    }
}
