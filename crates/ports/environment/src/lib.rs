//! The ports through which the application reads the time and draws ids and secrets.
//!
//! The `mock` feature adds a mockall mock of each port.
#![warn(missing_docs)]

mod clock;
mod id_generator;

pub use clock::Clock;
pub use id_generator::IdGenerator;

#[cfg(feature = "mock")]
pub use {clock::MockClock, id_generator::MockIdGenerator};

/// The library of the mocks, in the version that they are made with.
#[cfg(feature = "mock")]
pub use mockall;
