use std::time::Duration;

use async_trait::async_trait;
use engage_domain::webhook::WebhookUrl;
use engage_notifier::{
    ChannelProfile, Notification, Notifier, NotifyError, RetrySchedule, WebhookGuard, concurrent,
};

const REASON: &str = "this server sends no webhooks";

/// Refuses all endpoints and deliveries, for a server without a webhook channel.
pub(crate) struct NoWebhooks;

#[async_trait]
impl WebhookGuard for NoWebhooks {
    async fn check(&self, _: &WebhookUrl) -> Result<(), String> {
        Err(REASON.to_owned())
    }
}

#[async_trait]
impl Notifier for NoWebhooks {
    async fn deliver(&self, _: &Notification) -> Result<(), NotifyError> {
        Err(NotifyError::rejected(REASON))
    }

    fn profile(&self) -> ChannelProfile {
        ChannelProfile {
            deadline: Duration::from_secs(1),
            retries: RetrySchedule::new(&[]),
            slots: concurrent(1),
            most_per_address: None,
        }
    }
}
