//! Trial deliveries of a stopped channel.

use std::time::Duration;

/// Interval at which one notification of a stopped channel may be claimed, as a trial delivery. The
/// first is due this long after the stop.
///
/// A delivery a minute costs a failing provider nothing, and a channel that works again is not left
/// stopped for longer than that.
pub const TRIAL_DELIVERY_INTERVAL: Duration = Duration::from_secs(60);
