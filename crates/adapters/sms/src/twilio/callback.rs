//! What Twilio reports of a message after it has accepted it.

use std::collections::BTreeSet;

use engage_domain::NotificationId;
use thiserror::Error;

use super::reason;
use super::response::UNSUBSCRIBED;
use super::settings::{AuthToken, BaseUrl};
use super::signature;

/// Where reports arrive, below the URL at which Engage can be reached.
pub const STATUS_PATH: &str = "/api/webhooks/sms/status";

/// The header that carries a report's signature.
pub const SIGNATURE_HEADER: &str = "X-Twilio-Signature";

/// The query parameter that names the message.
const NOTIFICATION: &str = "notification";

/// The URL at which Twilio is to report what became of a message.
pub(super) fn status_url(public_url: &BaseUrl, id: NotificationId) -> String {
    format!("{}{STATUS_PATH}?{NOTIFICATION}={id}", public_url.as_str())
}

/// What became of a message that the service had accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryReport {
    /// Which message.
    pub notification: NotificationId,
    /// What became of it.
    pub outcome: DeliveryOutcome,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// It has arrived.
    Delivered,
    /// It did not arrive, and will not.
    Failed {
        /// Why: one line of at most 200 characters for staff, without the recipient's number.
        reason: String,
        /// Whether the recipient wants no text messages any more: no other is to be sent there.
        is_unwanted: bool,
    },
}

/// Why a report is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CallbackError {
    /// It is not signed by the account, or is not for this URL: answer with 403 and do nothing.
    #[error("the report is not signed by the SMS service")]
    Forged,
    /// It is signed and names no message or no status: answer with 400.
    #[error("the report says nothing of {missing}")]
    Malformed {
        /// What is not there, or cannot be read.
        missing: &'static str,
    },
}

/// Reads the reports that Twilio sends of each message
/// (<https://www.twilio.com/docs/messaging/guides/track-outbound-message-status>).
///
/// Reports may come twice and in any order.
#[derive(Debug, Clone)]
pub struct StatusCallbacks {
    auth_token: AuthToken,
    public_url: BaseUrl,
}

impl StatusCallbacks {
    /// Takes what this account's secret signed for the URL at which Engage can be reached: the same
    /// two as in the [settings](crate::TwilioSettings) by which messages are sent.
    pub fn new(auth_token: AuthToken, public_url: BaseUrl) -> Self {
        Self { auth_token, public_url }
    }

    /// What a request to [`STATUS_PATH`] reports: `None` where the message is still under way, or in
    /// a state that is not known here, as Twilio adds new ones.
    ///
    /// `query` is the request's query as it was received, without the question mark, `signature` what
    /// [`SIGNATURE_HEADER`] says (empty where there is none), `body` the form. The rest of the URL
    /// that was signed is the one that Twilio was told, whatever a proxy in between has made of it.
    pub fn read(
        &self,
        query: &str,
        signature: &str,
        body: &[u8],
    ) -> Result<Option<DeliveryReport>, CallbackError> {
        let url = format!("{}{STATUS_PATH}?{query}", self.public_url.as_str());
        let parameters: BTreeSet<(String, String)> =
            form_urlencoded::parse(body).into_owned().collect();
        if !signature::verify(&self.auth_token, &url, &parameters, signature) {
            return Err(CallbackError::Forged);
        }
        let notification =
            notification_in(query).ok_or(CallbackError::Malformed { missing: "the message" })?;
        let status = value(&parameters, "MessageStatus")
            .ok_or(CallbackError::Malformed { missing: "its status" })?;
        let outcome = outcome(status, &parameters);
        Ok(outcome.map(|outcome| DeliveryReport { notification, outcome }))
    }
}

fn notification_in(query: &str) -> Option<NotificationId> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let (_, id) = pairs.find(|(name, _)| name == NOTIFICATION)?;
    id.parse().ok()
}

fn value<'a>(parameters: &'a BTreeSet<(String, String)>, name: &str) -> Option<&'a str> {
    parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// What a status says of the end
/// (<https://www.twilio.com/docs/messaging/api/message-resource#message-status-values>).
fn outcome(status: &str, parameters: &BTreeSet<(String, String)>) -> Option<DeliveryOutcome> {
    match status {
        "delivered" | "read" => Some(DeliveryOutcome::Delivered),
        "failed" | "undelivered" | "canceled" => {
            let code = value(parameters, "ErrorCode").and_then(|code| code.parse().ok());
            let said = value(parameters, "ErrorMessage");
            Some(DeliveryOutcome::Failed {
                reason: failure(status, code, said),
                is_unwanted: code == Some(UNSUBSCRIBED),
            })
        }
        _ => None,
    }
}

fn failure(status: &str, code: Option<u32>, said: Option<&str>) -> String {
    match code {
        // Twilio writes 0 where there is no error.
        None | Some(0) => format!("Twilio reports the message as {status}"),
        Some(code) => {
            let said = said.filter(|said| !said.trim().is_empty());
            reason::of_code(code, said.or_else(|| meaning(code)).unwrap_or(status))
        }
    }
}

/// What the most frequent codes mean, as reports mostly come without a message.
fn meaning(code: u32) -> Option<&'static str> {
    match code {
        UNSUBSCRIBED => Some("the recipient has opted out"),
        30001 => Some("too many messages were waiting"),
        30002 => Some("the account is suspended"),
        30003 => Some("the telephone cannot be reached"),
        30004 => Some("the message was blocked"),
        30005 => Some("the number is unknown or out of service"),
        30006 => Some("the number is a landline, or its carrier cannot be reached"),
        30007 => Some("the message was filtered as unwanted"),
        30008 => Some("the carrier gave no cause"),
        _ => None,
    }
}

#[cfg(test)]
#[path = "callback_tests.rs"]
mod tests;
