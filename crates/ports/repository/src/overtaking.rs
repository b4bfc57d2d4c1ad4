//! When a notification may overtake an earlier one.

/// Number of failures after which a notification no longer delays those of later events of its case
/// to the same address. That takes less than an hour with every retry schedule: order is worth this
/// delay, but not the days until the notification is given up.
pub const FAILURES_BEFORE_OVERTAKING: u32 = 4;
