//! Tests of [`OutboxRepository`](engage_repository::OutboxRepository).

mod address_limits;
mod attempts;
mod budgets;
mod channels;
mod claiming;
mod completing;
mod ordering;
mod participants;
mod refusals;

pub use address_limits::*;
pub use attempts::*;
pub use budgets::*;
pub use channels::*;
pub use claiming::*;
pub use completing::*;
pub use ordering::*;
pub use participants::*;
pub use refusals::*;
