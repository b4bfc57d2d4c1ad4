//! Test utilities: contract suites for the adapters of ports, builders, a manual clock and
//! predictable IDs.
#![warn(missing_docs)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc)]

pub mod builders;
mod clock;
pub mod contract;
#[cfg(feature = "identity-provider")]
pub mod identity_provider;
mod ids;
#[cfg(feature = "postgres")]
pub mod postgres;

pub use clock::ManualClock;
pub use ids::SequentialIds;
