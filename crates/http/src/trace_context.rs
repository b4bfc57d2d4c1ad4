//! Trace contexts of requests, according to W3C Trace Context.
//!
//! Anyone can send any of these headers. They only correlate logs and traces.

use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::{HttpMessage, HttpRequest};
use engage_domain::TraceContext;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Returns the span of the caller, or `None` unless there is exactly one valid `traceparent`. A
/// `tracestate` that is not valid is left out.
pub(crate) fn caller_trace(headers: &HeaderMap) -> Option<TraceContext> {
    let mut values = headers.get_all(&TRACEPARENT);
    let (value, None) = (values.next()?, values.next()) else { return None };
    let caller: TraceContext = value.to_str().ok()?.parse().ok()?;
    // Several headers are one list.
    let states: Result<Vec<_>, _> =
        headers.get_all(&TRACESTATE).map(|value| value.to_str()).collect();
    let state = states.ok().and_then(|states| states.join(",").parse().ok());
    Some(caller.with_state(state.unwrap_or_default()))
}

/// Returns the span of a request, which [`serve`](crate::request_context::serve) has started.
pub(crate) fn of_request(request: &HttpRequest) -> Option<TraceContext> {
    request.extensions().get().cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn read(parents: &[&[u8]], states: &[&[u8]]) -> Option<(String, String)> {
        let mut headers = HeaderMap::new();
        for (name, values) in [(TRACEPARENT, parents), (TRACESTATE, states)] {
            for value in values {
                headers.append(name.clone(), HeaderValue::from_bytes(value).unwrap());
            }
        }
        let caller = caller_trace(&headers)?;
        Some((caller.to_string(), caller.state().to_string()))
    }

    #[test]
    fn the_span_of_the_caller_is_read_with_its_state() {
        let parents: &[&[u8]] = &[PARENT.as_bytes()];
        let cases: [(&[&[u8]], &str); 6] = [
            (&[], ""),
            (&[b"rojo=1"], "rojo=1"),
            (&[b"rojo=1", b"congo=2 , "], "rojo=1,congo=2"),
            (&[b"rojo"], ""),
            (&[b"rojo=1", b"rojo=2"], ""),
            (&["rojo=é".as_bytes()], ""),
        ];
        for (states, expected) in cases {
            let expected = Some((PARENT.to_owned(), expected.to_owned()));
            assert_eq!(read(parents, states), expected, "{states:?}");
        }
    }

    #[test]
    fn an_invalid_or_repeated_traceparent_is_ignored_with_its_state() {
        for parents in [
            &[][..],
            &[&b"00-00000000000000000000000000000000-00f067aa0ba902b7-01"[..]][..],
            &["é".as_bytes()][..],
            &[PARENT.as_bytes(), PARENT.as_bytes()][..],
        ] {
            assert_eq!(read(parents, &[b"rojo=1"]), None, "{parents:?}");
        }
    }
}
