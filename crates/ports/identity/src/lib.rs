#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod error;
mod verifier;

/// The attribute that an implementation of a port needs.
pub use async_trait::async_trait;
pub use error::VerifierError;
pub use verifier::{Bearer, Credential, CredentialVerifier, Identity, MemberName};

#[cfg(feature = "mock")]
pub use verifier::MockCredentialVerifier;

/// The library of the mocks, in the version that they are made with.
#[cfg(feature = "mock")]
pub use mockall;
