use std::num::NonZeroU32;

use super::address::TrustedProxies;
use super::allowed_origins::Origins;
use super::rate_limits::RateLimits;

/// Network settings of the API.
#[derive(Debug, Clone, Default)]
pub struct NetworkSettings {
    /// Proxies whose `X-Forwarded-For` is trusted.
    pub proxies: TrustedProxies,
    /// Rate limits. `None` means no limits.
    pub limits: Option<RateLimits>,
    /// Maximum number of connections per address, trusted proxies excepted. `None` means no limit.
    pub connections: Option<NonZeroU32>,
    /// Origins of pages that may call the API from a browser.
    pub origins: Origins,
    /// True if the API's description and the program's version are public.
    pub documentation: bool,
    /// True if clients reach the service by HTTPS only. Browsers are then told to use nothing else.
    pub is_https: bool,
}
