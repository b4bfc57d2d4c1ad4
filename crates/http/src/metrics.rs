//! The Prometheus metrics endpoint.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use engage_application::Gauges;
use sha2::{Digest, Sha256};

use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};

/// Access to the metrics.
#[derive(Clone)]
pub enum MetricsAccess {
    /// Open to all, because the server can only be reached from its own machine.
    Open,
    /// Requires this token.
    Token(MetricsToken),
    /// Closed.
    Closed,
}

/// The SHA-256 of a token. Comparing digests does not leak the token through timing.
#[derive(Clone, PartialEq, Eq)]
pub struct MetricsToken([u8; 32]);

impl MetricsToken {
    /// Builds the digest of a token.
    pub fn new(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }
}

/// Data of the metrics endpoint.
#[derive(Clone)]
pub struct Metrics {
    /// Access to the metrics.
    pub access: MetricsAccess,
    /// Gauges that are refreshed from storage.
    pub gauges: Arc<Gauges>,
    /// Renders all metrics in Prometheus' text format.
    pub render: Arc<dyn Fn() -> String + Send + Sync>,
}

impl Metrics {
    fn check(&self, request: &HttpRequest) -> Result<(), ApiError> {
        match &self.access {
            MetricsAccess::Open => Ok(()),
            MetricsAccess::Closed => Err(ApiError::NotFound(request.path().to_owned())),
            MetricsAccess::Token(token) => {
                let given = request.headers().get(header::AUTHORIZATION);
                let given = given.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
                let is_right = given.is_some_and(|given| MetricsToken::new(given.trim()) == *token);
                if is_right { Ok(()) } else { Err(ApiError::Unauthorized) }
            }
        }
    }
}

/// Read the metrics.
///
/// No token is needed if the server can only be reached from its own machine. Otherwise send
/// `metrics.token` as a bearer token. Values read from storage are up to 5 seconds old, or older
/// while storage is unavailable.
#[utoipa::path(
    security((), ("metricsToken" = [])),
    responses(
        (status = 200, description = "The metrics in Prometheus' text format.", body = String,
            content_type = "text/plain; version=0.0.4"),
        (status = 401, description = "`UNAUTHORIZED`.", body = ErrorBody),
        (status = 404, description = "`NOT_FOUND`: no token is configured.", body = ErrorBody),
        (status = 429, description = "`RATE_LIMITED`: too many requests with invalid tokens.",
            body = ErrorBody),
    ),
)]
#[get("/metrics")]
pub(crate) async fn metrics(
    request: HttpRequest,
    metrics: web::Data<Metrics>,
) -> Result<HttpResponse, ApiError> {
    metrics.check(&request)?;
    metrics.gauges.refresh_connections();
    let gauges = Arc::clone(&metrics.gauges);
    // The other metrics are still useful if storage is down. Storage logs the reason.
    let _ = in_time(async move { gauges.refresh().await }).await;
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body((metrics.render)()))
}
