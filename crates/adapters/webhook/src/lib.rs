//! Delivers Engage's events to other systems.
//!
//! [`WebhookLog`] writes to the log what would be sent where. A [`Guard`] keeps endpoints from being
//! inside the network.
#![warn(missing_docs)]

mod address;
mod guard;
mod log;
mod resolver;

pub use guard::{Blocked, Guard, GuardError};
pub use log::WebhookLog;
pub use resolver::{Resolver, SystemResolver};
