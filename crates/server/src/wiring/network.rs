use std::net::SocketAddr;
use std::sync::Arc;

use engage_http::{NetworkSettings, Origin, Origins, RateLimits, SharedCounts};

use crate::exposure::is_exposed;
use crate::secret;
use crate::settings::{RateLimiting, Settings};
use crate::storage::Storage;

/// Builds the network settings of a server that listens on an address.
pub(super) fn network_settings(
    settings: &Settings,
    storage: &Storage,
    address: SocketAddr,
) -> anyhow::Result<NetworkSettings> {
    let server = &settings.server;
    let limits = &settings.rate_limit;
    let is_limited = match limits.enabled {
        RateLimiting::Auto => is_exposed(settings, address),
        RateLimiting::On => true,
        RateLimiting::Off => false,
    };
    let shared = match &storage.request_counts {
        Some(counts) if is_limited => {
            let key = secret::count_key(settings)?;
            Some(SharedCounts { counts: Arc::clone(counts), key })
        }
        _ => None,
    };
    let public_url = settings.public_url();
    Ok(NetworkSettings {
        proxies: server.trusted_proxies.iter().map(|network| network.0).collect::<Vec<_>>().into(),
        limits: is_limited.then_some(RateLimits {
            creations: limits.creations,
            customer_calls: limits.customer_calls,
            staff_calls: limits.staff_calls,
            failed_tokens: limits.failed_tokens,
            file_kibibytes: settings.limits.file_kibibytes(),
            site_factor: limits.site_factor,
            shared,
        }),
        origins: Origins {
            customers: server.allowed_origins.iter().cloned().collect(),
            staff: server.staff_origins.iter().cloned().collect(),
            own: Origin::of_url(&public_url),
        },
        connections: is_limited.then_some(settings.limits.connections),
        documentation: server.documentation,
        is_https: public_url.starts_with("https://"),
    })
}
