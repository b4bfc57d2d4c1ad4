//! The order in which the addresses of a host are tried.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// Any port. Nothing is sent to it.
const PORT: u16 = 9;

/// Sorts addresses of both families so that those that this machine can reach come first, and of
/// these IPv6. Addresses of one family keep their order.
///
/// This is the part of RFC 6724 that decides between the families: rules 1, 2, 5 and 6. Without it,
/// a machine without IPv6 would wait for an address that it cannot reach.
pub(crate) fn sort(addresses: &mut [IpAddr]) {
    let has_both = addresses.iter().any(IpAddr::is_ipv4) && addresses.iter().any(IpAddr::is_ipv6);
    if has_both {
        addresses.sort_by_cached_key(|address| rank(*address, source_for(*address)));
    }
}

/// Returns the address from which this machine would connect, or nothing if there is no route.
/// Connecting a UDP socket sends nothing.
fn source_for(address: IpAddr) -> Option<IpAddr> {
    let any = match address {
        IpAddr::V4(_) => IpAddr::from(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::from(Ipv6Addr::UNSPECIFIED),
    };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).ok()?;
    socket.connect(SocketAddr::new(address, PORT)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// Returns a key that sorts better addresses first.
fn rank(address: IpAddr, source: Option<IpAddr>) -> (bool, bool, bool) {
    let does_not_fit = source.is_some_and(|source| scope(source) != scope(address));
    (source.is_none(), does_not_fit, address.is_ipv4())
}

#[derive(PartialEq, Eq)]
enum Scope {
    Loopback,
    Link,
    Site,
    Global,
}

/// Returns the scope of an address. Private IPv4 addresses are global, since they are translated.
fn scope(address: IpAddr) -> Scope {
    match address {
        address if address.is_loopback() => Scope::Loopback,
        IpAddr::V4(address) if address.is_link_local() => Scope::Link,
        IpAddr::V6(address) if address.is_unicast_link_local() => Scope::Link,
        IpAddr::V6(address) if address.is_unique_local() => Scope::Site,
        _ => Scope::Global,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reachable_addresses_are_better_and_of_these_ipv6() {
        let at = |text: &str| text.parse::<IpAddr>().unwrap();
        let ranked = |address, source: Option<&str>| rank(at(address), source.map(at));
        let global_v4 = ranked("93.184.215.14", Some("10.0.0.5"));
        let global_v6 = ranked("2606:2800::1", Some("2001:db8::5"));
        assert!(global_v6 < global_v4);
        // A network with only local IPv6 addresses.
        assert!(global_v4 < ranked("2606:2800::1", Some("fd00::5")));
        assert!(ranked("fd00::7", Some("fd00::5")) < global_v4);
        assert!(global_v4 < ranked("2606:2800::1", None));
        assert!(global_v6 < ranked("93.184.215.14", None));
    }

    #[test]
    fn this_machine_can_reach_itself() {
        let itself = IpAddr::from(Ipv4Addr::LOCALHOST);
        assert_eq!(source_for(itself), Some(itself));
    }

    #[test]
    fn addresses_of_one_family_keep_their_order() {
        let all = ["10.0.0.9", "10.0.0.1", "10.0.0.5"].map(|text| text.parse().unwrap());
        let mut sorted = all;
        sort(&mut sorted);
        assert_eq!(sorted, all);
    }
}
