//! [`OutboxRepository`](engage_repository::OutboxRepository).

mod address_limits;
mod attempts;
mod channels;
mod claiming;
mod completing;
mod obstacles;
mod ordering;
mod refusals;

pub use address_limits::*;
pub use attempts::*;
pub use channels::*;
pub use claiming::*;
pub use completing::*;
pub use obstacles::*;
pub use ordering::*;
pub use refusals::*;
