//! The port through which the application authenticates staff. It covers tokens issued by Engage
//! and JSON Web Tokens signed by an identity provider.
//!
//! The `mock` feature adds a mockall mock of the port.
#![warn(missing_docs)]

mod error;
mod verifier;

pub use error::VerifierError;
pub use verifier::{Bearer, Credential, CredentialVerifier, Identity, MemberName};

#[cfg(feature = "mock")]
pub use verifier::MockCredentialVerifier;
