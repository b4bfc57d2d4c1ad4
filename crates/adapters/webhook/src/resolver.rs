//! Name resolution.

use std::io;
use std::net::IpAddr;

use async_trait::async_trait;

/// A source of IP addresses for host names.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// Returns the addresses of a host. Fails if it has none, or if they cannot be determined now.
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// Resolver of the operating system, which uses its files and name servers.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let addresses = tokio::net::lookup_host((name, 0)).await?;
        Ok(addresses.map(|address| address.ip()).collect())
    }
}
