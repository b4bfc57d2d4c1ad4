//! Which pages may call the API from a browser (CORS).

use std::str::FromStr;

use actix_cors::Cors;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderName};
use thiserror::Error;

/// For how long a browser may remember what it was told, in seconds.
const MAX_AGE: usize = 3600;

/// The origins of the pages that may call the customer endpoints, such as a form on the desk's site.
#[derive(Debug, Clone, Default)]
pub struct AllowedOrigins(Vec<String>);

/// Not an origin.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("must be an origin such as https://www.example.com: scheme, host and port, nothing else")]
pub struct OriginError;

impl FromStr for AllowedOrigins {
    type Err = OriginError;

    /// Reads one origin, as browsers send it (RFC 6454, section 6.2), or `*` for all.
    fn from_str(text: &str) -> Result<Self, OriginError> {
        if text == "*" {
            return Ok(Self(vec![text.to_owned()]));
        }
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let is_origin = host.is_some_and(|host| {
            !host.is_empty()
                && host
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.:[]".contains(&b))
        });
        if is_origin { Ok(Self(vec![text.to_owned()])) } else { Err(OriginError) }
    }
}

impl FromIterator<AllowedOrigins> for AllowedOrigins {
    fn from_iter<I: IntoIterator<Item = Self>>(origins: I) -> Self {
        Self(origins.into_iter().flat_map(|origins| origins.0).collect())
    }
}

impl AllowedOrigins {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn include(&self, origin: &[u8]) -> bool {
        self.0.iter().any(|allowed| allowed == "*" || allowed.as_bytes() == origin)
    }
}

/// Lets pages of these origins call the customer endpoints. The staff's need a token, which is not
/// to be in a page of another site.
pub(crate) fn cors(origins: AllowedOrigins) -> Cors {
    Cors::default()
        .allowed_origin_fn(move |origin, head| {
            head.uri.path().starts_with("/api/support/") && origins.include(origin.as_bytes())
        })
        .allowed_methods([Method::GET, Method::POST])
        .allowed_headers([
            header::ACCEPT,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("x-request-id"),
        ])
        .expose_headers([
            "idempotent-replayed",
            "ratelimit",
            "ratelimit-policy",
            "retry-after",
            "x-request-id",
        ])
        .max_age(MAX_AGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_a_host_and_a_port() {
        for text in ["https://www.example.com", "http://localhost:8080", "https://[::1]:8443", "*"]
        {
            assert!(text.parse::<AllowedOrigins>().is_ok(), "{text}");
        }
        for text in
            ["", "www.example.com", "https://", "https://a.example/", "https://A.example", "null"]
        {
            assert!(text.parse::<AllowedOrigins>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_origin_is_allowed_as_it_stands() {
        let origins: AllowedOrigins = "https://a.example".parse().unwrap();
        assert!(origins.include(b"https://a.example"));
        assert!(!origins.include(b"http://a.example"));
        assert!(!origins.include(b"https://a.example.evil.example"));
    }
}
