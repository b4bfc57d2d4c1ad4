//! What the server answered, and what every answer has in common.

use jiff::Timestamp;
use reqwest::RequestBuilder;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;

use super::{Exchange, send};

#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The body; null where it is no JSON.
    pub(crate) body: Value,
}

impl From<Exchange> for Response {
    fn from(exchange: Exchange) -> Self {
        Self { status: exchange.status, body: exchange.json(), headers: exchange.headers }
    }
}

impl Response {
    /// Sends a request, whose answer has to be as the API's description says.
    pub(crate) async fn to(request: RequestBuilder) -> Self {
        Self::from(send(request).await)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body of a success.
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        assert_eq!(self.body["success"], true, "{self:?}");
        assert!(self.header("x-request-id").is_some_and(|id| !id.is_empty()), "{self:?}");
        self.body
    }

    /// Checks that this is an error in the one shape that errors have.
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

    /// The details of an error with this status and code.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> Value {
        self.assert_is_error();
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{self:?}");
        self.body["details"].clone()
    }

    /// The fields that a validation error names, in order.
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

/// The keys of an object, sorted.
#[track_caller]
pub(crate) fn keys(object: &Value) -> Vec<&str> {
    let Some(object) = object.as_object() else { panic!("no object: {object}") };
    let mut keys: Vec<&str> = object.keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// An instant as the API writes it: RFC 3339, UTC with a `Z`, always three digits of a second.
#[track_caller]
pub(crate) fn timestamp(value: &Value) -> Timestamp {
    let Some(text) = value.as_str() else { panic!("no timestamp: {value}") };
    assert!(text.ends_with('Z') && text.as_bytes()[10] == b'T', "{text}");
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction.trim_end_matches('Z'));
    assert_eq!(fraction.len(), 3, "{text}");
    text.parse().unwrap()
}
