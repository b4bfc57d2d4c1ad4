//! Middleware between the network and the handlers: rate limits, allowed origins and security
//! headers.

mod address;
mod allowed_origins;
mod connections;
mod cross_origin;
mod exchange;
mod files;
mod headers;
mod limits;
mod network_settings;
mod quotas;
mod rate_limits;
mod shared;

pub use address::TrustedProxies;
pub use allowed_origins::{AllowedOrigins, Origin, OriginError, Origins};
pub use network_settings::NetworkSettings;
pub use rate_limits::RateLimits;
pub use shared::{CountKey, SharedCounts};

pub(crate) use connections::{Connections, discard_excess_connections};
pub(crate) use cross_origin::{cors, not_allowed, reject_foreign_pages};
pub(crate) use exchange::exchange;
pub(crate) use files::FileAllowance;
pub(crate) use headers::{hide_documentation, secure};
pub(crate) use limits::{Limiter, limit, take_for_token};
pub(crate) use quotas::{QuotaExceeded, RemainingQuota};
