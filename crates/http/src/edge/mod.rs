//! Between the network and the handlers: who may ask how often, from which pages, and what every
//! answer tells a browser.

mod address;
mod headers;
mod limits;
mod origins;

pub use address::TrustedProxies;
pub use limits::RateLimits;
pub use origins::{AllowedOrigins, OriginError};

pub(crate) use headers::secure;
pub(crate) use limits::{Left, Limiter, UsedUp, limit, take_for_token};
pub(crate) use origins::cors;

/// How the API meets the network.
#[derive(Debug, Clone, Default)]
pub struct Edge {
    /// The proxies whose word on a client's address is believed.
    pub proxies: TrustedProxies,
    /// How often anybody may ask; without these, as often as they like.
    pub limits: Option<RateLimits>,
    /// The pages that may call the customer endpoints from a browser.
    pub origins: AllowedOrigins,
    /// Whether clients reach the service by HTTPS only, which browsers are then told to keep to.
    pub is_https: bool,
}
