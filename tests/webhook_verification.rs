//! The check of a signature in Rust, as on the page about webhooks.

use reqwest::header::HeaderMap;
use standardwebhooks::{Webhook, WebhookError};

/// Fails unless the body of a request comes from Engage, and just now.
pub(crate) fn verify(secret: &str, headers: &HeaderMap, body: &[u8]) -> Result<(), WebhookError> {
    Webhook::new(secret)?.verify(body, headers)
}
