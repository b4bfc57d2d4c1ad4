//! Settings of the network.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use engage_outbound::DnsResolver;
use serde::{Deserialize, Deserializer};
use thiserror::Error;

use super::values::list;

const DNS_PORT: u16 = 53;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NetworkSettings {
    /// Resolves every name that the program connects to.
    #[serde(rename = "dns_servers", deserialize_with = "resolver")]
    pub(crate) resolver: DnsResolver,
}

/// Address of a DNS server, such as `10.0.0.53` or `[fd00::53]:5353`.
struct ServerAddress(SocketAddr);

#[derive(Debug, Error)]
#[error("must be IP addresses such as 10.0.0.53, with a port if it is not 53: 10.0.0.53:5353")]
struct ServerAddressError;

impl FromStr for ServerAddress {
    type Err = ServerAddressError;

    fn from_str(text: &str) -> Result<Self, ServerAddressError> {
        let with_port = text.parse().ok();
        let at_usual_port = || Some(SocketAddr::new(text.parse::<IpAddr>().ok()?, DNS_PORT));
        with_port.or_else(at_usual_port).map(Self).ok_or(ServerAddressError)
    }
}

fn resolver<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DnsResolver, D::Error> {
    let servers: Vec<ServerAddress> = list(deserializer)?;
    let servers: Vec<_> = servers.into_iter().map(|server| server.0).collect();
    Ok(if servers.is_empty() { DnsResolver::system() } else { DnsResolver::with_servers(&servers) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_has_port_53_unless_it_names_another() {
        for (text, address) in [
            ("10.0.0.53", "10.0.0.53:53"),
            ("10.0.0.53:5353", "10.0.0.53:5353"),
            ("fd00::53", "[fd00::53]:53"),
            ("[fd00::53]:5353", "[fd00::53]:5353"),
        ] {
            let parsed: ServerAddress = text.parse().unwrap();
            assert_eq!(parsed.0.to_string(), address);
        }
        for text in ["dns.example", "10.0.0", "10.0.0.53:x", "[fd00::53]"] {
            assert!(text.parse::<ServerAddress>().is_err(), "{text}");
        }
    }
}
