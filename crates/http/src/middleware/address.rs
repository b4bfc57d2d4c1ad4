//! The client address of a request.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Once;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderValue;
use ipnet::IpNet;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Marks a connection through a Unix socket, whose peer has no address.
pub(super) struct LocalPeer;

/// Proxies whose `X-Forwarded-For` is trusted.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl From<Vec<IpNet>> for TrustedProxies {
    fn from(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }
}

impl TrustedProxies {
    pub(crate) fn includes(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Returns the client's address: that of the peer or, if the peer is a trusted proxy, the last
    /// address in `X-Forwarded-For` that is not a trusted proxy. Earlier addresses could be forged
    /// by the client.
    pub(crate) fn client(&self, request: &HttpRequest) -> Option<IpAddr> {
        let peer = peer(request)?;
        if !self.includes(peer) {
            if request.headers().contains_key(FORWARDED_FOR) {
                warn_of_stranger(peer);
            }
            return Some(peer);
        }
        let lists: Vec<&HeaderValue> = request.headers().get_all(FORWARDED_FOR).collect();
        let is_comma = |byte: &u8| *byte == b',';
        let hops = lists.iter().rev().flat_map(|list| list.as_bytes().rsplit(is_comma));
        let mut client = peer;
        for hop in hops {
            // Addresses before an unreadable one cannot be trusted. A client may have sent it, in
            // any bytes.
            let Some(address) = str::from_utf8(hop).ok().and_then(|hop| parse(hop.trim())) else {
                break;
            };
            client = address;
            if !self.includes(address) {
                break;
            }
        }
        Some(client)
    }
}

/// Returns the address of the peer. That of a Unix socket is a process on this machine, so it counts
/// as one at 127.0.0.1.
fn peer(request: &HttpRequest) -> Option<IpAddr> {
    match request.peer_addr() {
        Some(peer) => Some(peer.ip().to_canonical()),
        None => request.conn_data::<LocalPeer>().map(|_| Ipv4Addr::LOCALHOST.into()),
    }
}

/// Warns once about `X-Forwarded-For` from an untrusted peer: a proxy missing in the settings, or a
/// client that forges it.
fn warn_of_stranger(peer: IpAddr) {
    static WARNED: Once = Once::new();
    WARNED.call_once(|| {
        tracing::warn!(
            "ignoring X-Forwarded-For in a request from {peer}, which is not among \
                server.trusted_proxies; if it is your proxy, add it there: until then all its \
             clients share the limits of one address"
        );
    });
}

/// Parses an address. Some proxies append the port.
fn parse(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.split(']').next()).unwrap_or(text);
    let address = bare
        .parse()
        .ok()
        .or_else(|| text.parse::<std::net::SocketAddr>().ok().map(|address| address.ip()))?;
    Some(IpAddr::to_canonical(&address))
}

/// Returns the IPv6 network of at most one site (a /48), which contains 65,536 client networks.
/// Returns `None` for IPv4.
pub(super) fn site_of(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(_) => None,
        IpAddr::V6(address) => {
            Some(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << (128 - 48))).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn client(proxies: &[&str], peer: &str, forwarded: &[impl AsRef<[u8]>]) -> String {
        let networks: Vec<IpNet> = proxies.iter().map(|network| network.parse().unwrap()).collect();
        let mut request = TestRequest::default().peer_addr(format!("{peer}:4711").parse().unwrap());
        for list in forwarded {
            let list = HeaderValue::from_bytes(list.as_ref()).unwrap();
            request = request.append_header((FORWARDED_FOR, list));
        }
        let client = TrustedProxies::from(networks).client(&request.to_http_request());
        client.unwrap().to_string()
    }

    #[test]
    fn an_untrusted_peer_cannot_set_the_client_address() {
        assert_eq!(client(&[], "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client(&["10.0.0.0/8"], "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
    }

    #[test]
    fn the_last_untrusted_address_behind_trusted_proxies_counts() {
        let proxies = ["10.0.0.0/8", "fd00::/8"];
        assert_eq!(client(&proxies, "10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client(&proxies, "10.0.0.1", &["1.2.3.4, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(client(&proxies, "10.0.0.1", &["198.51.100.1, 10.9.9.9"]), "198.51.100.1");
        assert_eq!(client(&proxies, "10.0.0.1", &["1.2.3.4", "198.51.100.1"]), "198.51.100.1");
        assert_eq!(client(&proxies, "10.0.0.1", &["198.51.100.1:8080"]), "198.51.100.1");
        assert_eq!(client(&proxies, "10.0.0.1", &["[2001:db8::7]:443"]), "2001:db8::7");
        assert_eq!(client(&proxies, "10.0.0.1", &["::ffff:198.51.100.1"]), "198.51.100.1");
    }

    #[test]
    fn a_proxy_without_a_usable_forwarded_address_is_the_client() {
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &[""; 0]), "10.0.0.1");
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &["1.2.3.4, unknown"]), "10.0.0.1");
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &[""]), "10.0.0.1");
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &["unknown, 10.0.0.2"]), "10.0.0.2");
    }

    #[test]
    fn invalid_text_does_not_hide_the_addresses_after_it() {
        let proxies = ["10.0.0.0/8"];
        assert_eq!(client(&proxies, "10.0.0.1", &[b"\xff, 192.0.2.9"]), "192.0.2.9");
        assert_eq!(
            client(&proxies, "10.0.0.1", &[b"1.2.3.4,\xe2\x82\xac,192.0.2.9, 10.0.0.2"]),
            "192.0.2.9"
        );
        assert_eq!(client(&proxies, "10.0.0.1", &[&b"\xff"[..], b"192.0.2.9"]), "192.0.2.9");
        assert_eq!(client(&proxies, "10.0.0.1", &[b"192.0.2.9, \xff"]), "10.0.0.1");
    }

    #[test]
    fn networks_of_one_ipv6_site_are_limited_together() {
        let site = |text: &str| site_of(text.parse().unwrap()).map(|site| site.to_string());
        assert_eq!(site("2001:db8:1:2:3:4:5:6").as_deref(), Some("2001:db8:1::"));
        assert_eq!(site("2001:db8:1:ffff::").as_deref(), Some("2001:db8:1::"));
        assert_eq!(site("203.0.113.9"), None);
    }
}
