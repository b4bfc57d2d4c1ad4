//! The page on which the API can be read and tried: Swagger UI, out of the program.

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpResponse, get};
use utoipa_swagger_ui::Config;

use crate::error::ApiError;

const PAGE: &str = include_str!("page.html");
const SCRIPT: &str = include_str!("page.js");

/// Nothing from elsewhere. Swagger UI has its icons as `data:` in its style sheet.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Swagger UI is large and changes with the program only.
const KEPT: &str = "public, max-age=3600";

fn respond(content_type: &str, body: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .body(body)
}

/// A file of Swagger UI, which is kept compressed and never sent otherwise: browsers take it so.
fn file(name: &str, content_type: &str) -> Result<HttpResponse, ApiError> {
    let found = utoipa_swagger_ui::serve(name, Arc::new(Config::from("")));
    let file = found.ok().flatten().ok_or(ApiError::Internal)?;
    let mut response = HttpResponse::Ok();
    if file.gzpipped {
        response.insert_header((header::CONTENT_ENCODING, "gzip"));
    }
    response.content_type(content_type).insert_header((header::CACHE_CONTROL, KEPT));
    Ok(match file.bytes {
        Cow::Borrowed(bytes) => response.body(bytes),
        Cow::Owned(bytes) => response.body(bytes),
    })
}

/// Read and try the API.
///
/// A page that shows this description, and sends requests to this server. It needs nothing from
/// elsewhere.
#[utoipa::path(
    responses((status = 200, description = "The page.", body = String, content_type = "text/html")),
)]
#[get("/docs")]
pub(crate) async fn docs_page() -> HttpResponse {
    respond("text/html; charset=utf-8", PAGE)
}

/// The script of the page that shows this description.
///
/// It starts Swagger UI.
#[utoipa::path(
    responses((status = 200, description = "A script.", body = String, content_type = "text/javascript")),
)]
#[get("/docs/page.js")]
pub(crate) async fn docs_script() -> HttpResponse {
    respond("text/javascript; charset=utf-8", SCRIPT)
}

/// Swagger UI's script.
///
/// It is compressed with gzip, whatever the request accepts.
#[utoipa::path(
    responses((status = 200, description = "A script.", body = String, content_type = "text/javascript")),
)]
#[get("/docs/swagger-ui-bundle.js")]
pub(crate) async fn swagger_script() -> Result<HttpResponse, ApiError> {
    file("swagger-ui-bundle.js", "text/javascript; charset=utf-8")
}

/// Swagger UI's style sheet.
///
/// It is compressed with gzip, whatever the request accepts.
#[utoipa::path(
    responses((status = 200, description = "A style sheet.", body = String, content_type = "text/css")),
)]
#[get("/docs/swagger-ui.css")]
pub(crate) async fn swagger_style() -> Result<HttpResponse, ApiError> {
    file("swagger-ui.css", "text/css; charset=utf-8")
}
