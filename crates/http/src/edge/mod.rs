//! Between the network and the handlers: who may ask how often, from which pages, and what every
//! answer tells a browser.

use std::num::NonZeroU32;

mod address;
mod connections;
mod files;
mod headers;
mod limits;
mod origins;
mod quotas;
mod shared;

pub use address::TrustedProxies;
pub use limits::RateLimits;
pub use origins::{AllowedOrigins, Origin, OriginError, Origins};
pub use shared::{CountKey, SharedCounts};

pub(crate) use connections::{Connections, refuse_superfluous};
pub(crate) use files::FileAllowance;
pub(crate) use headers::{hide_documentation, secure};
pub(crate) use limits::{Limiter, limit, take_for_token};
pub(crate) use origins::{cors, not_allowed, refuse_foreign_pages};
pub(crate) use quotas::{Left, UsedUp};
pub(crate) use shared::exchange;

/// How the API meets the network.
#[derive(Debug, Clone, Default)]
pub struct Edge {
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
