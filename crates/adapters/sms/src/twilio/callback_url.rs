//! URL to which Twilio reports the status of messages.

use engage_domain::NotificationId;

use super::settings::BaseUrl;

/// Path for status reports, below Engage's public URL.
pub const STATUS_PATH: &str = "/api/webhooks/sms/status";

/// Header with the signature of a report.
pub const SIGNATURE_HEADER: &str = "X-Twilio-Signature";

/// Query parameter with the ID of the notification.
pub(super) const NOTIFICATION: &str = "notification";

/// Returns the URL to which Twilio reports the status of a message.
pub(super) fn status_url(public_url: &BaseUrl, id: NotificationId) -> String {
    format!("{}{STATUS_PATH}?{NOTIFICATION}={id}", public_url.as_str())
}
