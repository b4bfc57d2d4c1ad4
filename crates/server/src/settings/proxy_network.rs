//! Networks whose proxies are trusted, and how large they may be.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use thiserror::Error;

/// Network of a proxy that is trusted to report client addresses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProxyNetwork(pub(crate) IpNet);

#[derive(Debug, Error)]
pub(crate) enum ProxyNetworkError {
    #[error("must be networks such as 10.0.0.0/8, or addresses")]
    Malformed,
    #[error(
        "must be the networks of your proxies, at most /8 of IPv4 or /7 of IPv6: every host in \
         them can forge client addresses"
    )]
    TooWide,
}

impl FromStr for ProxyNetwork {
    type Err = ProxyNetworkError;

    fn from_str(text: &str) -> Result<Self, ProxyNetworkError> {
        let network = text.parse().ok();
        let network = network.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        let network = network.ok_or(ProxyNetworkError::Malformed)?;
        let widest = if matches!(network, IpNet::V4(_)) { 8 } else { 7 };
        if network.prefix_len() < widest {
            return Err(ProxyNetworkError::TooWide);
        }
        Ok(Self(network))
    }
}
