use std::collections::HashMap;

use async_trait::async_trait;
use engage_domain::{Address, WebhookId};
use engage_notifier::{Notification, Notifier, NotifyError};

/// Writes to the log which event would go to which endpoint.
pub struct WebhookLog {
    endpoints: HashMap<WebhookId, String>,
}

impl WebhookLog {
    /// Knows these endpoints, by the URLs to show.
    pub fn new(endpoints: HashMap<WebhookId, String>) -> Self {
        Self { endpoints }
    }
}

#[async_trait]
impl Notifier for WebhookLog {
    async fn deliver(&self, notification: &Notification) -> Result<(), NotifyError> {
        let endpoint = match &notification.address {
            Address::Webhook(id) => self.endpoints.get(id),
            Address::Email(_) | Address::Phone(_) => None,
        };
        let Some(endpoint) = endpoint else {
            return Err(NotifyError::Rejected { reason: "the endpoint is not set up".to_owned() });
        };
        tracing::info!(
            notification = %notification.id,
            case = %notification.case_number,
            endpoint,
            bytes = notification.snapshot.len(),
            "webhook (logged, not sent)"
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engage_domain::{NotificationId, Template};

    fn notification_to(address: Address) -> Notification {
        Notification {
            id: NotificationId::from_u128(1),
            case_number: "CW-2025-001".parse().unwrap(),
            template: Template::CaseEvent,
            address,
            snapshot: "{}".to_owned(),
        }
    }

    #[tokio::test]
    async fn an_endpoint_that_is_set_up_is_written_to_and_another_is_not() {
        let (known, unknown) = (WebhookId::from_u128(1), WebhookId::from_u128(2));
        let endpoints = HashMap::from([(known, "https://hooks.example.com".to_owned())]);
        let log = WebhookLog::new(endpoints);
        log.deliver(&notification_to(Address::Webhook(known))).await.unwrap();
        let email = Address::Email("john@example.com".parse().unwrap());
        for address in [Address::Webhook(unknown), email] {
            let outcome = log.deliver(&notification_to(address)).await;
            assert!(matches!(outcome, Err(NotifyError::Rejected { .. })), "{outcome:?}");
        }
    }
}
