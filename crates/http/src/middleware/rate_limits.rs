use std::num::NonZeroU32;

use super::shared::SharedCounts;

/// How much is served in a minute, or in an hour if it says so. All of it may come at once; what was
/// used comes back evenly over that time.
#[derive(Debug, Clone)]
pub struct RateLimits {
    /// New cases, for each client address.
    pub creations: NonZeroU32,
    /// Other calls of the customer endpoints, for each client address.
    pub customer_calls: NonZeroU32,
    /// Calls of the staff endpoints, for each token.
    pub staff_calls: NonZeroU32,
    /// Calls of the staff endpoints and of the metrics with a token that is not valid, for each
    /// client address.
    pub failed_tokens: NonZeroU32,
    /// KiB of files that callers without login send in an hour, for each client address.
    pub file_kibibytes: NonZeroU32,
    /// How many times the quota of an address all addresses of one site of IPv6 (a /48) have.
    pub site_factor: NonZeroU32,
    /// With whom the counts are shared; `None` if no other server works on the same cases.
    pub shared: Option<SharedCounts>,
}
