//! Custom headers of webhook endpoints.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::stored::FromStored;

/// Maximum length of a name, in bytes.
const LONGEST_NAME: usize = 64;

/// Maximum length of a value, in bytes.
const LONGEST_VALUE: usize = 1_000;

/// Headers that Engage or the connection sets.
const RESERVED: [&str; 15] = [
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
];

/// Prefixes of further reserved names.
const RESERVED_PREFIXES: [&str; 2] = ["proxy-", "webhook-"];

/// Name of a custom header: a token of at most 64 characters (RFC 9110) that is not reserved.
#[derive(Debug, Clone)]
pub struct HeaderName(String);

/// Error returned when a text is not a header name that may be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HeaderNameError {
    /// The name is not a token or is too long.
    #[error("must be a header name of 1 to 64 letters, digits and -, such as X-Api-Key")]
    Malformed,
    /// The header is set by Engage or by the connection.
    #[error("is set by Engage or the connection; choose another name")]
    Reserved,
}

impl HeaderName {
    /// Returns the name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for HeaderName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for HeaderName {}

impl FromStr for HeaderName {
    type Err = HeaderNameError;

    fn from_str(text: &str) -> Result<Self, HeaderNameError> {
        let name = Self::from_stored(text)?;
        let lower = text.to_ascii_lowercase();
        let is_reserved = RESERVED.contains(&lower.as_str())
            || RESERVED_PREFIXES.iter().any(|prefix| lower.starts_with(prefix));
        if is_reserved { Err(HeaderNameError::Reserved) } else { Ok(name) }
    }
}

impl FromStored for HeaderName {
    /// Accepts reserved names as well, because the list may grow after a header was set.
    fn from_stored(text: &str) -> Result<Self, HeaderNameError> {
        let is_token =
            |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        let is_name = (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(is_token);
        if is_name { Ok(Self(text.to_owned())) } else { Err(HeaderNameError::Malformed) }
    }
}

impl fmt::Display for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

crate::wire::try_from_text!(HeaderName);
crate::wire::serde_as_text!(stored HeaderName);

/// Value of a custom header. It may be a secret and is therefore never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct HeaderValue(String);

/// Error returned when a text is not a valid header value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be a single line of 1 to 1000 ASCII characters")]
pub struct HeaderValueError;

impl HeaderValue {
    /// Returns the value. Only code that sends the header should call this.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for HeaderValue {
    type Err = HeaderValueError;

    fn from_str(text: &str) -> Result<Self, HeaderValueError> {
        let text = text.trim_matches([' ', '\t']);
        let is_visible = |byte: u8| byte.is_ascii_graphic() || byte == b' ' || byte == b'\t';
        let is_fine = (1..=LONGEST_VALUE).contains(&text.len()) && text.bytes().all(is_visible);
        if is_fine { Ok(Self(text.to_owned())) } else { Err(HeaderValueError) }
    }
}

impl FromStored for HeaderValue {}

crate::wire::try_from_text!(HeaderValue);

impl fmt::Debug for HeaderValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HeaderValue(..)")
    }
}

/// Custom headers of an endpoint: at most 20, with unique names regardless of case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WebhookHeaders(Vec<(HeaderName, HeaderValue)>);

/// Error returned when an endpoint already has the maximum number of headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be at most {} headers", WebhookHeaders::MOST)]
pub struct TooManyHeaders;

impl WebhookHeaders {
    /// Maximum number of headers. Each one makes the head of every request larger, and receivers
    /// limit its size.
    pub const MOST: usize = 20;

    /// Sets a header. A header with the same name is replaced.
    pub fn set(&mut self, name: HeaderName, value: HeaderValue) -> Result<(), TooManyHeaders> {
        self.remove(&name);
        if self.0.len() == Self::MOST {
            return Err(TooManyHeaders);
        }
        self.0.push((name, value));
        Ok(())
    }

    /// Removes a header if it is set.
    pub fn remove(&mut self, name: &HeaderName) {
        self.0.retain(|(other, _)| other != name);
    }

    /// Returns the headers in the order in which they were set.
    pub fn iter(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.0.iter().map(|(name, value)| (name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Result<HeaderName, HeaderNameError> {
        text.parse()
    }

    fn value(text: &str) -> HeaderValue {
        text.parse().unwrap()
    }

    #[test]
    fn a_name_is_a_token_that_is_not_reserved() {
        for text in ["Authorization", "X-Api-Key", "x_y.z~1", &"a".repeat(64)] {
            assert_eq!(name(text).unwrap().as_str(), text);
        }
        for text in ["", " ", "X Y", "X:Y", "X-Ключ", "X\r\nY", "X\0", &"a".repeat(65)] {
            assert_eq!(name(text), Err(HeaderNameError::Malformed), "{text:?}");
        }
        for text in [
            "Host",
            "content-LENGTH",
            "Webhook-Signature",
            "WEBHOOK-x",
            "Proxy-Authorization",
            "Traceparent",
        ] {
            assert_eq!(name(text), Err(HeaderNameError::Reserved), "{text}");
        }
    }

    #[test]
    fn a_value_is_one_line_of_ascii_that_is_never_shown() {
        for (text, kept) in [("Bearer a b\tc", "Bearer a b\tc"), (" \tx ", "x"), ("\"\\", "\"\\")] {
            assert_eq!(value(text).expose(), kept);
        }
        for text in ["", "  ", "a\nb", "a\rb", "a\0", "Größe", "\u{7f}", &"a".repeat(1_001)] {
            assert_eq!(text.parse::<HeaderValue>(), Err(HeaderValueError), "{text:?}");
        }
        assert!(!format!("{:?}", value("geheim")).contains("geheim"));
    }

    #[test]
    fn setting_a_header_replaces_one_of_the_same_name_in_any_case() {
        let mut headers = WebhookHeaders::default();
        headers.set(name("X-A").unwrap(), value("1")).unwrap();
        headers.set(name("X-B").unwrap(), value("2")).unwrap();
        headers.set(name("x-a").unwrap(), value("3")).unwrap();
        let all: Vec<_> = headers.iter().map(|(n, v)| (n.as_str(), v.expose())).collect();
        assert_eq!(all, [("X-B", "2"), ("x-a", "3")]);
        headers.remove(&name("x-b").unwrap());
        headers.remove(&name("x-b").unwrap());
        assert_eq!(headers.iter().count(), 1);
    }

    #[test]
    fn the_number_of_headers_is_limited() {
        let mut headers = WebhookHeaders::default();
        for n in 0..WebhookHeaders::MOST {
            headers.set(name(&format!("X-{n}")).unwrap(), value("1")).unwrap();
        }
        assert_eq!(headers.set(name("X-more").unwrap(), value("1")), Err(TooManyHeaders));
        headers.set(name("x-7").unwrap(), value("2")).unwrap();
    }
}
