//! The caller's trace, according to W3C Trace Context (Level 1).

use actix_web::http::header::{HeaderMap, HeaderName};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Length of a `traceparent` of version 00. Later versions start with the same fields.
const LENGTH: usize = 55;

/// Returns the trace id that the caller sent, or `None` unless there is exactly one valid header.
pub(crate) fn trace_id(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(&TRACEPARENT);
    let (value, None) = (values.next()?, values.next()) else { return None };
    trace_id_in(value.to_str().ok()?).map(str::to_owned)
}

fn trace_id_in(value: &str) -> Option<&str> {
    let (own, rest) = value.split_at_checked(LENGTH)?;
    let mut parts = own.split('-');
    let mut hex = |length: usize| {
        let part = parts.next()?;
        let is_hex = part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        (part.len() == length && is_hex).then_some(part)
    };
    let (version, trace, parent, _flags) = (hex(2)?, hex(32)?, hex(16)?, hex(2)?);
    let is_known = match version {
        "00" => rest.is_empty(),
        "ff" => false,
        _ => rest.is_empty() || rest.starts_with('-'),
    };
    let is_set = |id: &str| id.bytes().any(|b| b != b'0');
    (is_known && is_set(trace) && is_set(parent)).then_some(trace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn the_trace_id_is_read_from_current_and_later_versions() {
        for value in [
            format!("00-{TRACE}-00f067aa0ba902b7-01"),
            format!("00-{TRACE}-00f067aa0ba902b7-00"),
            format!("cc-{TRACE}-00f067aa0ba902b7-01"),
            format!("cc-{TRACE}-00f067aa0ba902b7-01-what-comes-later"),
        ] {
            assert_eq!(trace_id_in(&value), Some(TRACE), "{value}");
        }
    }

    #[test]
    fn an_invalid_trace_is_ignored() {
        for value in [
            String::new(),
            TRACE.to_owned(),
            format!("ff-{TRACE}-00f067aa0ba902b7-01"),
            format!("00-{TRACE}-00f067aa0ba902b7-01-more"),
            format!("cc-{TRACE}-00f067aa0ba902b7-01more"),
            format!("00-{}-00f067aa0ba902b7-01", TRACE.to_uppercase()),
            format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            format!("00-{TRACE}-0000000000000000-01"),
            format!("00_{TRACE}_00f067aa0ba902b7_01"),
            format!("0-0{TRACE}-00f067aa0ba902b7-01"),
            format!("00-{}é-00f067aa0ba902b7-01", &TRACE[..30]),
            format!("00-{TRACE}-00f067aa0ba902b7-0\n"),
        ] {
            assert_eq!(trace_id_in(&value), None, "{value}");
        }
    }

    #[test]
    fn repeated_trace_headers_are_ignored() {
        let value = format!("00-{TRACE}-00f067aa0ba902b7-01");
        let mut headers = HeaderMap::new();
        headers.append(TRACEPARENT, HeaderValue::from_str(&value).unwrap());
        assert_eq!(trace_id(&headers).as_deref(), Some(TRACE));
        headers.append(TRACEPARENT, HeaderValue::from_str(&value).unwrap());
        assert_eq!(trace_id(&headers), None);
    }
}
