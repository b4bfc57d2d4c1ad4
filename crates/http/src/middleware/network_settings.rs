use std::num::NonZeroU32;

use super::address::TrustedProxies;
use super::origin::Origins;
use super::rate_limits::RateLimits;

/// How the API meets the network.
#[derive(Debug, Clone, Default)]
pub struct NetworkSettings {
    /// The proxies whose word on a client's address is believed.
    pub proxies: TrustedProxies,
    /// How often anybody may ask; without these, as often as they like.
    pub limits: Option<RateLimits>,
    /// How many connections an address may have that is no proxy; without this, as many as it likes.
    pub connections: Option<NonZeroU32>,
    /// The pages that may call the API from a browser.
    pub origins: Origins,
    /// Whether everybody may read the API's description and the program's version.
    pub documentation: bool,
    /// Whether clients reach the service by HTTPS only, which browsers are then told to keep to.
    pub is_https: bool,
}
