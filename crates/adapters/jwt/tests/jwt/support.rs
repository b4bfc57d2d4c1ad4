//! An ordinary token and its verifier.

use engage_domain::Timestamp;
use engage_identity::{Bearer, CredentialVerifier};
use engage_jwt::{DnsResolver, JwtSettings, JwtVerifier, KeySource};
use engage_testkit::identity_provider::key_set;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

pub(crate) const ISSUER: &str = "https://login.example/";
pub(crate) const AUDIENCE: &str = "engage";

/// Time at which every token is presented: 2025-01-27T10:00:00Z.
pub(crate) const NOW: i64 = 1_737_972_000;

pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(NOW * 1000)
}

/// Returns the claims of an ordinary token.
pub(crate) fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "jane", "iat": NOW, "nbf": NOW, "exp": NOW + 600,
        "email": "jane@desk.example", "email_verified": true, "role": "SUPERVISOR",
    })
}

/// Returns [`claims`] with one claim replaced, or removed if the value is null.
pub(crate) fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    let object = claims.as_object_mut().unwrap();
    if value.is_null() {
        object.remove(name)
    } else {
        object.insert(name.to_owned(), value)
    };
    claims
}

/// Writes these keys to a file.
pub(crate) fn key_file(keys: &[Value]) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), key_set(keys)).unwrap();
    file
}

pub(crate) fn settings(keys: KeySource) -> JwtSettings {
    JwtSettings {
        issuer: ISSUER.to_owned(),
        audiences: vec!["other".to_owned(), AUDIENCE.to_owned()],
        keys,
        staff_claim: "sub".to_owned(),
        trusts_addresses: false,
        role_claim: None,
        token_type: None,
        longest_life: None,
    }
}

/// Builds a verifier that knows these keys.
pub(crate) fn verifier(keys: &[Value]) -> JwtVerifier {
    let file = key_file(keys);
    JwtVerifier::new(settings(KeySource::File(file.path().to_owned())), &DnsResolver::system())
        .unwrap()
}

pub(crate) async fn verify(verifier: &JwtVerifier, token: &str) -> Option<Bearer> {
    verifier.verify(token, now()).await.expect("keys are available")
}

pub(crate) async fn is_taken(verifier: &JwtVerifier, token: &str) -> bool {
    verify(verifier, token).await.is_some()
}
