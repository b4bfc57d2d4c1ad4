//! What every request gets: an id, a log line, and an answer in the API's shape whatever happens.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;

use actix_web::body::{self, BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode, Version};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpResponse, ResponseError, web};
use engage_application::AuthenticatedStaff;
use futures_util::FutureExt;
use tokio::time::Instant;
use tracing::Instrument;

use crate::deadline::with_deadline;
use crate::error::{ApiError, JsonProblem};
use crate::middleware::{NetworkSettings, not_allowed};
use crate::request_id;
use crate::request_metrics::RequestMetrics;
use crate::trace_context::trace_id;

/// The outermost layer of the application.
pub(crate) async fn serve(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let id = request_id::of(&request);
    let method = request.method().clone();
    let is_head = method == Method::HEAD;
    if is_head {
        // Answered like GET; the connection leaves the body out.
        request.head_mut().method = Method::GET;
    }
    let address = client_address(&request);
    if let Some(address) = address {
        request.extensions_mut().insert(ClientAddress(address));
    }
    let asked = Asked {
        route: request.match_pattern(),
        method: method.clone(),
        address,
        at: Instant::now(),
        metrics: request.app_data().cloned(),
    };
    let trace_id = trace_id(request.headers());
    let span = tracing::info_span!("request", id, %method, trace_id = trace_id.as_deref());
    let serving = request_id::CURRENT.scope(id.clone(), async {
        let answer = AssertUnwindSafe(with_deadline(next.call(request)));
        match answer.catch_unwind().await {
            Ok(Ok(response)) => {
                let response = in_shape(response.map_into_boxed_body());
                let extensions = response.request().extensions();
                let error = response.response().error();
                let error = error.and_then(|error| error.as_error::<ApiError>());
                asked.finish(response.status(), error, extensions.get::<AuthenticatedStaff>());
                drop(extensions);
                Ok(response)
            }
            Ok(Err(error)) => {
                let status = error.as_response_error().status_code();
                asked.finish(status, error.as_error::<ApiError>(), None);
                Err(error)
            }
            Err(_) => {
                tracing::error!("a handler ended in a panic");
                let error = ApiError::Internal;
                asked.finish(error.status_code(), Some(&error), None);
                Err(Failed { id: id.clone(), error }.into())
            }
        }
    });
    let mut response = serving.instrument(span).await?;
    set_request_id(response.response_mut(), &id);
    end_with_connection(&mut response);
    Ok(if is_head { without_stream(response) } else { response })
}

/// Where a request comes from, as far as that can be believed.
#[derive(Clone, Copy)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

fn client_address(request: &ServiceRequest) -> Option<IpAddr> {
    match request.app_data::<web::Data<NetworkSettings>>() {
        Some(edge) => edge.proxies.client(request.request()),
        None => request.peer_addr().map(|peer| peer.ip().to_canonical()),
    }
}

/// A request that is being served.
struct Asked {
    /// The template of its path, if there is one that fits.
    route: Option<String>,
    method: Method,
    address: Option<IpAddr>,
    at: Instant,
    metrics: Option<web::Data<RequestMetrics>>,
}

impl Asked {
    /// Counts the request and writes the one line that each has: who asked from where, by what, and
    /// what came of it. Ids only: paths, names and what was shown stay out of it.
    fn finish(
        &self,
        status: StatusCode,
        error: Option<&ApiError>,
        recognised: Option<&AuthenticatedStaff>,
    ) {
        let took = self.at.elapsed();
        if let Some(metrics) = &self.metrics {
            // HEAD is answered like GET.
            let method = if self.method == Method::HEAD { &Method::GET } else { &self.method };
            metrics.finish(self.route.as_deref(), method, (status, error), took);
        }
        tracing::info!(
            route = self.route.as_deref().unwrap_or("-"),
            status = status.as_u16(),
            code = error.map(ApiError::code),
            // To the microsecond.
            ms = (took.as_secs_f64() * 1e6).round() / 1e3,
            address = self.address.map(tracing::field::display),
            actor = recognised.map(|recognised| recognised.member.id.as_str()),
            credential =
                recognised.map(|recognised| tracing::field::display(recognised.credential_id)),
            "served"
        );
    }
}

/// The same without a body whose length is not known: the connection would draw all of it, however
/// long that takes, only to leave it out.
fn without_stream(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    match response.response().body().size() {
        BodySize::Stream => response.map_body(|_, _| BoxBody::new(body::None::new())),
        BodySize::None | BodySize::Sized(_) => response,
    }
}

/// Lets a body whose length is not known end with the connection for clients of HTTP/1.0, which knows no
/// chunks (RFC 9112, section 6.1).
fn end_with_connection(response: &mut ServiceResponse<BoxBody>) {
    let is_old = response.request().version() < Version::HTTP_11;
    if is_old && response.response().body().size() == BodySize::Stream {
        let head = response.response_mut().head_mut();
        head.no_chunking(true);
        head.set_connection_type(ConnectionType::Close);
    }
}

fn set_request_id(response: &mut HttpResponse, id: &str) {
    // An id was checked to be plain ASCII, or is a UUID.
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert(request_id::HEADER, value);
    }
}

/// A request that was not answered by its handler, with the id to answer under.
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
        let answer = || self.error.error_response();
        let mut response = request_id::CURRENT.sync_scope(self.id.clone(), answer);
        set_request_id(&mut response, &self.id);
        response
    }
}

/// Puts an error that the framework made into the API's shape.
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
    // Not its mere answer, which forgets the error that the log tells.
    ServiceResponse::new(request, HttpResponse::from_error(error))
}
