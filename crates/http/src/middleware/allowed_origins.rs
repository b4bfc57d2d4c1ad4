//! Origins of pages, and the origins that may call the API.

use std::str::FromStr;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName};
use thiserror::Error;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

pub(super) const CUSTOMER_PATHS: &str = "/api/support/";

/// Allowed origins of pages, such as the company's website with a contact form.
///
/// ```
/// use engage_http::AllowedOrigins;
///
/// let origins: AllowedOrigins = ["https://www.example.com", "https://help.example.com"]
///     .into_iter()
///     .map(str::parse::<AllowedOrigins>)
///     .collect::<Result<_, _>>()?;
/// assert!(!origins.include_all());
/// // An origin has no path.
/// assert!("https://www.example.com/contact".parse::<AllowedOrigins>().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct AllowedOrigins(Vec<String>);

/// Error returned when a text is not an origin.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("must be an origin such as https://www.example.com: only scheme, host and port")]
pub struct OriginError;

impl FromStr for AllowedOrigins {
    type Err = OriginError;

    /// Parses an origin in the form that browsers send (RFC 6454, section 6.2), or `*` for all.
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
    /// Returns true if all origins are allowed.
    pub fn include_all(&self) -> bool {
        self.0.iter().any(|allowed| allowed == "*")
    }

    fn include(&self, origin: &[u8]) -> bool {
        self.0.iter().any(|allowed| allowed == "*" || allowed.as_bytes() == origin)
    }
}

/// Origins of pages that may call the API.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    /// Origins that may call the customer endpoints.
    pub customers: AllowedOrigins,
    /// Origins that may call all endpoints.
    pub staff: AllowedOrigins,
    /// Public origin of the service itself.
    pub own: Option<Origin>,
}

/// An origin as browsers spell it: in lower case, without the default port of its scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// Returns the origin of a URL, or `None` if it is not an HTTP URL.
    pub fn of_url(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "http" => ":80",
            "https" => ":443",
            _ => return None,
        };
        let authority = rest.split(['/', '?', '#']).next()?;
        let host = authority.rsplit('@').next()?.to_ascii_lowercase();
        let host = host.strip_suffix(default_port).unwrap_or(&host);
        (!host.is_empty()).then(|| Self(format!("{scheme}://{host}")))
    }
}

impl Origins {
    pub(crate) fn is_empty(&self) -> bool {
        self.customers.0.is_empty() && self.staff.0.is_empty()
    }

    pub(super) fn may_call(&self, origin: &[u8], path: &str) -> bool {
        self.staff.include(origin)
            || (path.starts_with(CUSTOMER_PATHS) && self.customers.include(origin))
    }

    /// Returns true if a request that changes data comes from an allowed page or from no page. The
    /// checks and their order are those of Go's `http.CrossOriginProtection`.
    pub(super) fn may_change(&self, request: &ServiceRequest) -> bool {
        let headers = request.headers();
        let mut origins = headers.get_all(header::ORIGIN);
        let origin = origins.next();
        if origins.next().is_some() {
            return false;
        }
        let path = request.match_info().as_str();
        if origin.is_some_and(|origin| self.may_call(origin.as_bytes(), path)) {
            return true;
        }
        if let Some(site) = headers.get(SEC_FETCH_SITE) {
            return [&b"same-origin"[..], b"none"].contains(&site.as_bytes());
        }
        origin.is_none_or(|origin| origin.to_str().is_ok_and(|text| self.is_own(text, headers)))
    }

    fn is_own(&self, origin: &str, headers: &HeaderMap) -> bool {
        let Some(origin) = Origin::of_url(origin) else { return false };
        if self.own.as_ref() == Some(&origin) {
            return true;
        }
        // A proxy that terminates TLS may not forward the scheme.
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let scheme = origin.0.split("://").next().unwrap_or_default();
        host.is_some_and(|host| {
            Origin::of_url(&format!("{scheme}://{host}")) == Some(origin.clone())
        })
    }
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
    fn an_origin_is_allowed_only_if_it_matches_exactly() {
        let origins: AllowedOrigins = "https://a.example".parse().unwrap();
        assert!(origins.include(b"https://a.example"));
        assert!(!origins.include(b"http://a.example"));
        assert!(!origins.include(b"https://a.example.evil.example"));
    }

    #[test]
    fn the_origin_of_a_url_is_spelled_as_browsers_do() {
        for (url, origin) in [
            ("https://Support.Example.com/desk/", Some("https://support.example.com")),
            ("https://support.example.com:443", Some("https://support.example.com")),
            ("http://support.example.com:443", Some("http://support.example.com:443")),
            ("http://[::1]:80?x", Some("http://[::1]")),
            ("HTTPS://user@a.example:8443#x", Some("https://a.example:8443")),
            ("null", None),
            ("file:///etc", None),
            ("https://", None),
        ] {
            assert_eq!(Origin::of_url(url).map(|origin| origin.0).as_deref(), origin, "{url}");
        }
    }

    /// Returns true if a page may make a change at a service whose origin is
    /// `https://desk.example`.
    fn change(path: &str, headers: &[(&str, &str)]) -> bool {
        let origins = Origins {
            customers: "https://www.example".parse().unwrap(),
            staff: "https://staff.example".parse().unwrap(),
            own: Origin::of_url("https://desk.example/support"),
        };
        let mut request = actix_web::test::TestRequest::post().uri(path);
        for (name, value) in headers {
            request = request.append_header((*name, *value));
        }
        origins.may_change(&request.to_srv_request())
    }

    #[test]
    fn a_page_may_only_make_changes_that_its_origin_allows() {
        let (customers, staff) = ("/api/support/case", "/api/internal/support/case/CW-1/update");
        for (origin, for_customers, for_staff) in [
            ("https://www.example", true, false),
            ("https://staff.example", true, true),
            ("https://desk.example", true, true),
            ("http://desk.example", false, false),
            ("https://desk.example:8443", false, false),
            ("https://desk.example.evil.example", false, false),
            ("https://evil.example", false, false),
            ("null", false, false),
            ("", false, false),
            ("file://", false, false),
        ] {
            let headers = [("origin", origin)];
            assert_eq!(change(customers, &headers), for_customers, "{origin}");
            assert_eq!(change(staff, &headers), for_staff, "{origin}");
        }
    }

    #[test]
    fn a_page_on_the_requested_host_is_not_cross_origin() {
        let asked =
            |host, origin| change("/api/support/case", &[("host", host), ("origin", origin)]);
        assert!(asked("localhost:3000", "http://localhost:3000"));
        assert!(asked("Intranet", "https://intranet"));
        assert!(asked("intranet:443", "https://intranet"));
        assert!(!asked("localhost:3000", "http://localhost:8080"));
        assert!(!asked("localhost", "null"));
    }

    #[test]
    fn fetch_metadata_counts_with_and_without_an_origin() {
        let site = |site| change("/api/support/case", &[("sec-fetch-site", site)]);
        assert!(site("same-origin") && site("none"));
        assert!(!site("cross-site") && !site("same-site") && !site("") && !site("CROSS-SITE"));
        let from = |origin| {
            let headers = [("sec-fetch-site", "cross-site"), ("origin", origin)];
            change("/api/support/case", &headers)
        };
        assert!(from("https://www.example"));
        let both = [("origin", "https://www.example"), ("origin", "https://evil.example")];
        assert!(!change("/api/support/case", &both));
        assert!(!from("https://evil.example"));
    }

    #[test]
    fn requests_without_browser_headers_are_allowed() {
        assert!(change("/api/support/case", &[]));
        assert!(change("/api/internal/staff", &[("user-agent", "curl/8")]));
    }
}
