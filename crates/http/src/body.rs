//! Reading of JSON bodies.

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::BytesMut;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use sha2::{Digest, Sha256};

use crate::body_timeout::{self, TimedBody};
use crate::error::{ApiError, JsonProblem};
use crate::idempotency_key::IDEMPOTENCY_KEY;
use crate::known_fields;

/// Size limit for a JSON body. It fits the longest message in its longest spelling (20,000
/// characters of 12 bytes each, such as `\ud83d\ude00`) with room to spare.
const LIMIT: usize = 512 * 1024;

/// Size limit for a JSON body with files: 1 MiB of files in base64 on top of the text.
pub(crate) const LIMIT_WITH_FILES: usize = 2 * 1024 * 1024;

const ACCEPTS: &[&str] = &["application/json"];

/// A JSON body, parsed into `T`. Fields that `T` does not know are reported as problems of the
/// request.
pub(crate) struct JsonBody<T, const LARGEST: usize = LIMIT>(pub(crate) T, pub(crate) BodyDigest);

/// The SHA-256 of a body, which detects that an idempotency key is reused for a different request.
/// It is the digest of nothing if no key was sent.
#[derive(Clone, Copy)]
pub(crate) struct BodyDigest(pub(crate) [u8; 32]);

impl BodyDigest {
    /// Stands for the body of an operation that takes none.
    pub(crate) const NONE: Self = Self([0; 32]);
}

impl<T: DeserializeOwned + 'static, const LARGEST: usize> FromRequest for JsonBody<T, LARGEST> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = read_json(request, payload, LARGEST, ACCEPTS);
        Box::pin(async move { read.await.map(|(value, digest)| Self(value, digest)) })
    }
}

/// Reads a JSON body of at most `limit` bytes. `accepts` lists the content types of the endpoint.
pub(crate) fn read_json<T: DeserializeOwned>(
    request: &HttpRequest,
    payload: &mut Payload,
    limit: usize,
    accepts: &'static [&'static str],
) -> impl Future<Output = Result<(T, BodyDigest), ApiError>> + use<T> {
    let checked = check_head(request.headers(), limit, accepts, is_json);
    let is_compared = request.headers().contains_key(IDEMPOTENCY_KEY);
    let payload = payload.take();
    async move {
        checked?;
        let body = read_body(payload, limit).await?;
        let compared: &[u8] = if is_compared { &body } else { b"" };
        parse(&body).map(|value| (value, BodyDigest(Sha256::digest(compared).into())))
    }
}

/// Returns the length of the body according to `Content-Length`.
pub(crate) fn announced_length(headers: &HeaderMap) -> u64 {
    let length = headers.get(header::CONTENT_LENGTH);
    length.and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Distinguishes a field that is null from one that is missing.
#[allow(clippy::option_option)]
pub(crate) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

fn is_json(essence: &str) -> bool {
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Checks whether a content type is an accepted one in UTF-8, which is the only encoding of JSON
/// between systems (RFC 8259). `is_accepted` gets the type without parameters, in lower case.
fn is_in_utf_8(value: &str, is_accepted: fn(&str) -> bool) -> bool {
    let mut parts = value.split(';').map(|part| part.trim().to_ascii_lowercase());
    let is_accepted = parts.next().is_some_and(|essence| is_accepted(&essence));
    let is_utf_8 = |parameter: String| {
        let charset = parameter.strip_prefix("charset=").map(|charset| charset.trim_matches('"'));
        charset.is_none_or(|charset| matches!(charset, "utf-8" | "utf8" | "us-ascii"))
    };
    is_accepted && parts.all(is_utf_8)
}

/// Fails if a body is not of an accepted type in UTF-8, if it is compressed, or if it is announced to
/// have more than `limit` bytes. `accepts` lists the accepted types in the error.
pub(crate) fn check_head(
    headers: &HeaderMap,
    limit: usize,
    accepts: &'static [&'static str],
    is_accepted: fn(&str) -> bool,
) -> Result<(), ApiError> {
    // Pages of other sites can send a body without a type, or with some other types, without a
    // preflight request.
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_accepted = kind.is_some_and(|kind| is_in_utf_8(kind, is_accepted));
    let is_plain =
        headers.get(header::CONTENT_ENCODING).is_none_or(|value| value.as_bytes() == b"identity");
    if !is_accepted || !is_plain {
        return Err(ApiError::UnsupportedMediaType { accepts });
    }
    if announced_length(headers) > limit as u64 {
        return Err(ApiError::PayloadTooLarge { limit });
    }
    Ok(())
}

/// Receives a body of at most `limit` bytes.
pub(crate) async fn read_body(payload: Payload, limit: usize) -> Result<BytesMut, ApiError> {
    let mut arrival = TimedBody::new(payload, limit);
    let mut body = BytesMut::new();
    while let Some(chunk) = arrival.next().await {
        let chunk = chunk.map_err(|error| {
            let broken_off = || problem("the body ended too early".to_owned());
            body_timeout::refusal(&error, limit).unwrap_or_else(broken_off)
        })?;
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn problem(message: String) -> ApiError {
    ApiError::MalformedJson(JsonProblem { message, line: 0, column: 0, path: None })
}

/// Parses JSON. Fields that `T` does not know are reported as problems of the request.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    match body.trim_ascii_start().first() {
        None => return Err(problem("the body is empty".to_owned())),
        Some(b'[') => return Err(problem("it is a list, not an object".to_owned())),
        Some(_) => {}
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(&mut json, &mut track);
    let parsed = known_fields::read(tracked).map_err(|error| {
        let path = track.path().to_string();
        let is_known = error.classify() == Category::Data && path != ".";
        located(&error, is_known.then_some(path))
    })?;
    json.end().map_err(|error| located(&error, None))?;
    parsed
}

fn located(error: &serde_json::Error, path: Option<String>) -> ApiError {
    ApiError::MalformedJson(JsonProblem {
        message: error.to_string(),
        line: error.line(),
        column: error.column(),
        path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::FieldProblem;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Sample {
        name: Option<String>,
    }

    fn refusal(body: &[u8]) -> JsonProblem {
        match parse::<Sample>(body) {
            Err(ApiError::MalformedJson(problem)) => problem,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn json_is_in_utf_8() {
        for (value, expected) in [
            ("application/json", true),
            ("Application/Problem+JSON ; x=y", true),
            ("application/json; charset=\"UTF-8\"", true),
            ("application/json;charset=utf-16", false),
            ("application/json; charset=iso-8859-1", false),
            ("text/json", false),
            ("", false),
        ] {
            assert_eq!(is_in_utf_8(value, is_json), expected, "{value}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_ignored() {
        let parsed: Sample = parse(b"\xef\xbb\xbf{\"name\": \"x\"}").unwrap();
        assert_eq!(parsed, Sample { name: Some("x".to_owned()) });
    }

    #[test]
    fn an_unknown_field_is_reported_by_its_name() {
        let refused = parse::<Sample>(b"{\"name\": \"x\", \"Name\": [1]}");
        let Err(ApiError::Validation(problems)) = refused else { panic!() };
        let expected = FieldProblem::new("Name", "is not known; did you mean name?");
        assert_eq!(problems, [expected]);
    }

    #[test]
    fn a_value_of_the_wrong_type_is_located() {
        let problem = refusal(b"{\n \"name\": 5}");
        assert_eq!((problem.line, problem.path.as_deref()), (2, Some("name")));
        assert_eq!(refusal(b"5").path, None);
    }

    #[test]
    fn invalid_json_is_rejected() {
        for body in [
            &b""[..],
            b" \n",
            b"{",
            b"{} {}",
            b"{\"name\": \"\\ud800\"}",
            b"\xff",
            b"nonsense",
            b"{\"name\": \"a\x00b\"}",
            b"[]",
            b" [\"x\"]",
            b"null",
            b"\"x\"",
        ] {
            refusal(body);
        }
    }

    #[test]
    fn deep_nesting_is_skipped_in_unknown_fields_and_rejected_in_known_ones() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let skipped = parse::<Sample>(format!("{{\"more\": {deep}}}").as_bytes());
        assert!(matches!(skipped, Err(ApiError::Validation(_))));
        refusal(format!("{{\"name\": {deep}}}").as_bytes());
    }
}
