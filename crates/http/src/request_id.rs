//! The request id, which appears in the log and in the response.

use actix_web::dev::ServiceRequest;
use actix_web::http::header::HeaderName;
use uuid::Uuid;

pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    pub(crate) static CURRENT: String;
}

/// Returns the id of the request that the current task serves.
pub(crate) fn current_request_id() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Returns true if an id from a client is short and safe to log.
fn is_sane(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:/+=".contains(&b))
}

#[allow(clippy::disallowed_methods)] // It names a request in logs and nothing in the domain.
pub(crate) fn of(request: &ServiceRequest) -> String {
    let given = request.headers().get(&HEADER).and_then(|value| value.to_str().ok());
    given.filter(|id| is_sane(id)).map_or_else(|| Uuid::new_v4().to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_harmless_request_id_is_accepted() {
        for id in ["a", "req_123:abc/DEF+=.-", &"x".repeat(128)] {
            assert!(is_sane(id), "{id}");
        }
        for id in ["", "a b", "a\tb", "{}", "\u{e9}", "a\"b", &"x".repeat(129)] {
            assert!(!is_sane(id), "{id}");
        }
    }
}
