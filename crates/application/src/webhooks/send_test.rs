//! Delivering a test event to a webhook endpoint.

use engage_domain::case::CaseNumberPrefix;
use engage_domain::{Address, CaseNumber, NotificationId, Template, TraceContext, WebhookId};
use engage_notifier::{CustomerAccess, Notification, NotifyError};
use engage_repository::RepositoryError;
use serde_json::json;
use thiserror::Error;
use tracing::Instrument;

use super::manage::ManageWebhooks;
use crate::trace::{child_span, delivery_span};

/// Error returned when a test event could not be delivered.
#[derive(Debug, Error)]
pub enum SendTestError {
    /// There is no such endpoint.
    #[error("there is no endpoint {0}")]
    NotFound(WebhookId),
    /// The delivery failed.
    #[error("{0}")]
    Failed(NotifyError),
    /// Storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl ManageWebhooks {
    /// Delivers a `webhook.test` event to an endpoint immediately, without retries.
    ///
    /// The delivery is a span in the trace of the request that asks for it, if it has one.
    pub async fn send_test(
        &self,
        id: WebhookId,
        trace: Option<&TraceContext>,
    ) -> Result<(), SendTestError> {
        if self.endpoints.find_endpoint(id).await?.is_none() {
            return Err(SendTestError::NotFound(id));
        }
        let now = self.clock.now();
        // The case number is a placeholder, which does not appear in the message.
        let case_number = CaseNumber::new(CaseNumberPrefix::default(), now.year(), 1)
            .map_err(RepositoryError::internal)?;
        let body = json!({ "type": "webhook.test", "timestamp": now.to_string(), "data": {} });
        let test = Notification {
            id: NotificationId::from_u128(self.ids.next_id()),
            case_number,
            template: Template::CaseEvent,
            address: Address::Webhook(id),
            snapshot: body.to_string(),
            access: CustomerAccess::default(),
            gathered: Vec::new(),
            trace: trace.map(child_span),
        };
        let span = delivery_span(&test, trace, 1);
        let outcome = self.channel.deliver(&test).instrument(span.clone()).await;
        span.record("engage.outcome", if outcome.is_ok() { "sent" } else { "failed" });
        if outcome.is_err() {
            span.record("otel.status_code", "ERROR");
        }
        outcome.map_err(SendTestError::Failed)
    }
}
