//! Name resolution.

use std::io;
use std::net::IpAddr;

use async_trait::async_trait;
use engage_outbound::DnsResolver;

/// A source of IP addresses for host names.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// Returns the addresses of a host. Fails if it has none, or if they cannot be determined now.
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

#[async_trait]
impl Resolver for DnsResolver {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(self.addresses(name).await?)
    }
}
