//! A response of the server, with checks that apply to every response.

use jiff::Timestamp;
use reqwest::RequestBuilder;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;

use super::{Exchange, send};

#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The body, or null if it is not JSON.
    pub(crate) body: Value,
}

impl From<Exchange> for Response {
    fn from(exchange: Exchange) -> Self {
        Self { status: exchange.status, body: exchange.json(), headers: exchange.headers }
    }
}

impl Response {
    /// Sends a request and checks the response against the API's description.
    pub(crate) async fn to(request: RequestBuilder) -> Self {
        Self::from(send(request).await)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Returns the body of a successful response.
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        assert_eq!(self.body["success"], true, "{self:?}");
        assert!(self.header("x-request-id").is_some_and(|id| !id.is_empty()), "{self:?}");
        self.body
    }

    /// Checks that this is an error in the uniform error format.
    pub(crate) fn assert_is_error(&self) {
        assert!((400..600).contains(&self.status), "{self:?}");
        assert_eq!(keys(&self.body), ["code", "details", "error", "success"], "{self:?}");
        assert_eq!(self.body["success"], false, "{self:?}");
        let sentence = self.body["error"].as_str().unwrap();
        assert!(!sentence.trim().is_empty(), "{self:?}");
        for leak in [
            "panicked",
            ".rs:",
            "SELECT ",
            "INSERT ",
            "sqlite",
            "postgres",
            "diesel",
            env!("CARGO_MANIFEST_DIR"),
        ] {
            assert!(!sentence.contains(leak), "{leak} in {self:?}");
        }
        assert!(self.body["details"].is_object(), "{self:?}");
        let content_type = self.headers.get(CONTENT_TYPE).unwrap().to_str().unwrap();
        assert!(content_type.starts_with("application/json"), "{self:?}");
        assert!(self.header("x-request-id").is_some_and(|id| !id.is_empty()), "{self:?}");
    }

    /// Checks that this is an error with this status and code, and returns its details.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> Value {
        self.assert_is_error();
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{self:?}");
        self.body["details"].clone()
    }

    /// Returns the fields in a validation error, in order.
    #[track_caller]
    pub(crate) fn invalid_fields(self) -> Vec<String> {
        let details = self.refused(400, "VALIDATION_ERROR");
        assert_eq!(keys(&details), ["fields"]);
        let fields = details["fields"].as_array().unwrap();
        for field in fields {
            assert!(field["message"].as_str().is_some_and(|m| !m.is_empty()), "{field}");
        }
        fields.iter().map(|field| field["field"].as_str().unwrap().to_owned()).collect()
    }
}

/// Returns the keys of an object, sorted.
#[track_caller]
pub(crate) fn keys(object: &Value) -> Vec<&str> {
    let Some(object) = object.as_object() else { panic!("no object: {object}") };
    let mut keys: Vec<&str> = object.keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// Parses a timestamp in the API's format: RFC 3339 in UTC with a `Z`, always with three fractional
/// digits.
#[track_caller]
pub(crate) fn timestamp(value: &Value) -> Timestamp {
    let Some(text) = value.as_str() else { panic!("no timestamp: {value}") };
    assert!(text.ends_with('Z') && text.as_bytes()[10] == b'T', "{text}");
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction.trim_end_matches('Z'));
    assert_eq!(fraction.len(), 3, "{text}");
    text.parse().unwrap()
}
