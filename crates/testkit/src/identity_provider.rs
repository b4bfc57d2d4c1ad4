//! An identity provider for tests, with real keys and signed tokens.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// Encodes bytes as base64url without padding, as tokens and keys do.
pub fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Builds a JSON Web Key Set.
pub fn key_set(keys: &[Value]) -> String {
    json!({"keys": keys}).to_string()
}

/// A key of the identity provider.
///
/// ```
/// use engage_testkit::identity_provider::{Signer, key_set};
///
/// let provider = Signer::ed();
/// let keys = key_set(&[provider.jwk("key-1")]); // For the verifier.
/// assert!(keys.contains(r#""kid":"key-1""#));
/// let token = provider.token("key-1", &serde_json::json!({"sub": "staff-123"}));
/// assert_eq!(token.split('.').count(), 3);
/// ```
pub enum Signer {
    /// An RS256 key of 2048 bits.
    Rsa(RsaKeyPair),
    /// An ES256 key.
    Ec(EcdsaKeyPair),
    /// An `EdDSA` key on Ed25519.
    Ed(Ed25519KeyPair),
}

impl Signer {
    /// Generates an RS256 key.
    pub fn rsa() -> Self {
        Self::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    /// Generates an ES256 key.
    pub fn ec() -> Self {
        Self::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    /// Generates an `EdDSA` key.
    pub fn ed() -> Self {
        Self::Ed(Ed25519KeyPair::generate().unwrap())
    }

    /// Returns the name of the algorithm of the key.
    pub fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RS256",
            Self::Ec(_) => "ES256",
            Self::Ed(_) => "EdDSA",
        }
    }

    /// Returns the public key as bytes: DER for RSA, a point for ES256, and the encoding of RFC
    /// 8032 for `EdDSA`.
    pub fn public_key(&self) -> &[u8] {
        match self {
            Self::Rsa(pair) => pair.public_key().as_ref(),
            Self::Ec(pair) => pair.public_key().as_ref(),
            Self::Ed(pair) => pair.public_key().as_ref(),
        }
    }

    /// Returns the public key as a JSON Web Key.
    pub fn jwk(&self, id: &str) -> Value {
        let bytes = self.public_key();
        match self {
            Self::Rsa(_) => {
                // SEQUENCE { INTEGER modulus, INTEGER exponent }, with a modulus of 2048 bits and
                // exponent 65537.
                assert_eq!(
                    (bytes.len(), &bytes[..9]),
                    (270, &[48, 130, 1, 10, 2, 130, 1, 1, 0][..])
                );
                let (n, e) = (base64(&bytes[9..265]), base64(&bytes[267..]));
                json!({"kty": "RSA", "kid": id, "alg": "RS256", "use": "sig", "n": n, "e": e})
            }
            Self::Ec(_) => {
                let (x, y) = (base64(&bytes[1..33]), base64(&bytes[33..]));
                json!({"kty": "EC", "crv": "P-256", "kid": id, "use": "sig", "x": x, "y": y})
            }
            Self::Ed(_) => json!({"kty": "OKP", "crv": "Ed25519", "kid": id, "x": base64(bytes)}),
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
            Self::Ec(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Ed(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// Signs a token with this header and these claims.
    pub fn token_with(&self, header: &Value, claims: &Value) -> String {
        let message = unsigned(header, claims);
        let signature = base64(self.sign(message.as_bytes()));
        format!("{message}.{signature}")
    }

    /// Signs a token as the provider issues it.
    pub fn token(&self, id: &str, claims: &Value) -> String {
        self.token_with(&json!({"alg": self.algorithm(), "typ": "JWT", "kid": id}), claims)
    }
}

/// Returns the signing input of a token.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}", base64(header.to_string()), base64(claims.to_string()))
}

/// Builds a token with an HMAC (HS256) of this key, which a verifier of signatures must reject.
pub fn hmac_token(header: &Value, claims: &Value, key: &[u8]) -> String {
    let message = unsigned(header, claims);
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let tag = hmac::sign(&key, message.as_bytes());
    format!("{message}.{}", base64(tag))
}
