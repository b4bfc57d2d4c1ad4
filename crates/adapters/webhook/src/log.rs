use std::sync::Arc;

use async_trait::async_trait;
use engage_domain::Address;
use engage_notifier::{ChannelProfile, Notification, Notifier, NotifyError, WebhookDirectory};

use crate::profile::PROFILE;

/// Notifier that logs which event would go to which endpoint.
///
/// ```
/// # use std::sync::Arc;
/// # use engage_domain::webhook::{WebhookHeaders, WebhookSecret};
/// # use engage_domain::{Address, NotificationId, Template, WebhookId};
/// # use engage_notifier::{CustomerAccess, Notification, WebhookDestination, WebhookDirectory};
/// # use engage_notifier::async_trait;
/// use engage_notifier::{Notifier, NotifyError};
/// use engage_webhook::WebhookLog;
/// # struct Only(WebhookId);
/// #
/// # #[async_trait]
/// # impl WebhookDirectory for Only {
/// #     async fn find_destination(
/// #         &self,
/// #         id: WebhookId,
/// #     ) -> Result<WebhookDestination, NotifyError> {
/// #         if id != self.0 {
/// #             return Err(NotifyError::rejected("the endpoint is no longer registered"));
/// #         }
/// #         Ok(WebhookDestination {
/// #             url: "https://example.com/hooks".parse().unwrap(),
/// #             secrets: vec![WebhookSecret::from_bytes([7; 32])],
/// #             includes_internal: true,
/// #             headers: WebhookHeaders::default(),
/// #         })
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let event = Notification {
/// #     id: NotificationId::from_u128(1),
/// #     case_number: "CW-2025-001".parse()?,
/// #     template: Template::CaseEvent,
/// #     address: Address::Webhook(WebhookId::from_u128(7)),
/// #     snapshot: "{}".to_owned(),
/// #     access: CustomerAccess::default(),
/// #     gathered: Vec::new(),
/// #     trace: None,
/// # };
/// # let directory = Only(WebhookId::from_u128(7));
/// let channel = WebhookLog::new(Arc::new(directory));
/// assert_eq!(channel.deliver(&event).await, Ok(()));
///
/// // An endpoint that was removed gets nothing, as with the real channel.
/// let address = Address::Webhook(WebhookId::from_u128(8));
/// let rejected = channel.deliver(&Notification { address, ..event }).await;
/// assert!(matches!(rejected, Err(NotifyError::Rejected { .. })));
/// # Ok(())
/// # }
/// ```
pub struct WebhookLog {
    directory: Arc<dyn WebhookDirectory>,
}

impl WebhookLog {
    /// Creates a notifier that logs the URLs of the endpoints in this directory.
    pub fn new(directory: Arc<dyn WebhookDirectory>) -> Self {
        Self { directory }
    }
}

#[async_trait]
impl Notifier for WebhookLog {
    async fn deliver(&self, notification: &Notification) -> Result<(), NotifyError> {
        let Address::Webhook(id) = notification.address else {
            return Err(NotifyError::rejected("the address is not a webhook endpoint"));
        };
        let destination = self.directory.find_destination(id).await?;
        tracing::info!(
            notification = %notification.id,
            case = %notification.case_number,
            endpoint = %destination.url,
            bytes = notification.snapshot.len(),
            "webhook (logged, not sent)"
        );
        Ok(())
    }

    fn profile(&self) -> ChannelProfile {
        PROFILE
    }
}

#[cfg(test)]
mod tests {
    use engage_domain::webhook::{WebhookHeaders, WebhookSecret};
    use engage_domain::{NotificationId, Template, WebhookId};
    use engage_notifier::{CustomerAccess, WebhookDestination};

    use super::*;

    const KNOWN: u128 = 1;

    /// A directory of one endpoint.
    struct One;

    #[async_trait]
    impl WebhookDirectory for One {
        async fn find_destination(&self, id: WebhookId) -> Result<WebhookDestination, NotifyError> {
            if id.as_u128() != KNOWN {
                return Err(NotifyError::rejected("the endpoint is not registered"));
            }
            let secrets = vec![WebhookSecret::from_bytes([1; 32])];
            Ok(WebhookDestination {
                url: "https://hooks.example.com".parse().unwrap(),
                secrets,
                includes_internal: true,
                headers: WebhookHeaders::default(),
            })
        }
    }

    fn notification_to(address: Address) -> Notification {
        Notification {
            id: NotificationId::from_u128(1),
            case_number: "CW-2025-001".parse().unwrap(),
            template: Template::CaseEvent,
            address,
            snapshot: "{}".to_owned(),
            access: CustomerAccess::default(),
            gathered: Vec::new(),
            trace: None,
        }
    }

    #[tokio::test]
    async fn only_registered_endpoints_are_accepted() {
        let log = WebhookLog::new(Arc::new(One));
        let known = Address::Webhook(WebhookId::from_u128(KNOWN));
        log.deliver(&notification_to(known)).await.unwrap();
        let unknown = Address::Webhook(WebhookId::from_u128(2));
        let email = Address::Email("john@example.com".parse().unwrap());
        for address in [unknown, email] {
            let outcome = log.deliver(&notification_to(address)).await;
            assert!(matches!(outcome, Err(NotifyError::Rejected { .. })), "{outcome:?}");
        }
    }
}
