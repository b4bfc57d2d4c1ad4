//! Tells the dispatchers of other processes that messages wait, so that they need not look.
//!
//! Nothing depends on it: a dispatcher that hears nothing finds the messages when it looks.

mod announce;
mod listen;

pub(crate) use announce::OutboxNotifier;
pub use listen::OutboxListener;

/// Tells everybody who listens.
const NOTIFY: &str = "NOTIFY engage_outbox";

/// Asks to be told.
const LISTEN: &str = "LISTEN engage_outbox";
