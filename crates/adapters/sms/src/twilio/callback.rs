//! What Twilio reports of a message after it has accepted it.

use engage_domain::NotificationId;

use super::settings::BaseUrl;

/// Where reports arrive, below the URL at which Engage can be reached.
pub const STATUS_PATH: &str = "/api/webhooks/sms/status";

/// The query parameter that names the message.
const NOTIFICATION: &str = "notification";

/// The URL at which Twilio is to report what became of a message.
pub(super) fn status_url(public_url: &BaseUrl, id: NotificationId) -> String {
    format!("{}{STATUS_PATH}?{NOTIFICATION}={id}", public_url.as_str())
}
