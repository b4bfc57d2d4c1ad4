use std::time::Duration;

use super::sending_limits::SendingLimits;

/// Settings of a dispatcher that apply to all channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DispatcherSettings {
    /// Interval at which the outbox is polled without a signal.
    pub poll: Duration,
    /// Time limit for deliveries in progress after a request to stop.
    pub drain: Duration,
    /// Limits on notifications caused by customers.
    pub limits: SendingLimits,
}

impl Default for DispatcherSettings {
    fn default() -> Self {
        Self {
            poll: Duration::from_secs(1),
            drain: Duration::from_secs(25),
            limits: SendingLimits::default(),
        }
    }
}
