//! Metrics of requests: durations and rejections.

use std::collections::HashMap;
use std::sync::OnceLock;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use metrics::{Counter, Histogram, counter, describe_counter, describe_histogram, histogram};
use utoipa::openapi::path::Operation;
use utoipa::openapi::{OpenApi, PathItem};

use crate::error::ApiError;

const REQUEST_SECONDS: &str = "engage_http_request_duration_seconds";
const REFUSALS: &str = "engage_http_refusals_total";

/// Histogram of request durations and the upper bounds of its buckets, in seconds.
pub const REQUEST_BUCKETS: (&str, &[f64]) =
    (REQUEST_SECONDS, &[0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0]);

/// Value of the label `route` for requests that match no operation.
const UNMATCHED: &str = "unmatched";

/// Values of the label `method` for unmatched requests. Other methods count as `OTHER`, since a
/// client may invent any number of them.
const UNMATCHED_METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER"];

/// Values of the label `status`: classes of status codes.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Reason why a request or connection is rejected. Values of the label `kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefusalKind {
    /// No valid token, proof or code.
    Authentication,
    /// The role or credential is not sufficient.
    Authorization,
    /// A page of another site.
    Origin,
    /// A callback without a valid signature.
    Signature,
    /// Too many requests from one address, token or member.
    RateLimit,
    /// Too many actions on one case, such as replies.
    CaseLimit,
    /// A body or files above their size limit.
    Size,
    /// A body that arrived too slowly.
    Timeout,
    /// A service that cannot respond in time.
    Unavailable,
    /// Too many connections from one address.
    Connection,
}

impl RefusalKind {
    const ALL: [Self; 10] = [
        Self::Authentication,
        Self::Authorization,
        Self::Origin,
        Self::Signature,
        Self::RateLimit,
        Self::CaseLimit,
        Self::Size,
        Self::Timeout,
        Self::Unavailable,
        Self::Connection,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::Authorization => "authorization",
            Self::Origin => "origin",
            Self::Signature => "signature",
            Self::RateLimit => "rate_limit",
            Self::CaseLimit => "case_limit",
            Self::Size => "size",
            Self::Timeout => "timeout",
            Self::Unavailable => "unavailable",
            Self::Connection => "connection",
        }
    }

    /// Returns the kind of an error, or `None` if the request itself is invalid.
    fn of(error: &ApiError) -> Option<Self> {
        // Matches on the status, so that errors added later are counted too.
        let kind = match (error, actix_web::ResponseError::status_code(error)) {
            (ApiError::NotSigned, _) => Self::Signature,
            (ApiError::OriginNotAllowed { .. }, _) => Self::Origin,
            (ApiError::TooSoon { .. }, _) => Self::CaseLimit,
            (_, StatusCode::UNAUTHORIZED) => Self::Authentication,
            (_, StatusCode::FORBIDDEN) => Self::Authorization,
            (_, StatusCode::TOO_MANY_REQUESTS) => Self::RateLimit,
            (_, StatusCode::PAYLOAD_TOO_LARGE) => Self::Size,
            (_, StatusCode::REQUEST_TIMEOUT) => Self::Timeout,
            (_, StatusCode::SERVICE_UNAVAILABLE) => Self::Unavailable,
            _ => return None,
        };
        Some(kind)
    }

    fn counter(self) -> Counter {
        counter!(REFUSALS, "kind" => self.as_str())
    }

    /// Counts a rejection.
    pub(crate) fn count(self) {
        self.counter().increment(1);
    }
}

/// Histograms of one operation, by status class.
struct Durations {
    route: String,
    method: &'static str,
    by_class: [OnceLock<Histogram>; CLASSES.len()],
}

impl Durations {
    fn new(route: &str, method: &'static str) -> Self {
        Self { route: route.to_owned(), method, by_class: Default::default() }
    }

    fn of(&self, class: usize) -> &Histogram {
        self.by_class[class].get_or_init(|| {
            histogram!(
                REQUEST_SECONDS,
                "route" => self.route.clone(),
                "method" => self.method,
                "status" => CLASSES[class],
            )
        })
    }
}

/// Records the metrics of a server's requests.
///
/// Routes and methods come from the API's description, so that clients cannot add time series. The
/// series of the declared responses exist from the start.
pub(crate) struct RequestMetrics {
    operations: HashMap<String, Vec<Durations>>,
    unmatched: Vec<Durations>,
}

impl RequestMetrics {
    /// Requires an installed recorder.
    pub(crate) fn new(document: &OpenApi) -> Self {
        describe_histogram!(
            REQUEST_SECONDS,
            "Time from the head of a request to the head of its response, by route, method and \
                status class."
        );
        describe_counter!(REFUSALS, "Rejected requests and connections, by kind.");
        for kind in RefusalKind::ALL {
            kind.counter().increment(0);
        }
        let of_path = |(path, item): (&String, &PathItem)| {
            let operations = operations(item).into_iter();
            let durations = operations.map(|(method, operation)| {
                let durations = Durations::new(path, method);
                for class in declared_classes(operation) {
                    durations.of(class);
                }
                durations
            });
            (path.clone(), durations.collect())
        };
        let operations = document.paths.paths.iter().map(of_path).collect();
        let unmatched = UNMATCHED_METHODS.map(|method| Durations::new(UNMATCHED, method));
        for durations in &unmatched {
            durations.of(class_of(StatusCode::NOT_FOUND));
        }
        Self { operations, unmatched: unmatched.into() }
    }

    /// Records a completed request.
    pub(crate) fn finish(
        &self,
        route: Option<&str>,
        method: &Method,
        (status, error): (StatusCode, Option<&ApiError>),
        took: Duration,
    ) {
        let operations = route.and_then(|route| self.operations.get(route));
        let is_it = |durations: &&Durations| durations.method == method.as_str();
        let operation = operations.and_then(|operations| operations.iter().find(is_it));
        let durations = operation.or_else(|| self.unmatched.iter().find(is_it));
        // The last one covers all other methods.
        if let Some(durations) = durations.or(self.unmatched.last()) {
            durations.of(class_of(status)).record(took.as_secs_f64());
        }
        if let Some(kind) = error.and_then(RefusalKind::of) {
            kind.count();
        }
    }
}

fn operations(item: &PathItem) -> Vec<(&'static str, &Operation)> {
    let declared = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    declared
        .into_iter()
        .filter_map(|(method, operation)| operation.as_ref().map(|operation| (method, operation)))
        .collect()
}

/// Returns the status classes that an operation declares, and 5xx, which is always possible.
fn declared_classes(operation: &Operation) -> Vec<usize> {
    let declared = operation.responses.responses.keys();
    let codes = declared.filter_map(|code| code.parse::<u16>().ok());
    let statuses = codes.filter_map(|code| StatusCode::from_u16(code).ok());
    statuses.chain([StatusCode::INTERNAL_SERVER_ERROR]).map(class_of).collect()
}

fn class_of(status: StatusCode) -> usize {
    // Codes start at 100. Codes above 599 do not exist in HTTP.
    usize::from(status.as_u16() / 100).clamp(1, CLASSES.len()) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_of_statuses_are_their_first_digit() {
        for (status, class) in
            [(100, "1xx"), (204, "2xx"), (304, "3xx"), (429, "4xx"), (503, "5xx")]
        {
            assert_eq!(CLASSES[class_of(StatusCode::from_u16(status).unwrap())], class);
        }
        assert_eq!(CLASSES[class_of(StatusCode::from_u16(999).unwrap())], "5xx");
    }

    #[test]
    fn invalid_requests_are_not_counted_as_rejections() {
        let refused = RefusalKind::of(&ApiError::RateLimited { retry_after_seconds: 1 });
        assert_eq!(refused, Some(RefusalKind::RateLimit));
        assert_eq!(RefusalKind::of(&ApiError::Unauthorized), Some(RefusalKind::Authentication));
        assert_eq!(RefusalKind::of(&ApiError::NotSigned), Some(RefusalKind::Signature));
        assert_eq!(RefusalKind::of(&ApiError::NotFound("/x".to_owned())), None);
        assert_eq!(RefusalKind::of(&ApiError::Validation(Vec::new())), None);
    }

    #[test]
    fn every_route_of_the_server_is_one_of_the_description() {
        let document = crate::openapi_document();
        let metrics = RequestMetrics::new(&document);
        assert_eq!(metrics.operations.len(), document.paths.paths.len());
        assert!(metrics.operations.values().all(|operations| !operations.is_empty()));
    }
}
