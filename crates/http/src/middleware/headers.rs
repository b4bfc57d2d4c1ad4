//! Security headers.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web;

use super::network_settings::NetworkSettings;
use crate::error::ApiError;

/// Defaults for all responses, unless the handler sets the header. A response is data. Browsers
/// must not guess its type, execute or frame it, and caches must not store it (OWASP REST Security
/// Cheat Sheet).
const DEFAULTS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
];

/// Restricts browsers to HTTPS for two years, as browsers' preload lists recommend.
const HTTPS_ONLY: &str = "max-age=63072000";

/// Returns 404 for the API's description and the book if they are not public.
pub(crate) async fn hide_documentation(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let path = request.match_info().as_str();
    let is_at =
        |page| path.strip_prefix(page).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let describes = path == "/openapi.json" || ["/docs", "/book"].into_iter().any(is_at);
    let edge = request.app_data::<web::Data<NetworkSettings>>();
    if describes && edge.is_some_and(|edge| !edge.documentation) {
        let error = ApiError::NotFound(path.to_owned());
        return Ok(request.error_response(error));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Adds the headers.
pub(crate) async fn secure<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let is_https =
        request.app_data::<web::Data<NetworkSettings>>().is_some_and(|edge| edge.is_https);
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    for (name, value) in DEFAULTS {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if is_https {
        let value = HeaderValue::from_static(HTTPS_ONLY);
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    Ok(response)
}
