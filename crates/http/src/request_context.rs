//! The outermost middleware: request ids, the access log, and errors in the API's shape.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;

use actix_web::body::{self, BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode, Version};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpResponse, ResponseError, web};
use engage_application::{AuthenticatedStaff, TRACE_TARGET, TraceSampler, child_span};
use engage_domain::TraceContext;
use futures_util::FutureExt;
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use crate::deadline::with_deadline;
use crate::error::{ApiError, JsonProblem};
use crate::middleware::{NetworkSettings, not_allowed};
use crate::request_id;
use crate::request_metrics::RequestMetrics;
use crate::trace_context::caller_trace;

/// Serves a request with an id, a log line and a deadline.
pub(crate) async fn serve(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let id = request_id::of(&request);
    let method = request.method().clone();
    let is_head = method == Method::HEAD;
    if is_head {
        // Handled like GET. The connection omits the body.
        request.head_mut().method = Method::GET;
    }
    let address = client_address(&request);
    if let Some(address) = address {
        request.extensions_mut().insert(ClientAddress(address));
    }
    let caller = caller_trace(request.headers());
    let trace = match &caller {
        Some(caller) => child_span(caller),
        None => sampler(&request).start(),
    };
    let route = request.match_pattern();
    let exported = exported_span(&trace, caller.as_ref(), &method, route.as_deref());
    let span = tracing::info_span!(
        parent: &exported,
        "request",
        id,
        %method,
        trace_id = %trace.trace_id(),
    );
    request.extensions_mut().insert(trace);
    let served = ServedRequest {
        route,
        span: exported,
        method: method.clone(),
        address,
        at: Instant::now(),
        metrics: request.app_data().cloned(),
    };
    let serving = request_id::CURRENT.scope(id.clone(), async {
        let response = AssertUnwindSafe(with_deadline(next.call(request)));
        match response.catch_unwind().await {
            Ok(Ok(response)) => {
                let response = in_shape(response.map_into_boxed_body());
                let extensions = response.request().extensions();
                let error = response.response().error();
                let error = error.and_then(|error| error.as_error::<ApiError>());
                served.finish(response.status(), error, extensions.get::<AuthenticatedStaff>());
                drop(extensions);
                Ok(response)
            }
            Ok(Err(error)) => {
                let status = error.as_response_error().status_code();
                served.finish(status, error.as_error::<ApiError>(), None);
                Err(error)
            }
            Err(_) => {
                tracing::error!("a handler panicked");
                let error = ApiError::Internal;
                served.finish(error.status_code(), Some(&error), None);
                Err(Failed { id: id.clone(), error }.into())
            }
        }
    });
    let mut response = serving.instrument(span).await?;
    set_request_id(response.response_mut(), &id);
    end_with_connection(&mut response);
    Ok(if is_head { without_stream(response) } else { response })
}

/// Client address, taken from trusted proxies if there are any.
#[derive(Clone, Copy)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

/// Begins the span of a request that is exported. Returns none if its trace is not recorded, and for
/// health checks and metrics, which are polled.
fn exported_span(
    trace: &TraceContext,
    caller: Option<&TraceContext>,
    method: &Method,
    route: Option<&str>,
) -> Span {
    let is_polled = route.is_some_and(|route| route.starts_with("/health") || route == "/metrics");
    if !trace.is_sampled() || is_polled {
        return Span::none();
    }
    tracing::info_span!(
        target: TRACE_TARGET,
        "serve",
        otel.name = route.map_or_else(|| method.to_string(), |route| format!("{method} {route}")),
        otel.kind = "server",
        otel.status_code = Empty,
        trace_id = %trace.trace_id(),
        span_id = %trace.span_id(),
        parent_id = caller.map(|caller| tracing::field::display(caller.span_id())),
        trace_state = trace.state().as_str(),
        http.request.method = %method,
        http.route = route,
        http.response.status_code = Empty,
        "error.type" = Empty,
        trace.ended = Empty,
    )
}

/// Ends the span of a request. Work that continues in the background does not make it longer.
fn end_span(span: &Span, status: StatusCode, error: Option<&ApiError>) {
    span.record("http.response.status_code", status.as_u16());
    if let Some(error) = error {
        span.record("error.type", error.code());
    }
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    span.record("trace.ended", true);
}

fn sampler(request: &ServiceRequest) -> TraceSampler {
    request.app_data::<TraceSampler>().copied().unwrap_or_default()
}

fn client_address(request: &ServiceRequest) -> Option<IpAddr> {
    match request.app_data::<web::Data<NetworkSettings>>() {
        Some(edge) => edge.proxies.client(request.request()),
        None => request.peer_addr().map(|peer| peer.ip().to_canonical()),
    }
}

/// A request in progress.
struct ServedRequest {
    /// Matched path template, if any.
    route: Option<String>,
    /// Span that is exported.
    span: Span,
    method: Method,
    address: Option<IpAddr>,
    at: Instant,
    metrics: Option<web::Data<RequestMetrics>>,
}

impl ServedRequest {
    /// Records the request in the metrics, and logs one line with the client address, the caller
    /// and the outcome. The line contains only ids. Paths, names and credentials are never logged.
    fn finish(
        &self,
        status: StatusCode,
        error: Option<&ApiError>,
        authenticated: Option<&AuthenticatedStaff>,
    ) {
        let took = self.at.elapsed();
        end_span(&self.span, status, error);
        if let Some(metrics) = &self.metrics {
            // HEAD is recorded as GET.
            let method = if self.method == Method::HEAD { &Method::GET } else { &self.method };
            metrics.finish(self.route.as_deref(), method, (status, error), took);
        }
        tracing::info!(
            route = self.route.as_deref().unwrap_or("-"),
            status = status.as_u16(),
            code = error.map(ApiError::code),
            // Rounds to microseconds.
            ms = (took.as_secs_f64() * 1e6).round() / 1e3,
            address = self.address.map(tracing::field::display),
            actor = authenticated.map(|authenticated| authenticated.member.id.as_str()),
            credential = authenticated
                .map(|authenticated| tracing::field::display(authenticated.credential_id)),
            "served"
        );
    }
}

/// Removes a body of unknown length from the response to HEAD. The connection would otherwise read
/// all of it and then discard it.
fn without_stream(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    match response.response().body().size() {
        BodySize::Stream => response.map_body(|_, _| BoxBody::new(body::None::new())),
        BodySize::None | BodySize::Sized(_) => response,
    }
}

/// Ends a body of unknown length by closing the connection for clients of HTTP/1.0, which has no
/// chunked encoding (RFC 9112, section 6.1).
fn end_with_connection(response: &mut ServiceResponse<BoxBody>) {
    let is_old = response.request().version() < Version::HTTP_11;
    if is_old && response.response().body().size() == BodySize::Stream {
        let head = response.response_mut().head_mut();
        head.no_chunking(true);
        head.set_connection_type(ConnectionType::Close);
    }
}

fn set_request_id(response: &mut HttpResponse, id: &str) {
    // An id is a UUID or was checked to be ASCII.
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert(request_id::HEADER, value);
    }
}

/// A request that failed outside its handler, with its id.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
struct Failed {
    id: String,
    error: ApiError,
}

impl ResponseError for Failed {
    fn status_code(&self) -> StatusCode {
        self.error.status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let render = || self.error.error_response();
        let mut response = request_id::CURRENT.sync_scope(self.id.clone(), render);
        set_request_id(&mut response, &self.id);
        response
    }
}

/// Converts an error made by the framework to the API's shape.
fn in_shape(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let is_json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    if !is_error || is_json {
        return response;
    }
    let error = match status {
        StatusCode::NOT_FOUND => ApiError::NotFound(response.request().path().to_owned()),
        StatusCode::REQUEST_TIMEOUT => ApiError::RequestTimeout,
        _ if response.request().method() == Method::OPTIONS => {
            not_allowed(response.request().headers(), response.request().path())
        }
        status if status.is_client_error() => ApiError::MalformedJson(JsonProblem {
            message: "the request cannot be read".to_owned(),
            line: 0,
            column: 0,
            path: None,
        }),
        _ => ApiError::Internal,
    };
    let (request, _) = response.into_parts();
    // `error_response` would drop the error, which the log needs.
    ServiceResponse::new(request, HttpResponse::from_error(error))
}
