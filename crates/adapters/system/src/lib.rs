//! The clock of the machine, and the generator of ids and secrets. No other crate may access them.
#![warn(missing_docs)]

mod clock;
mod ids;

pub use clock::SystemClock;
pub use ids::SystemIds;
