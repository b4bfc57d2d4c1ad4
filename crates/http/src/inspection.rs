//! Checks that apply to every API request before its handler runs: unknown parameters, repeated
//! headers, and unexpected bodies.
//!
//! The known parameters come from the API's description, which is generated from the handlers.

use std::collections::HashMap;

use actix_web::HttpMessage;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ResourceDef, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap};
use actix_web::middleware::Next;
use actix_web::web;
use serde::Deserialize;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{OpenApi, PathItem, RefOr};

use crate::body::{announced_length, parse, read_body};
use crate::error::{ApiError, FieldProblem};
use crate::known_fields::{MOST_TOLD, unknown};
use crate::problems;

/// Path prefixes that are checked. Query strings of pages and callbacks of providers are written by
/// others and are not checked.
const PREFIXES: [&str; 2] = ["/api/support/", "/api/internal/"];

/// Headers that may be sent only once, in the spelling used in problems.
const SINGLE_HEADERS: [&str; 4] = ["Authorization", "Content-Type", "If-Match", "Idempotency-Key"];

/// Size limit for a body sent to an operation that takes none.
const LARGEST_BODY: usize = 64 * 1024;

/// Returns true if operations at this path are checked.
pub(crate) fn is_strict(path: &str) -> bool {
    PREFIXES.iter().any(|prefix| path.starts_with(prefix))
}

/// Parameters and body of an operation.
struct Input {
    parameters: Vec<String>,
    has_body: bool,
}

impl Input {
    fn new(operation: &Operation) -> Self {
        let parameters = operation.parameters.iter().flatten().filter_map(|parameter| {
            let RefOr::T(parameter) = parameter else { return None };
            matches!(parameter.parameter_in, ParameterIn::Query).then(|| parameter.name.clone())
        });
        Self { parameters: parameters.collect(), has_body: operation.request_body.is_some() }
    }
}

type Methods = HashMap<Method, Input>;

/// All operations by path. Paths without parameters can be looked up directly. The others are
/// matched.
pub(crate) struct Operations {
    plain: HashMap<String, Methods>,
    naming: Vec<(ResourceDef, Methods)>,
}

impl Operations {
    pub(crate) fn new(document: &OpenApi) -> Self {
        let (mut plain, mut naming) = (HashMap::new(), Vec::new());
        for (path, item) in document.paths.paths.iter().filter(|(path, _)| is_strict(path)) {
            if path.contains('{') {
                naming.push((ResourceDef::new(path.as_str()), methods(item)));
            } else {
                plain.insert(path.clone(), methods(item));
            }
        }
        Self { plain, naming }
    }

    fn find(&self, method: &Method, path: &str) -> Option<&Input> {
        let naming = || self.naming.iter().find(|(route, _)| route.is_match(path));
        let plain = self.plain.get(path).and_then(|methods| methods.get(method));
        plain.or_else(|| naming()?.1.get(method))
    }
}

fn methods(item: &PathItem) -> Methods {
    let PathItem { get, put, post, delete, patch, .. } = item;
    let offered = [
        (Method::GET, get),
        (Method::PUT, put),
        (Method::POST, post),
        (Method::DELETE, delete),
        (Method::PATCH, patch),
    ];
    let input = |(method, operation): (Method, &Option<Operation>)| {
        operation.as_ref().map(|operation| (method, Input::new(operation)))
    };
    offered.into_iter().filter_map(input).collect()
}

/// Checks the requests of customers. Requests of staff are checked after authentication.
pub(crate) async fn inspect_customers(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    // Uses the decoded path, as the router does, so that no other spelling bypasses the check.
    if request.match_info().as_str().starts_with(PREFIXES[0]) {
        return inspect(request, next).await.map(for_customers);
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Replaces the error for a missing case, so that customers do not learn whether another customer's
/// case exists.
fn for_customers(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let error = response.response().error().and_then(|error| error.as_error::<ApiError>());
    let Some(ApiError::CaseNotFound(number)) = error else { return response };
    let error = ApiError::CaseNotYours(number.clone());
    let (request, _) = response.into_parts();
    ServiceResponse::from_err(error, request)
}

/// Serves a request, or rejects it with all of its problems.
pub(crate) async fn inspect(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    problems::noting(async {
        if let Err(error) = check(&mut request).await {
            return Ok(request.error_response(error));
        }
        let response = next.call(request).await?.map_into_boxed_body();
        match problems::refuse_any() {
            Err(error) if response.status().is_success() => {
                let (request, _) = response.into_parts();
                Ok(ServiceResponse::from_err(error, request))
            }
            _ => Ok(response),
        }
    })
    .await
}

async fn check(request: &mut ServiceRequest) -> Result<(), ApiError> {
    let operations = request.app_data::<web::Data<Operations>>().cloned();
    let operations = operations.ok_or(ApiError::Internal)?;
    let path = request.match_info().as_str();
    let Some(input) = operations.find(request.method(), path) else { return Ok(()) };
    problems::note(unknown_parameters(request.query_string(), &input.parameters))?;
    problems::note(repeated_headers(request.headers()))?;
    if input.has_body { Ok(()) } else { refuse_body(request).await }
}

fn unknown_parameters(query: &str, known: &[String]) -> Vec<FieldProblem> {
    let mut found = Vec::new();
    for (name, _) in form_urlencoded::parse(query.as_bytes()) {
        if !known.iter().any(|known| *known == name) {
            let problem = unknown("", &name, known.iter().map(String::as_str));
            if found.len() < MOST_TOLD && !found.contains(&problem) {
                found.push(problem);
            }
        }
    }
    found
}

/// Returns a problem for each header that is sent more than once.
pub(crate) fn repeated_headers(headers: &HeaderMap) -> Vec<FieldProblem> {
    let is_repeated = |name: &&str| headers.get_all(*name).nth(1).is_some();
    let repeated = SINGLE_HEADERS.into_iter().filter(is_repeated);
    repeated.map(|name| FieldProblem::new(name, "must be given only once")).collect()
}

/// The expected body of an operation without one.
#[derive(Deserialize)]
struct Nothing {}

/// Rejects a body that the operation does not expect. An empty body or an empty JSON object is
/// accepted with any content type.
async fn refuse_body(request: &mut ServiceRequest) -> Result<(), ApiError> {
    let announced = announced_length(request.headers());
    let is_chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
    if announced == 0 && !is_chunked {
        return Ok(());
    }
    if announced > LARGEST_BODY as u64 {
        return Err(ApiError::PayloadTooLarge { limit: LARGEST_BODY });
    }
    let body = read_body(request.take_payload(), LARGEST_BODY).await?;
    request.set_payload(Payload::None);
    if body.is_empty() {
        return Ok(());
    }
    parse::<Nothing>(&body).map(|Nothing {}| ())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;
    use crate::openapi_document;

    #[test]
    fn an_operation_is_found_by_its_method_and_path() {
        let operations = Operations::new(&openapi_document());
        let has_body = |method, path| operations.find(&method, path).map(|input| input.has_body);
        let case = "/api/internal/support/case/CW-2025-001";
        assert_eq!(has_body(Method::GET, case), Some(false));
        assert_eq!(has_body(Method::PATCH, case), Some(true));
        assert_eq!(has_body(Method::DELETE, case), None);
        assert_eq!(has_body(Method::POST, "/api/support/case"), Some(true));
        assert_eq!(has_body(Method::POST, "/api/webhooks/sms/status"), None);
        let messages = |path| operations.find(&Method::GET, path).unwrap().parameters.len();
        assert!(messages("/api/internal/notifications/status") > 1);
        assert_eq!(messages("/api/internal/notifications/ntf_01jjg00000e008000000000001"), 0);
    }

    #[test]
    fn unknown_parameters_are_reported_once_with_a_suggestion() {
        let known = ["customerEmail".to_owned(), "q".to_owned()];
        let query = "q=a&customer%5Femail=b&customer_email=c&a%0Ab=&&=1";
        let found = unknown_parameters(query, &known);
        let reported: Vec<_> =
            found.iter().map(|one| format!("{} {}", one.field, one.message)).collect();
        assert_eq!(
            reported,
            [
                "customer_email is not known; did you mean customerEmail?",
                r"a\u{a}b is not known",
                "\"\" is not known",
            ]
        );
    }

    #[test]
    fn a_repeated_header_is_reported_by_its_name() {
        let request = TestRequest::default()
            .append_header(("If-Match", "\"1\""))
            .append_header(("if-match", "\"1\""))
            .append_header(("Idempotency-Key", "a"))
            .append_header(("Accept", "a/b"))
            .append_header(("Accept", "c/d"));
        let found = repeated_headers(request.to_http_request().headers());
        let names: Vec<_> = found.iter().map(|one| one.field.as_ref()).collect();
        assert_eq!(names, ["If-Match"]);
    }
}
