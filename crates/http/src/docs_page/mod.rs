//! Swagger UI, the page for reading and trying the API. It is embedded in the program.

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpResponse, get};
use utoipa_swagger_ui::Config;

use crate::error::ApiError;

const PAGE: &str = include_str!("page.html");
const SCRIPT: &str = include_str!("page.js");

/// Content security policy. Nothing comes from another origin. Swagger UI's style sheet has its
/// icons as `data:` URLs.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Caching policy of Swagger UI, which is large and only changes with the program.
const CACHE_CONTROL: &str = "public, max-age=3600";

fn respond(content_type: &str, body: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .body(body)
}

/// Returns a file of Swagger UI. It is embedded in compressed form and always sent that way, since
/// every browser accepts gzip.
fn file(name: &str, content_type: &str) -> Result<HttpResponse, ApiError> {
    let found = utoipa_swagger_ui::serve(name, Arc::new(Config::from("")));
    let file = found.ok().flatten().ok_or(ApiError::Internal)?;
    let mut response = HttpResponse::Ok();
    if file.gzpipped {
        response.insert_header((header::CONTENT_ENCODING, "gzip"));
    }
    response.content_type(content_type).insert_header((header::CACHE_CONTROL, CACHE_CONTROL));
    Ok(match file.bytes {
        Cow::Borrowed(bytes) => response.body(bytes),
        Cow::Owned(bytes) => response.body(bytes),
    })
}

/// Read and try the API.
///
/// Returns a page that displays this description and can send requests to this server. It loads
/// nothing from other servers.
#[utoipa::path(
    responses((status = 200, description = "The page.", body = String, content_type = "text/html")),
)]
#[get("/docs")]
pub(crate) async fn docs_page() -> HttpResponse {
    respond("text/html; charset=utf-8", PAGE)
}

/// Get the script of the API page.
///
/// The script starts Swagger UI.
#[utoipa::path(
    responses((status = 200, description = "A script.", body = String, content_type = "text/javascript")),
)]
#[get("/docs/page.js")]
pub(crate) async fn docs_script() -> HttpResponse {
    respond("text/javascript; charset=utf-8", SCRIPT)
}

/// Get Swagger UI's script.
///
/// The response is always compressed with gzip, regardless of `Accept-Encoding`.
#[utoipa::path(
    responses((status = 200, description = "A script.", body = String, content_type = "text/javascript")),
)]
#[get("/docs/swagger-ui-bundle.js")]
pub(crate) async fn swagger_script() -> Result<HttpResponse, ApiError> {
    file("swagger-ui-bundle.js", "text/javascript; charset=utf-8")
}

/// Get Swagger UI's style sheet.
///
/// The response is always compressed with gzip, regardless of `Accept-Encoding`.
#[utoipa::path(
    responses((status = 200, description = "A style sheet.", body = String, content_type = "text/css")),
)]
#[get("/docs/swagger-ui.css")]
pub(crate) async fn swagger_style() -> Result<HttpResponse, ApiError> {
    file("swagger-ui.css", "text/css; charset=utf-8")
}
