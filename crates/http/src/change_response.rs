//! The response to a request that changes a case.

use actix_web::HttpResponse;
use actix_web::http::header;
use engage_application::{ChangeOutcome, Changed};
use engage_domain::Version;
use serde::Serialize;

use crate::error::ApiError;

/// Response header of a repeated request.
pub(crate) const REPLAYED: &str = "idempotent-replayed";

/// The body of the response to a change, without secrets: it is stored under the idempotency key.
pub(crate) trait ChangeBody: Serialize {
    fn new(changed: &Changed) -> Self;
}

/// Renders the body of the response to a change.
pub(crate) fn render<T: ChangeBody>(changed: &Changed) -> serde_json::Result<String> {
    serde_json::to_string(&T::new(changed))
}

/// The response to a change, fresh or stored.
pub(crate) struct ChangeResponse {
    /// The body as JSON.
    pub(crate) body: String,
    version: Version,
    is_replayed: bool,
}

impl ChangeResponse {
    /// Renders a fresh change, or returns the stored response.
    pub(crate) fn of<T: ChangeBody>(outcome: ChangeOutcome) -> Result<Self, ApiError> {
        match outcome {
            ChangeOutcome::Changed(changed) => {
                Self::rendered(&T::new(&changed), changed.case.version())
            }
            ChangeOutcome::Replayed(stored) => {
                Ok(Self { body: stored.answer, version: stored.version, is_replayed: true })
            }
        }
    }

    /// Renders the body of a fresh response about this version of the case.
    pub(crate) fn rendered(body: &impl Serialize, version: Version) -> Result<Self, ApiError> {
        let body = serde_json::to_string(body).map_err(|failure| {
            tracing::error!(%failure, "a response cannot be rendered");
            ApiError::Internal
        })?;
        Ok(Self { body, version, is_replayed: false })
    }

    /// Adds a secret, which is not stored with the response.
    pub(crate) fn with_secret(mut self, field: &'static str, secret: &str) -> Self {
        // The body is an object with fields, so it ends in a brace.
        if let Some(end) = self.body.rfind('}') {
            let secret = serde_json::Value::from(secret);
            self.body.insert_str(end, &format!(",\"{field}\":{secret}"));
        }
        self
    }

    /// Builds the response to a customer.
    pub(crate) fn to_customer(&self) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        if self.is_replayed {
            response.insert_header((REPLAYED, "true"));
        }
        response.content_type("application/json").body(self.body.clone())
    }

    /// Builds the response to staff, with the version of the case.
    pub(crate) fn to_staff(&self) -> HttpResponse {
        let mut response = self.to_customer();
        let (name, tag) = etag(self.version);
        // Quotes and digits are always a valid header value.
        if let Ok(value) = tag.parse() {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// Returns a case's version as an entity tag (RFC 9110, section 8.8.3).
pub(crate) fn etag(version: Version) -> (header::HeaderName, String) {
    (header::ETAG, format!("\"{version}\""))
}
