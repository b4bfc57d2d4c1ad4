//! What addresses a name stands for.

use std::io;
use std::net::IpAddr;

use async_trait::async_trait;

/// Knows the addresses of hosts.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// The addresses of a host; fails where there is none, or where that cannot be told now.
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// Asks the operating system, and so its files and its name servers.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let addresses = tokio::net::lookup_host((name, 0)).await?;
        Ok(addresses.map(|address| address.ip()).collect())
    }
}
