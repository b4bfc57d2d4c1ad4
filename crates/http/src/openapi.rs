//! The description of the API.

use actix_web::{HttpResponse, get, web};
use utoipa::OpenApi;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, ResponseBuilder};

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
            (name = "customers", description = "For customers; no account. The desk may ask for proof that a case is theirs."),
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
        let components = document.components.get_or_insert_default();
        let bearer = |description: &str| {
            let http = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
            SecurityScheme::Http(http.description(Some(description)).build())
        };
        let staff = bearer("A token of a member of staff.");
        components.add_security_scheme("staffToken", staff);
        let customer = bearer(
            "A case's access token, as the answer to its creation and the links in e-mails have it. \
             Needed where the desk is set up so.",
        );
        components.add_security_scheme("accessToken", customer);
    }
}

/// Adds the answers that every operation of the API can give, so that each says them alike.
pub(crate) fn complete(document: &mut utoipa::openapi::OpenApi) {
    let api = document.paths.paths.iter_mut().filter(|(path, _)| path.starts_with("/api/"));
    for operation in api.flat_map(|(_, item)| operations(item)) {
        add_error(operation, "429", "`RATE_LIMITED`.");
        if operation.request_body.is_some() {
            add_error(operation, "408", "`REQUEST_TIMEOUT`.");
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    [get, put, post, delete, patch].into_iter().flatten()
}

fn add_error(operation: &mut Operation, status: &str, description: &str) {
    let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorBody"))).build();
    let answer =
        ResponseBuilder::new().description(description).content("application/json", body).build();
    operation.responses.responses.entry(status.to_owned()).or_insert_with(|| answer.into());
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
