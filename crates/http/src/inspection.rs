//! What every request to the API has to keep to, whatever its handler reads: parameters that are
//! known, headers that come once, and no body but one that belongs there.
//!
//! What is known is what the description says, which is generated from the handlers.

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

/// Where requests are held to it. What others write is not ours to refuse: the queries of pages,
/// callbacks of providers.
const PREFIXES: [&str; 2] = ["/api/support/", "/api/internal/"];

/// The headers that say something of a request that it can only say once, as problems name them.
const SINGLE_HEADERS: [&str; 4] = ["Authorization", "Content-Type", "If-Match", "Idempotency-Key"];

/// How large a body may be where none belongs.
const LARGEST_BODY: usize = 64 * 1024;

/// Whether operations of this path are held to what is here.
pub(crate) fn is_strict(path: &str) -> bool {
    PREFIXES.iter().any(|prefix| path.starts_with(prefix))
}

/// What an operation takes.
struct Takes {
    parameters: Vec<String>,
    is_body: bool,
}

impl Takes {
    fn new(operation: &Operation) -> Self {
        let parameters = operation.parameters.iter().flatten().filter_map(|parameter| {
            let RefOr::T(parameter) = parameter else { return None };
            matches!(parameter.parameter_in, ParameterIn::Query).then(|| parameter.name.clone())
        });
        Self { parameters: parameters.collect(), is_body: operation.request_body.is_some() }
    }
}

type Methods = HashMap<Method, Takes>;

/// What all operations take, by their paths: those of one request alone, and those with names in
/// them.
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

    fn find(&self, method: &Method, path: &str) -> Option<&Takes> {
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
    let takes = |(method, operation): (Method, &Option<Operation>)| {
        operation.as_ref().map(|operation| (method, Takes::new(operation)))
    };
    offered.into_iter().filter_map(takes).collect()
}

/// Inspects the requests of customers. Those of staff are inspected once it is known who asks.
pub(crate) async fn inspect_customers(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    // As it is routed: decoded, so that no other spelling goes round it.
    if request.match_info().as_str().starts_with(PREFIXES[0]) {
        return inspect(request, next).await.map(in_customers_words);
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Customers are not told whether there is a case that is not theirs.
fn in_customers_words(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let error = response.response().error().and_then(|error| error.as_error::<ApiError>());
    let Some(ApiError::CaseNotFound(number)) = error else { return response };
    let error = ApiError::CaseNotYours(number.clone());
    let (request, _) = response.into_parts();
    ServiceResponse::from_err(error, request)
}

/// Lets a request be served, or has it refused with all that is wrong with it.
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
    let Some(takes) = operations.find(request.method(), path) else { return Ok(()) };
    problems::note(unknown_parameters(request.query_string(), &takes.parameters))?;
    problems::note(repeated_headers(request.headers()))?;
    if takes.is_body { Ok(()) } else { refuse_body(request).await }
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

/// The headers that come more often than once.
pub(crate) fn repeated_headers(headers: &HeaderMap) -> Vec<FieldProblem> {
    let is_repeated = |name: &&str| headers.get_all(*name).nth(1).is_some();
    let repeated = SINGLE_HEADERS.into_iter().filter(is_repeated);
    repeated.map(|name| FieldProblem::new(name, "must be given once")).collect()
}

/// What belongs into a body where there is nothing to say.
#[derive(Deserialize)]
struct Nothing {}

/// Reads a body that none is asked for: it may be an object with nothing in it, of whatever type it
/// is said to be.
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
        let takes = |method, path| operations.find(&method, path).map(|takes| takes.is_body);
        let case = "/api/internal/support/case/CW-2025-001";
        assert_eq!(takes(Method::GET, case), Some(false));
        assert_eq!(takes(Method::PATCH, case), Some(true));
        assert_eq!(takes(Method::DELETE, case), None);
        assert_eq!(takes(Method::POST, "/api/support/case"), Some(true));
        assert_eq!(takes(Method::POST, "/api/webhooks/sms/status"), None);
        let messages = |path| operations.find(&Method::GET, path).unwrap().parameters.len();
        assert!(messages("/api/internal/notifications/status") > 1);
        assert_eq!(messages("/api/internal/notifications/ntf_01jjg00000e008000000000001"), 0);
    }

    #[test]
    fn unknown_parameters_are_told_once_each_with_what_was_meant() {
        let known = ["customerEmail".to_owned(), "q".to_owned()];
        let query = "q=a&customer%5Femail=b&customer_email=c&a%0Ab=&&=1";
        let found = unknown_parameters(query, &known);
        let told: Vec<_> =
            found.iter().map(|one| format!("{} {}", one.field, one.message)).collect();
        assert_eq!(
            told,
            [
                "customer_email is not known; did you mean customerEmail?",
                r"a\u{a}b is not known",
                "\"\" is not known",
            ]
        );
    }

    #[test]
    fn a_header_that_comes_twice_is_told_by_its_name() {
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
