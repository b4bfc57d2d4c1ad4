//! A sender with its directory and settings.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use engage_domain::webhook::{WebhookHeaders, WebhookSecret};
use engage_domain::{Address, NotificationId, Template, Timestamp, WebhookId};
use engage_notifier::{
    CustomerAccess, Notification, Notifier, NotifyError, WebhookDestination, WebhookDirectory,
};
use engage_webhook::{Guard, Resolver, WebhookSender, WebhookSettings};

/// A body with characters that are easily altered in transit.
pub(crate) const SNAPSHOT: &str =
    "{ \"type\":\"case.created\",\n\t\"data\" : {\"subject\": \"Größe \u{1f6a8} \\u0000\"} }\r\n";

/// A directory with one endpoint.
pub(crate) struct Directory(pub(crate) WebhookDestination);

#[async_trait]
impl WebhookDirectory for Directory {
    async fn find_destination(&self, id: WebhookId) -> Result<WebhookDestination, NotifyError> {
        if id == endpoint() {
            Ok(self.0.clone())
        } else {
            Err(NotifyError::rejected("the endpoint is unknown"))
        }
    }
}

/// A resolver that maps every host to this machine.
pub(crate) struct EveryHostIsHere;

#[async_trait]
impl Resolver for EveryHostIsHere {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Ok(vec![IpAddr::from([127, 0, 0, 1])])
    }
}

pub(crate) fn endpoint() -> WebhookId {
    WebhookId::from_u128(7)
}

pub(crate) fn secret(byte: u8) -> WebhookSecret {
    WebhookSecret::from_bytes([byte; 32])
}

pub(crate) fn notification() -> Notification {
    Notification {
        id: NotificationId::from_u128(0x0194_a000_0000_7000_8000_0000_0000_0001),
        case_number: "CW-2025-001".parse().unwrap(),
        template: Template::CaseEvent,
        address: Address::Webhook(endpoint()),
        snapshot: SNAPSHOT.to_owned(),
        access: CustomerAccess::default(),
        gathered: Vec::new(),
        trace: None,
    }
}

/// Returns the present time, which the verifying library compares with.
#[allow(clippy::disallowed_methods)]
pub(crate) fn now() -> Timestamp {
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp::from_millis(i64::try_from(since_1970.as_millis()).unwrap())
}

/// Returns settings under which this machine may be called, with time-outs that are never reached
/// by chance.
pub(crate) fn open_settings() -> WebhookSettings {
    let guard = Guard::new(true, EveryHostIsHere);
    let timeout = Duration::from_mins(1);
    WebhookSettings { connect_timeout: timeout, timeout, ..WebhookSettings::new(guard) }
}

/// Returns [`open_settings`] with this time limit for an attempt.
pub(crate) fn hasty_settings(timeout: Duration) -> WebhookSettings {
    WebhookSettings { timeout, ..open_settings() }
}

pub(crate) fn destination(url: &str, secrets: Vec<WebhookSecret>) -> WebhookDestination {
    WebhookDestination {
        url: url.parse().unwrap(),
        secrets,
        includes_internal: true,
        headers: WebhookHeaders::default(),
    }
}

/// Builds a sender for an endpoint with this URL and these secrets.
pub(crate) fn sender_with(
    url: &str,
    secrets: Vec<WebhookSecret>,
    settings: WebhookSettings,
) -> WebhookSender {
    let destination = destination(url, secrets);
    WebhookSender::new(Arc::new(Directory(destination)), now, settings).unwrap()
}

/// Builds a sender for an endpoint with these custom headers.
pub(crate) fn sender_with_headers(url: &str, all: &[(&str, &str)]) -> WebhookSender {
    let mut headers = WebhookHeaders::default();
    for (name, value) in all {
        headers.set(name.parse().unwrap(), value.parse().unwrap()).unwrap();
    }
    let destination = WebhookDestination { headers, ..destination(url, vec![secret(1)]) };
    WebhookSender::new(Arc::new(Directory(destination)), now, open_settings()).unwrap()
}

/// Delivers the notification to a URL.
pub(crate) async fn deliver(url: &str, settings: WebhookSettings) -> Result<(), NotifyError> {
    sender_with(url, vec![secret(1)], settings).deliver(&notification()).await
}

/// Panics unless the delivery failed transiently, with this text in the reason.
#[track_caller]
pub(crate) fn assert_transient(outcome: &Result<(), NotifyError>, part_of_reason: &str) {
    let Err(NotifyError::Transient { reason, .. }) = outcome else { panic!("{outcome:?}") };
    assert!(reason.contains(part_of_reason), "{reason}");
}

/// Panics unless the notification was rejected, with this text in the reason.
#[track_caller]
pub(crate) fn assert_rejected(outcome: &Result<(), NotifyError>, part_of_reason: &str) {
    let Err(NotifyError::Rejected { reason }) = outcome else { panic!("{outcome:?}") };
    assert!(reason.contains(part_of_reason), "{reason}");
}
