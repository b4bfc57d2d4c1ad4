use std::num::NonZeroU32;

use super::shared::SharedCounts;

/// Rate limits, per minute unless the field says per hour. All of a limit may be used at once. It
/// refills evenly over the period.
#[derive(Debug, Clone)]
pub struct RateLimits {
    /// New cases per client address.
    pub creations: NonZeroU32,
    /// Other requests to the customer endpoints per client address.
    pub customer_calls: NonZeroU32,
    /// Requests to the staff endpoints per token.
    pub staff_calls: NonZeroU32,
    /// Requests to the staff endpoints and the metrics with an invalid token, per client address.
    pub failed_tokens: NonZeroU32,
    /// KiB of files that unauthenticated clients upload per hour and client address.
    pub file_kibibytes: NonZeroU32,
    /// Factor by which the quota of one IPv6 site (a /48) exceeds that of an address.
    pub site_factor: NonZeroU32,
    /// Counts shared with other servers on the same database. `None` if there is only one server.
    pub shared: Option<SharedCounts>,
}
