//! What the application asks of those who tell whom a credential stands for: one port for the tokens
//! that Engage makes itself and for those that an identity provider signs.
//!
//! With the feature `mock`, the port has a mock made by mockall.
#![warn(missing_docs)]

mod error;
mod verifier;

pub use error::VerifierError;
pub use verifier::{Bearer, Credential, CredentialVerifier, Identity, MemberName};

#[cfg(feature = "mock")]
pub use verifier::MockCredentialVerifier;
