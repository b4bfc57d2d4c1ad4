//! Reports of Twilio about accepted messages.

use std::collections::BTreeSet;

use engage_domain::NotificationId;
use thiserror::Error;

use super::reason;
use super::response::UNSUBSCRIBED;
use super::settings::{AuthToken, BaseUrl};
use super::signature;

/// Path for status reports, below Engage's public URL.
pub const STATUS_PATH: &str = "/api/webhooks/sms/status";

/// Header with the signature of a report.
pub const SIGNATURE_HEADER: &str = "X-Twilio-Signature";

/// Query parameter with the ID of the notification.
const NOTIFICATION: &str = "notification";

/// Returns the URL to which Twilio reports the status of a message.
pub(super) fn status_url(public_url: &BaseUrl, id: NotificationId) -> String {
    format!("{}{STATUS_PATH}?{NOTIFICATION}={id}", public_url.as_str())
}

/// Final status of a message that Twilio had accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryReport {
    /// The notification that the message belongs to.
    pub notification: NotificationId,
    /// Outcome of the delivery.
    pub outcome: DeliveryOutcome,
}

/// Outcome of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// The message arrived.
    Delivered,
    /// The message did not arrive and will not be retried by Twilio.
    Failed {
        /// Reason in one line of at most 200 characters, for staff, without the recipient's number.
        reason: String,
        /// True if the recipient has opted out. No further messages may be sent to them.
        is_unwanted: bool,
    },
}

/// Error returned when a report is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CallbackError {
    /// The report is not signed by the account, or is for another URL. The response should be 403,
    /// without any effect.
    #[error("the report is not signed by the SMS service")]
    Forged,
    /// The report is signed but does not name a notification or a status. The response should be
    /// 400.
    #[error("the report lacks {missing}")]
    Malformed {
        /// The part that is missing or invalid.
        missing: &'static str,
    },
}

/// Reads Twilio's status reports
/// (<https://www.twilio.com/docs/messaging/guides/track-outbound-message-status>).
///
/// Reports may be duplicated and arrive in any order.
#[derive(Debug, Clone)]
pub struct StatusCallbacks {
    auth_token: AuthToken,
    public_url: BaseUrl,
}

impl StatusCallbacks {
    /// Creates a reader for reports signed with this account's token for this public URL. Both must
    /// be the same as in the [settings](crate::TwilioSettings) used for sending.
    pub fn new(auth_token: AuthToken, public_url: BaseUrl) -> Self {
        Self { auth_token, public_url }
    }

    /// Reads the report in a request to [`STATUS_PATH`]. Returns `None` if the message is still in
    /// transit or in an unknown state, since Twilio adds new ones.
    ///
    /// `query` is the raw query of the request without the question mark, `signature` the value of
    /// [`SIGNATURE_HEADER`] (empty if missing) and `body` the form. The rest of the signed URL is
    /// built from the public URL, in case a proxy has rewritten the request's URL.
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

/// Maps a status to a final outcome, if it is final
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
        // Twilio sends 0 if there is no error.
        None | Some(0) => format!("Twilio reports the message as {status}"),
        Some(code) => {
            let said = said.filter(|said| !said.trim().is_empty());
            reason::of_code(code, said.or_else(|| meaning(code)).unwrap_or(status))
        }
    }
}

/// Describes the most frequent codes, since most reports come without a message.
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
