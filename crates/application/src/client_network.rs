use std::net::{IpAddr, Ipv6Addr};

/// Returns the network that rate limits are counted by: the /64 network of an IPv6 address, or the
/// IPv4 address itself.
///
/// An IPv6 client can usually choose any address in its /64 network. IPv4-mapped addresses
/// (`::ffff:…`) count as IPv4.
#[must_use]
pub fn client_network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv6_clients_count_by_network_and_ipv4_clients_by_address() {
        for (address, network) in [
            ("203.0.113.9", "203.0.113.9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2::", "2001:db8:1:2::"),
        ] {
            let found = client_network(address.parse().unwrap());
            assert_eq!(found.to_string(), network, "{address}");
        }
    }
}
