//! Prevents webhook deliveries to hosts inside the network.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use engage_domain::webhook::WebhookUrl;
use thiserror::Error;
use tokio::time::timeout;
use url::{Host, Url};

use crate::address::is_public;
use crate::resolver::Resolver;

/// Time limit for resolving a name.
const RESOLVING_TAKES_AT_MOST: Duration = Duration::from_secs(5);

/// Top-level names that are only meaningful inside a network: RFC 6761, RFC 6762, and ICANN's
/// resolution 2024.07.29.06 on `.internal`.
const LOCAL_NAMES: [&str; 3] = ["localhost", "local", "internal"];

/// Reason for not calling a URL, worded to follow the name of the URL's field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Blocked {
    /// The host is neither a name nor an address, or the port is not a number.
    #[error("must be a URL such as https://example.com/hooks")]
    Malformed,
    /// The connection would not be encrypted.
    #[error("must begin with https://")]
    NotHttps,
    /// The URL contains a user name or a password, which everyone with access to the URL would see.
    #[error("must not contain a user name or a password")]
    Credentials,
    /// The host is not on the public internet.
    #[error("must be on the public internet, not on a private or reserved address")]
    NotPublic,
}

/// Error returned when a URL is blocked or cannot be checked.
#[derive(Debug, Error)]
pub enum GuardError {
    /// The URL is blocked.
    #[error(transparent)]
    Blocked(#[from] Blocked),
    /// The host's addresses cannot be determined: it does not exist, or no name server responds.
    #[error("names a host that cannot be found; check the spelling")]
    Unresolved(#[source] io::Error),
}

/// Decides which URLs may be called.
///
/// Anyone who registers an endpoint chooses a host that Engage connects to from inside its network.
/// Only `https` URLs of hosts with public addresses are therefore allowed, unless private networks
/// are allowed. URLs with a user name or a password are always rejected.
///
/// ```
/// use engage_webhook::{Blocked, DnsResolver, Guard};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let guard = Guard::new(false, DnsResolver::system());
/// assert_eq!(guard.check(&"https://example.com/hooks".parse()?), Ok(()));
/// assert_eq!(guard.check(&"http://example.com/hooks".parse()?), Err(Blocked::NotHttps));
/// for inside in ["https://10.0.0.1/", "https://0x7f.1/", "https://db.internal/"] {
///     assert_eq!(guard.check(&inside.parse()?), Err(Blocked::NotPublic), "{inside}");
/// }
/// // For development, Engage may call its own machine.
/// let at_home = Guard::new(true, DnsResolver::system());
/// assert!(at_home.check_resolved(&"http://127.0.0.1:8080/".parse()?).await.is_ok());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Guard {
    allow_private_networks: bool,
    /// True if names are resolved by a proxy, which may know names that this machine does not.
    is_behind_proxy: bool,
    resolver: Arc<dyn Resolver>,
}

impl Guard {
    /// Creates a guard that resolves names by this resolver. It allows `https` URLs with public
    /// addresses. With `allow_private_networks`, which is for development, it allows any address,
    /// and `http` too.
    pub fn new(allow_private_networks: bool, resolver: impl Resolver + 'static) -> Self {
        Self { allow_private_networks, is_behind_proxy: false, resolver: Arc::new(resolver) }
    }

    /// Returns the guard for calls through a proxy. Private addresses and local names in a URL are
    /// still blocked. All other names are resolved by the proxy, so the proxy has to keep them out
    /// of the network.
    #[must_use]
    pub fn behind_proxy(self) -> Self {
        Self { is_behind_proxy: true, ..self }
    }

    /// Checks whether private networks are allowed.
    pub fn allows_private_networks(&self) -> bool {
        self.allow_private_networks
    }

    /// Checks the URL itself without resolving its host name.
    pub fn check(&self, url: &WebhookUrl) -> Result<(), Blocked> {
        self.parse(url).map(drop)
    }

    /// Checks the URL and resolves its host name. The result holds for now only, so each delivery
    /// checks again. Takes at most 5 s. No name is resolved if private networks are allowed or a
    /// proxy is used.
    pub async fn check_resolved(&self, url: &WebhookUrl) -> Result<(), GuardError> {
        let url = self.parse(url)?;
        match url.host() {
            Some(Host::Domain(name)) if !self.allow_private_networks && !self.is_behind_proxy => {
                self.resolve(name).await.map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Parses a URL if it may be called. The host is checked as the HTTP client will interpret it,
    /// so unusual spellings of addresses, such as `0x7f.1`, are recognized.
    pub(crate) fn parse(&self, url: &WebhookUrl) -> Result<Url, Blocked> {
        let url = Url::parse(url.as_str()).map_err(|_| Blocked::Malformed)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Blocked::Credentials);
        }
        if self.allow_private_networks {
            return Ok(url);
        }
        if url.scheme() != "https" {
            return Err(Blocked::NotHttps);
        }
        // The HTTP client does not use a resolver for hosts that are addresses.
        let is_allowed = match url.host() {
            Some(Host::Domain(name)) => !is_local(name),
            Some(Host::Ipv4(address)) => is_public(address.into()),
            Some(Host::Ipv6(address)) => is_public(address.into()),
            None => return Err(Blocked::Malformed),
        };
        if is_allowed { Ok(url) } else { Err(Blocked::NotPublic) }
    }

    /// Returns the addresses that the HTTP client may connect to: those of a host that may be
    /// called, or all of the proxy, which is inside the network.
    pub(crate) async fn resolve(&self, name: &str) -> Result<Vec<IpAddr>, GuardError> {
        let addresses = timeout(RESOLVING_TAKES_AT_MOST, self.resolver.resolve(name)).await;
        let addresses = addresses
            .map_err(|_| GuardError::Unresolved(io::ErrorKind::TimedOut.into()))?
            .map_err(GuardError::Unresolved)?;
        if addresses.is_empty() {
            return Err(GuardError::Unresolved(io::ErrorKind::NotFound.into()));
        }
        if self.allow_private_networks || self.is_behind_proxy {
            return Ok(addresses);
        }
        let allowed: Vec<_> = addresses.into_iter().filter(|address| is_public(*address)).collect();
        if allowed.is_empty() { Err(Blocked::NotPublic.into()) } else { Ok(allowed) }
    }
}

/// Checks whether a lower-case name, as [`Url`] writes it, is for use inside a network.
fn is_local(name: &str) -> bool {
    let last_label = name.trim_end_matches('.').rsplit('.').next();
    last_label.is_some_and(|label| LOCAL_NAMES.contains(&label))
}

#[cfg(test)]
mod tests;
