use std::sync::Arc;

use async_trait::async_trait;
use engage_domain::PhoneNumber;
use engage_notifier::{ChannelProfile, MessageRenderer, Notification, Notifier, NotifyError};

use crate::profile::PROFILE;
use crate::text_message::TextMessage;

/// Notifier that writes text messages to the log, with masked numbers.
///
/// ```
/// # use std::sync::Arc;
/// # use engage_domain::{Address, NotificationId, Template};
/// # use engage_notifier::{CustomerAccess, Notification};
/// use engage_notifier::{Notifier, NotifyError};
/// use engage_sms::SmsLog;
/// use engage_templates::Templates;
/// # use engage_testkit::builders::{a_change_set, an_opened};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let urgent = Notification {
/// #     id: NotificationId::from_u128(1),
/// #     case_number: "CW-2025-001".parse()?,
/// #     template: Template::CaseUrgentStaff,
/// #     address: Address::Phone("+4915112345678".parse()?),
/// #     snapshot: a_change_set(an_opened(1), Vec::new()).snapshot,
/// #     access: CustomerAccess::default(),
/// #     gathered: Vec::new(),
/// #     trace: None,
/// # };
/// let channel = SmsLog::new(Arc::new(Templates::default()));
/// assert_eq!(channel.deliver(&urgent).await, Ok(()));
///
/// // An e-mail address is a mistake that no later attempt corrects.
/// let address = Address::Email("john@example.com".parse()?);
/// let rejected = channel.deliver(&Notification { address, ..urgent }).await;
/// assert!(matches!(rejected, Err(NotifyError::Rejected { .. })));
/// # Ok(())
/// # }
/// ```
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
