//! What is counted, for Prometheus.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use engage_application::Gauges;
use sha2::{Digest, Sha256};

use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};

/// Who may read the metrics.
#[derive(Clone)]
pub enum MetricsAccess {
    /// Everybody: the server can be reached from its own machine only.
    Open,
    /// Who shows this token.
    Token(MetricsToken),
    /// Nobody.
    Closed,
}

/// The SHA-256 of a token, so that the time a comparison takes tells nothing about it.
#[derive(Clone, PartialEq, Eq)]
pub struct MetricsToken([u8; 32]);

impl MetricsToken {
    /// The token of this text.
    pub fn new(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }
}

/// What serves the metrics.
#[derive(Clone)]
pub struct Metrics {
    /// Who may read them.
    pub access: MetricsAccess,
    /// Brings up to date what storage knows.
    pub gauges: Arc<Gauges>,
    /// Writes everything in Prometheus' text format.
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
/// Open if only this machine can reach the server; else it wants `metrics.token` as a bearer
/// token. What storage has to be asked for is up to 5 seconds old, and older while it does not
/// answer.
#[utoipa::path(
    security((), ("metricsToken" = [])),
    responses(
        (status = 200, description = "The metrics, for Prometheus.", body = String,
            content_type = "text/plain; version=0.0.4"),
        (status = 401, description = "`UNAUTHORIZED`.", body = ErrorBody),
        (status = 404, description = "`NOT_FOUND`: no token is set.", body = ErrorBody),
        (status = 429, description = "`RATE_LIMITED`: too many tokens that are not right.",
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
    // What was counted is worth having while storage is away; why it is, is logged there.
    let _ = in_time(async move { gauges.refresh().await }).await;
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body((metrics.render)()))
}
