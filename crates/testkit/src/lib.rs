#![doc = include_str!("../README.md")]
#![warn(missing_docs)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc)]

pub mod builders;
mod clock;
pub mod contract;
#[cfg(feature = "dns")]
pub mod dns;
mod fake_cases;
#[cfg(feature = "identity-provider")]
pub mod identity_provider;
mod ids;
#[cfg(feature = "postgres")]
pub mod postgres;
mod scenario;
#[cfg(feature = "use-cases")]
pub mod use_cases;

pub use clock::ManualClock;
pub use fake_cases::FakeCases;
pub use ids::SequentialIds;
pub use scenario::{Given, Then, given};
