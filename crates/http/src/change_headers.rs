//! The headers that make a change conditional: `If-Match` and `Idempotency-Key`.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use engage_application::{
    AccessToken, AuthenticatedStaff, ChangeOptions, ErasureRequestKey, IdempotentRequest,
};
use engage_domain::{CaseNumber, EmailAddress, StaffId, TraceContext, Version};
use engage_repository::{EventOrigin, IdempotencyKey, RequestDigest};
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

use crate::body::BodyDigest;
use crate::change_response::{ChangeBody, render};
use crate::error::ApiError;
use crate::idempotency_key::IDEMPOTENCY_KEY;
use crate::request_context::ClientAddress;
use crate::request_id::current_request_id;
use crate::validation::Validation;

/// Header of requests that take effect once.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code)] // The description of what `ChangeHeaders` reads.
pub(crate) struct IdempotencyKeyHeader {
    /// 1 to 255 visible ASCII characters that identify this request among the caller's requests.
    /// Use a new random UUID (version 4) for each. If another client guesses the key and uses it
    /// first, the request fails with `IDEMPOTENCY_KEY_REUSED`. For 24 hours, repeating the request
    /// with the same key and body returns the first response, with `Idempotent-Replayed: true`, and
    /// changes nothing.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255, pattern = "^[!-~]+$")]
    idempotency_key: Option<String>,
}

/// Header of requests of staff that take effect once, without a version that they could expect.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code)] // The description of what `ChangeHeaders` reads.
pub(crate) struct StaffIdempotencyKey {
    /// 1 to 255 visible ASCII characters that identify this request among the caller's requests.
    /// For 24 hours, repeating the request with the same key and body returns the first response,
    /// with `Idempotent-Replayed: true`, and changes nothing.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255, pattern = "^[!-~]+$")]
    idempotency_key: Option<String>,
}

/// Headers of requests that change a case.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code)] // The description of what `ChangeHeaders` reads.
pub(crate) struct ChangeParameters {
    /// 1 to 255 visible ASCII characters that identify this request among the caller's requests.
    /// For 24 hours, repeating the request with the same key and body returns the first response,
    /// with `Idempotent-Replayed: true`, and changes nothing.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255, pattern = "^[!-~]+$")]
    idempotency_key: Option<String>,
    /// Expected version of the case, as returned in its `ETag` (`"3"`). A weak tag (`W/"3"`), as
    /// sent through compressing proxies, also works. The request fails with 412 if the case has
    /// another version. Omit it or send `*` to accept any version.
    #[param(rename = "If-Match", example = "*")]
    if_match: Option<String>,
}

/// The caller that an idempotency key belongs to.
pub(crate) enum Caller<'a> {
    /// A member of staff.
    Staff(&'a StaffId),
    /// A customer who opens a case, identified by e-mail address.
    Address(&'a EmailAddress),
    /// A customer who knows the number of a case, with the bearer token of the request. A request
    /// without the token does not get the response that was stored for a request with it.
    Case(&'a CaseNumber, Option<&'a AccessToken>),
}

impl Caller<'_> {
    fn name(&self) -> (&'static str, String) {
        match self {
            Self::Staff(id) => ("staff", id.to_string()),
            Self::Address(address) => ("address", address.to_string().to_lowercase()),
            Self::Case(number, bearer) => {
                let bearer = bearer.map_or("", AccessToken::expose);
                ("case", format!("{number} {bearer}"))
            }
        }
    }
}

/// The preconditions and the idempotency key of a request.
pub(crate) struct ChangeHeaders {
    versions: Option<Vec<Version>>,
    key: Option<String>,
    operation: String,
    path: String,
    /// Channel and address that the request came from.
    origin: EventOrigin,
}

impl FromRequest for ChangeHeaders {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut v = Validation::default();
        let change_headers = Self::read(request, &mut v);
        ready(v.note().map(|()| change_headers))
    }
}

impl ChangeHeaders {
    fn read(request: &HttpRequest, v: &mut Validation) -> Self {
        let versions = if_match(request.headers()).unwrap_or_else(|NotTags| {
            v.problem("If-Match", "must be * or the ETag of a case, such as \"3\"");
            None
        });
        let key = idempotency_key(request.headers()).unwrap_or_else(|NotAKey| {
            v.problem("Idempotency-Key", "must be 1 to 255 visible ASCII characters");
            None
        });
        let pattern = request.match_pattern().unwrap_or_default();
        Self {
            versions,
            key,
            operation: format!("{} {pattern}", request.method()),
            path: path_values(request),
            origin: origin(request),
        }
    }

    /// Returns the headers for one part of a bulk request. Each part gets a key derived from the
    /// key of the whole request. The versions in `If-Match` apply to each part.
    pub(crate) fn part(&self, name: &str) -> Self {
        Self {
            versions: self.versions.clone(),
            // A key from a client contains no space, so a derived key cannot equal it.
            key: self.key.as_ref().map(|key| format!("{key} {name}")),
            operation: self.operation.clone(),
            path: self.path.clone(),
            origin: self.origin.clone(),
        }
    }

    /// Returns the options of a change. `T` is the body of the response.
    pub(crate) fn options<T: ChangeBody>(
        &self,
        caller: &Caller<'_>,
        body: BodyDigest,
    ) -> ChangeOptions {
        let idempotency = self.key.as_ref().map(|key| IdempotentRequest {
            key: self.identify(caller, key),
            digest: self.digest(body),
            render: render::<T>,
        });
        let (preconditions, origin) = (self.versions.clone(), self.origin.clone());
        ChangeOptions { preconditions, idempotency, origin }
    }

    /// Returns the options of a change that takes no conditions.
    pub(crate) fn unconditional(&self) -> ChangeOptions {
        ChangeOptions { origin: self.origin.clone(), ..ChangeOptions::default() }
    }

    /// Returns the key of a request for the erasure of a person, if it has one. Its digest covers the
    /// key as well, since the request has nothing but an address, which could be guessed.
    pub(crate) fn erasure_key(
        &self,
        caller: &Caller<'_>,
        BodyDigest(body): BodyDigest,
    ) -> Option<ErasureRequestKey> {
        let key = self.key.as_ref()?;
        let digest = RequestDigest(hash(&[self.path.as_bytes(), &body, key.as_bytes()]));
        Some(ErasureRequestKey { key: self.identify(caller, key), digest })
    }

    /// Derives the stored key from the operation, the caller and the key in the header.
    fn identify(&self, caller: &Caller<'_>, key: &str) -> IdempotencyKey {
        let (kind, name) = caller.name();
        IdempotencyKey(hash(&[
            self.operation.as_bytes(),
            kind.as_bytes(),
            name.as_bytes(),
            key.as_bytes(),
        ]))
    }

    fn digest(&self, BodyDigest(body): BodyDigest) -> RequestDigest {
        RequestDigest(hash(&[self.path.as_bytes(), &body]))
    }
}

/// Returns the channel and address that a request came from.
fn origin(request: &HttpRequest) -> EventOrigin {
    let extensions = request.extensions();
    let authenticated = extensions.get::<AuthenticatedStaff>();
    EventOrigin {
        credential: authenticated.map(|authenticated| authenticated.credential_id.to_string()),
        address: extensions.get().map(|ClientAddress(address)| *address),
        request_id: current_request_id(),
        trace: extensions.get::<TraceContext>().cloned(),
    }
}

/// Returns the values in the path, normalized so that every spelling gives the same text.
fn path_values(request: &HttpRequest) -> String {
    let named = request.match_info().iter().map(|(name, text)| match name {
        "caseNumber" => text.trim().to_ascii_uppercase(),
        _ => text.to_owned(),
    });
    named.collect::<Vec<_>>().join("/")
}

/// Returns the SHA-256 of several texts, each prefixed with its length so that different lists
/// never collide.
pub(crate) fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// Error returned when the header is not a list of entity tags.
struct NotTags;

/// Returns the versions that `If-Match` names (RFC 9110, section 13.1.1), or `None` if any version
/// will do. Tags that this program never issued match no version. Weak tags are accepted because a
/// tag identifies the version of a case, not the bytes of a response, and compressing proxies
/// weaken it.
fn if_match(headers: &HeaderMap) -> Result<Option<Vec<Version>>, NotTags> {
    // Repeated headers are rejected earlier.
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let value = value.to_str().map_err(|_| NotTags)?.trim();
    if value == "*" {
        return Ok(None);
    }
    let mut versions = Vec::new();
    for tag in value.split(',').map(str::trim) {
        let opaque = tag.strip_prefix("W/").unwrap_or(tag);
        let opaque = opaque.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
        let opaque = opaque.filter(|tag| !tag.contains('"')).ok_or(NotTags)?;
        versions.extend(opaque.parse().ok().and_then(Version::new));
    }
    Ok(Some(versions))
}

/// Error returned when the header is not a valid idempotency key.
struct NotAKey;

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, NotAKey> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let key = value.to_str().map_err(|_| NotAKey)?.trim();
    let is_key = (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    if is_key { Ok(Some(key.to_owned())) } else { Err(NotAKey) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn read(headers: &[(&'static str, &'static str)]) -> Result<ChangeHeaders, ApiError> {
        let mut request = TestRequest::default();
        for header in headers {
            request = request.append_header(*header);
        }
        ChangeHeaders::from_request(&request.to_http_request(), &mut Payload::None).into_inner()
    }

    fn versions(value: &'static str) -> Option<Vec<u32>> {
        let change_headers = read(&[("If-Match", value)]).unwrap();
        change_headers.versions.map(|versions| versions.into_iter().map(Version::get).collect())
    }

    #[test]
    fn if_match_names_versions_by_strong_or_weak_tags() {
        assert_eq!(read(&[]).unwrap().versions, None);
        assert_eq!(versions("*"), None);
        assert_eq!(versions("\"3\""), Some(vec![3]));
        assert_eq!(versions("\"3\", \"17\""), Some(vec![3, 17]));
        assert_eq!(versions("W/\"3\""), Some(vec![3]));
        assert_eq!(versions("\"3\", W/\"17\""), Some(vec![3, 17]));
        assert_eq!(versions("\"abc\""), Some(vec![]));
        assert_eq!(versions("\"0\""), Some(vec![]));
    }

    #[test]
    fn an_invalid_tag_or_key_is_a_problem_of_its_header() {
        let long: &'static str = Box::leak("x".repeat(256).into_boxed_str());
        for (name, value) in [
            ("If-Match", "3"),
            ("If-Match", ""),
            ("If-Match", "\"3"),
            ("If-Match", "\"1\",,\"2\""),
            ("Idempotency-Key", ""),
            ("Idempotency-Key", "a b"),
            ("Idempotency-Key", "\u{e9}"),
            ("Idempotency-Key", long),
        ] {
            let Err(ApiError::Validation(problems)) = read(&[(name, value)]) else {
                panic!("{name}: {value}")
            };
            assert_eq!(problems[0].field, name);
        }
        let both = read(&[("If-Match", "3"), ("Idempotency-Key", "a b")]);
        assert!(matches!(both, Err(ApiError::Validation(problems)) if problems.len() == 2));
    }

    #[test]
    fn a_key_belongs_to_its_operation_and_its_caller() {
        let change_headers = |operation: &str| ChangeHeaders {
            versions: None,
            key: None,
            operation: operation.to_owned(),
            path: "/".to_owned(),
            origin: EventOrigin::default(),
        };
        let (ann, ben): (StaffId, StaffId) = ("ann".parse().unwrap(), "ben".parse().unwrap());
        let address = |text: &str| text.parse::<EmailAddress>().unwrap();
        let keys = [
            change_headers("POST /a").identify(&Caller::Staff(&ann), "k"),
            change_headers("POST /a").identify(&Caller::Staff(&ben), "k"),
            change_headers("POST /b").identify(&Caller::Staff(&ann), "k"),
            change_headers("POST /a").identify(&Caller::Staff(&ann), "l"),
            change_headers("POST /a").identify(&Caller::Address(&address("ann@x.example")), "k"),
            change_headers("POST /a")
                .identify(&Caller::Case(&"CW-2025-001".parse().unwrap(), None), "k"),
            change_headers("POST /a").identify(
                &Caller::Case(&"CW-2025-001".parse().unwrap(), Some(&"cat_1".into())),
                "k",
            ),
        ];
        let different: std::collections::HashSet<_> = keys.iter().collect();
        assert_eq!(different.len(), keys.len());
        let spelled =
            change_headers("POST /a").identify(&Caller::Address(&address("ANN@x.Example")), "k");
        assert_eq!(spelled, keys[4]);
    }
}
