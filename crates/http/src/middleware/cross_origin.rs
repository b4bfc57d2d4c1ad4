//! Cross-origin requests: responses that pages may read (CORS), and changes that they may make.

use actix_cors::Cors;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName};
use actix_web::middleware::Next;
use actix_web::web;

use super::allowed_origins::{CUSTOMER_PATHS, Origins};
use super::network_settings::NetworkSettings;
use crate::error::ApiError;

/// Time that browsers may cache a preflight response, in seconds.
const MAX_AGE: usize = 3600;

/// Rejects changes from pages of other sites before the body is read. Forms and some other requests
/// need no preflight, so the browser alone would not stop them.
pub(crate) async fn reject_foreign_pages(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let changes = ![Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    let edge = request.app_data::<web::Data<NetworkSettings>>();
    if changes && edge.is_some_and(|edge| !edge.origins.may_change(&request)) {
        let error = not_allowed(request.headers(), request.match_info().as_str());
        return Ok(request.error_response(error));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Builds the error for a page, with the setting that would allow it.
pub(crate) fn not_allowed(headers: &HeaderMap, path: &str) -> ApiError {
    /// Longer than the origin of any real page.
    const SHOWN: usize = 300;
    let origin = headers.get(header::ORIGIN).map(|origin| {
        let text = String::from_utf8_lossy(origin.as_bytes());
        text.chars().filter(|c| !c.is_control()).take(SHOWN).collect()
    });
    let is_for_customers = path.starts_with(CUSTOMER_PATHS);
    let setting = if is_for_customers { "server.allowed_origins" } else { "server.staff_origins" };
    ApiError::OriginNotAllowed { origin, setting }
}

/// Builds the CORS middleware, which lets allowed pages read responses.
pub(crate) fn cors(origins: Origins) -> Cors {
    Cors::default()
        .allowed_origin_fn(move |origin, head| origins.may_call(origin.as_bytes(), head.uri.path()))
        .allowed_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allowed_headers([
            header::ACCEPT,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            HeaderName::from_static("engage-link-mark"),
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("last-event-id"),
            HeaderName::from_static("traceparent"),
            HeaderName::from_static("tracestate"),
            HeaderName::from_static("x-request-id"),
        ])
        .expose_headers([
            "content-disposition",
            "etag",
            "idempotent-replayed",
            "ratelimit",
            "ratelimit-policy",
            "retry-after",
            "x-request-id",
        ])
        .max_age(MAX_AGE)
}
