//! Authenticates members of staff by JSON Web Tokens (RFC 7519) signed by an identity provider.
//!
//! [`JwtVerifier`] accepts tokens of one issuer for certain audiences. They must be signed with
//! RS256, ES256 or `EdDSA` (Ed25519), with one of the keys that the provider publishes as a JSON
//! Web Key Set (RFC 7517). The key determines the algorithm, never the token alone, so neither
//! `none` nor an HMAC made with a public key is accepted.
#![warn(missing_docs)]

mod claims;
mod key_set;
mod key_store;
mod settings;
mod source;
mod verifier;

pub use engage_outbound::DnsResolver;
pub use key_set::KeySetError;
pub use settings::JwtSettings;
pub use source::{KeySource, KeySourceError, SetUpError};
pub use verifier::JwtVerifier;
