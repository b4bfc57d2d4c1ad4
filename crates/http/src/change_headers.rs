//! What a request makes its change depend on: `If-Match` and `Idempotency-Key`.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use engage_application::{AccessToken, AuthenticatedStaff, ChangeOptions, IdempotentRequest};
use engage_domain::{CaseNumber, EmailAddress, StaffId, Version};
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

/// The header of requests that take effect once.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code)] // The description of what `ChangeHeaders` reads.
pub(crate) struct IdempotencyKeyHeader {
    /// 1 to 255 visible ASCII characters that name this request among the caller's: a new random UUID
    /// (version 4) for each. A key that others can guess they can take first, and the request is then
    /// refused with `IDEMPOTENCY_KEY_REUSED`. The same key with the same body gets the first answer again for 24 hours, with `Idempotent-Replayed:
    /// true`, and changes nothing.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255, pattern = "^[!-~]+$")]
    idempotency_key: Option<String>,
}

/// The headers of requests that change a case.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code)] // The description of what `ChangeHeaders` reads.
pub(crate) struct ChangeParameters {
    /// 1 to 255 visible ASCII characters that name this request among the caller's. The same key
    /// with the same body gets the first answer again for 24 hours, with `Idempotent-Replayed:
    /// true`, and changes nothing.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255, pattern = "^[!-~]+$")]
    idempotency_key: Option<String>,
    /// The version of the case that is to be changed, as its `ETag` said (`"3"`), also as a weak tag
    /// (`W/"3"`), which proxies that compress make of it; of another version the answer is 412. Left
    /// out, or `*`: whatever version there is.
    #[param(rename = "If-Match", example = "*")]
    if_match: Option<String>,
}

/// Who asks, as far as keys are concerned: each has keys of their own.
pub(crate) enum Caller<'a> {
    /// A member of staff.
    Staff(&'a StaffId),
    /// Who opens a case, by their address.
    Address(&'a EmailAddress),
    /// Who knows a case's number, with the bearer token that they showed: a request without it is not
    /// answered what was answered to one with it.
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

/// What a request makes its change depend on.
pub(crate) struct ChangeHeaders {
    versions: Option<Vec<Version>>,
    key: Option<String>,
    operation: String,
    path: String,
    /// By what and from where the request came.
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
            path: what_it_names(request),
            origin: origin(request),
        }
    }

    /// The conditions of a part of what is asked for, which has a key of its own where the whole has
    /// one. The versions are those of each part.
    pub(crate) fn part(&self, name: &str) -> Self {
        Self {
            versions: self.versions.clone(),
            // No key has a blank, so that no other can be like this one.
            key: self.key.as_ref().map(|key| format!("{key} {name}")),
            operation: self.operation.clone(),
            path: self.path.clone(),
            origin: self.origin.clone(),
        }
    }

    /// Returns the conditions of a change. `T` is the body of the response.
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

    /// Keys belong to an operation and to a caller.
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

/// By what and from where a request asks.
fn origin(request: &HttpRequest) -> EventOrigin {
    let extensions = request.extensions();
    let recognised = extensions.get::<AuthenticatedStaff>();
    EventOrigin {
        credential: recognised.map(|recognised| recognised.credential_id.to_string()),
        address: extensions.get().map(|ClientAddress(address)| *address),
        request_id: current_request_id(),
    }
}

/// What the path names, the same for every spelling of it.
fn what_it_names(request: &HttpRequest) -> String {
    let named = request.match_info().iter().map(|(name, text)| match name {
        "caseNumber" => text.trim().to_ascii_uppercase(),
        _ => text.to_owned(),
    });
    named.collect::<Vec<_>>().join("/")
}

/// The SHA-256 of several texts, each with its length before it, so that none can pass for another.
pub(crate) fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// The header is no list of entity tags.
struct NotTags;

/// The versions that `If-Match` names (RFC 9110, section 13.1.1); none where any will do. Tags that
/// were never ours fit no version. A weak one is as good as a strong one, since a tag is a version
/// and not the octets of an answer: proxies that compress make it weak.
fn if_match(headers: &HeaderMap) -> Result<Option<Vec<Version>>, NotTags> {
    // That there is one is seen to before.
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

/// The header is no key.
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
    fn what_is_no_tag_or_no_key_is_a_problem_of_its_field() {
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
