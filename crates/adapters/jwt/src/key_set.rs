//! Keys that a provider publishes (RFC 7517).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

/// Minimum length of an RSA modulus in bytes (RFC 7518, section 3.3).
const SHORTEST_MODULUS: usize = 2048 / 8;

/// Error returned when a key set cannot be used.
#[derive(Debug, Error)]
pub enum KeySetError {
    /// The text is not a JSON Web Key Set.
    #[error("it is not a JSON Web Key Set")]
    Malformed(#[from] serde_json::Error),
    /// The set has no usable key.
    #[error("it has no public key for RS256 (2048 bits or more), ES256 or EdDSA (Ed25519)")]
    NoUsableKey,
}

/// A key for verifying signatures.
#[derive(Clone)]
pub(crate) struct VerificationKey {
    pub(crate) id: Option<String>,
    /// The only signature algorithm that the key is used with.
    pub(crate) algorithm: Algorithm,
    pub(crate) key: DecodingKey,
}

/// All usable keys of a provider.
#[derive(Clone)]
pub(crate) struct KeySet(Vec<VerificationKey>);

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// Parses a JSON Web Key Set. Keys of other types or for other purposes are ignored.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, KeySetError> {
        let document: Document = serde_json::from_slice(text)?;
        let keys: Vec<_> = document.keys.into_iter().filter_map(usable).collect();
        if keys.is_empty() { Err(KeySetError::NoUsableKey) } else { Ok(Self(keys)) }
    }

    /// Returns the key for a token's signature. A token without a key ID matches only if there is
    /// exactly one key for its algorithm.
    pub(crate) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<&VerificationKey> {
        let mut fitting = self.0.iter().filter(|key| {
            key.algorithm == algorithm && id.is_none_or(|id| key.id.as_deref() == Some(id))
        });
        let found = fitting.next()?;
        // Two keys with the same ID would be the provider's mistake. Without an ID, either could be
        // meant.
        (id.is_some() || fitting.next().is_none()).then_some(found)
    }
}

fn usable(value: Value) -> Option<VerificationKey> {
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    let is_for_signatures = jwk.purpose.as_deref().is_none_or(|purpose| purpose == "sig")
        && jwk.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
    let (algorithm, key) = public_key(&jwk)?;
    let is_for_algorithm = jwk.alg.as_deref().is_none_or(|name| name == name_of(algorithm));
    (is_for_signatures && is_for_algorithm).then_some(VerificationKey {
        id: jwk.kid,
        algorithm,
        key,
    })
}

/// Returns the key with the algorithm for its type. Symmetric keys are rejected.
fn public_key(jwk: &Jwk) -> Option<(Algorithm, DecodingKey)> {
    match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", _) => {
            let (modulus, exponent) = (bytes(jwk.n.as_deref())?, bytes(jwk.e.as_deref())?);
            let is_long_enough = modulus.len() >= SHORTEST_MODULUS;
            let key = || DecodingKey::from_rsa_raw_components(&modulus, &exponent);
            is_long_enough.then(|| (Algorithm::RS256, key()))
        }
        ("EC", Some("P-256")) => {
            let (x, y) = (bytes(jwk.x.as_deref())?, bytes(jwk.y.as_deref())?);
            // An uncompressed point (SEC 1, section 2.3.3).
            let point = [&[4], &x[..], &y[..]].concat();
            let is_point = x.len() == 32 && y.len() == 32;
            is_point.then(|| (Algorithm::ES256, DecodingKey::from_ec_der(&point)))
        }
        ("OKP", Some("Ed25519")) => {
            let x = bytes(jwk.x.as_deref())?;
            (x.len() == 32).then(|| (Algorithm::EdDSA, DecodingKey::from_ed_der(&x)))
        }
        _ => None,
    }
}

fn bytes(text: Option<&str>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?.trim_end_matches('=')).ok()
}

fn name_of(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::RS256 => "RS256",
        Algorithm::ES256 => "ES256",
        Algorithm::EdDSA => "EdDSA",
        // No key is used with any other algorithm.
        _ => "",
    }
}
