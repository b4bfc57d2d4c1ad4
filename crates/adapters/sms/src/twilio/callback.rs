//! Reports of Twilio about accepted messages.

use std::collections::BTreeSet;

use engage_domain::NotificationId;
use engage_notifier::{SmsOutcome, SmsReport, SmsReportError, SmsReports};

use super::callback_url::{NOTIFICATION, STATUS_PATH};
use super::reason;
use super::response::UNSUBSCRIBED;
use super::settings::{AuthToken, BaseUrl};
use super::signature;

/// Reads Twilio's status reports
/// (<https://www.twilio.com/docs/messaging/guides/track-outbound-message-status>).
///
/// Reports may be duplicated and arrive in any order.
///
/// ```
/// use engage_domain::NotificationId;
/// use engage_notifier::{SmsOutcome, SmsReportError, SmsReports};
/// use engage_sms::StatusCallbacks;
///
/// let callbacks = StatusCallbacks::new("12345".parse()?, "https://desk.example".parse()?);
/// let query = "notification=ntf_00000000000000000000000007";
/// let body = b"MessageSid=SM1&MessageStatus=delivered";
/// let signature = "lXyKCHelQRBBWg+ALfRfAHKc+kQ="; // In the header X-Twilio-Signature.
/// let report = callbacks.read(query, signature, body)?.expect("the status is final");
/// assert_eq!(report.notification, NotificationId::from_u128(7));
/// assert_eq!(report.outcome, SmsOutcome::Delivered);
///
/// let forged = callbacks.read(query, signature, b"MessageSid=SM1&MessageStatus=failed");
/// assert_eq!(forged, Err(SmsReportError::Forged));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
}

impl SmsReports for StatusCallbacks {
    /// Reads the report in a request to [`STATUS_PATH`], signed in the header
    /// [`SIGNATURE_HEADER`](crate::SIGNATURE_HEADER). Returns `None` if the message is still in
    /// transit or in an unknown state, since Twilio adds new ones.
    ///
    /// The signed URL is built from the public URL, in case a proxy has rewritten the request's.
    fn read(
        &self,
        query: &str,
        signature: &str,
        body: &[u8],
    ) -> Result<Option<SmsReport>, SmsReportError> {
        let url = format!("{}{STATUS_PATH}?{query}", self.public_url.as_str());
        let parameters: BTreeSet<(String, String)> =
            form_urlencoded::parse(body).into_owned().collect();
        if !signature::verify(&self.auth_token, &url, &parameters, signature) {
            return Err(SmsReportError::Forged);
        }
        let notification =
            notification_in(query).ok_or(SmsReportError::Malformed { missing: "the message" })?;
        let status = value(&parameters, "MessageStatus")
            .ok_or(SmsReportError::Malformed { missing: "its status" })?;
        let outcome = outcome(status, &parameters);
        Ok(outcome.map(|outcome| SmsReport { notification, outcome }))
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
fn outcome(status: &str, parameters: &BTreeSet<(String, String)>) -> Option<SmsOutcome> {
    match status {
        "delivered" | "read" => Some(SmsOutcome::Delivered),
        "failed" | "undelivered" | "canceled" => {
            let code = value(parameters, "ErrorCode").and_then(|code| code.parse().ok());
            let said = value(parameters, "ErrorMessage");
            Some(SmsOutcome::Failed {
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
mod tests;
