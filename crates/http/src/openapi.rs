//! The description of the API.

use actix_web::{HttpResponse, get, web};
use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};

/// What the description says besides the operations.
pub(crate) fn preamble() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(
        info(
            title = "Engage",
            description = "Customer-support cases. Customers open, look up, escalate and cancel \
                cases without an account; staff with a token list, read, update and assign them. \
                Every error has one shape: success, error, code, details.",
            license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
        ),
        tags(
            (name = "customers", description = "For customers; no login."),
            (name = "staff", description = "For staff; needs a token."),
            (name = "service", description = "About the service itself."),
        ),
        modifiers(&Security),
    )]
    struct Preamble;
    Preamble::openapi()
}

struct Security;

impl utoipa::Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document.components.get_or_insert_default().add_security_scheme("staffToken", scheme);
    }
}

/// The description of this API, in OpenAPI 3.1.
#[utoipa::path(
    tag = "service",
    responses((status = 200, description = "The description.", body = Object)),
)]
#[get("/openapi.json")]
pub(crate) async fn describe(document: web::Data<utoipa::openapi::OpenApi>) -> HttpResponse {
    HttpResponse::Ok().json(&**document)
}
