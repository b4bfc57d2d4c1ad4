//! Signals to the dispatchers of other processes that notifications are pending.
//!
//! Nothing depends on the signal. A dispatcher that receives none finds the notifications when it polls.

mod announce;
mod listen;

pub(crate) use announce::OutboxNotifier;
pub use listen::OutboxListener;

/// Signals every listener.
const NOTIFY: &str = "NOTIFY engage_outbox";

/// Subscribes to the signal.
const LISTEN: &str = "LISTEN engage_outbox";
