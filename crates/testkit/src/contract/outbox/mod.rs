//! [`OutboxRepository`](engage_repository::OutboxRepository).

mod claiming;
mod completing;

pub use claiming::*;
pub use completing::*;
