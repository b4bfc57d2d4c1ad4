//! Recognises members of staff by JSON Web Tokens (RFC 7519) that an identity provider signed.
//!
//! [`JwtVerifier`] takes tokens of one issuer for certain audiences, signed by RS256, ES256 or `EdDSA`
//! (Ed25519) with one of the keys that the provider publishes as a JSON Web Key Set (RFC 7517).
//! Which algorithm a signature has to be of is said by the key and never by the token alone, so that
//! neither `none` nor an HMAC made with a public key is taken for one.
#![warn(missing_docs)]

mod claims;
mod key_set;
mod key_store;
mod settings;
mod source;
mod verifier;

pub use key_set::KeySetError;
pub use settings::JwtSettings;
pub use source::{KeySource, KeySourceError, SetUpError};
pub use verifier::JwtVerifier;
