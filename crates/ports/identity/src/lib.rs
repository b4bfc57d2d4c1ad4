#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod error;
mod verifier;

pub use error::VerifierError;
pub use verifier::{Bearer, Credential, CredentialVerifier, Identity, MemberName};

#[cfg(feature = "mock")]
pub use verifier::MockCredentialVerifier;
