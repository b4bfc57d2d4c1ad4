//! Classifies IP addresses as public or not.
//!
//! The lists follow IANA's registries of [IPv4] and [IPv6] special-purpose addresses (RFC 6890),
//! plus one address used by a cloud provider. Two cases cannot be covered by a list and remain
//! open: internal networks with public addresses, and an operator's own NAT64 prefix.
//!
//! [IPv4]: https://www.iana.org/assignments/iana-ipv4-special-registry
//! [IPv6]: https://www.iana.org/assignments/iana-ipv6-special-registry

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv4 blocks that contain no public server, each with its prefix length in bits.
const SPECIAL_V4: [(Ipv4Addr, u32); 16] = [
    (Ipv4Addr::UNSPECIFIED, 8), // this network; 0.0.0.0 is the host itself
    (Ipv4Addr::new(10, 0, 0, 0), 8), // private (RFC 1918)
    (Ipv4Addr::new(100, 64, 0, 0), 10), // behind a carrier's NAT (RFC 6598)
    (Ipv4Addr::new(127, 0, 0, 0), 8), // loopback
    (Ipv4Addr::new(168, 63, 129, 16), 32), // Azure's virtual host, visible from inside only
    (Ipv4Addr::new(169, 254, 0, 0), 16), // link-local, including cloud metadata services
    (Ipv4Addr::new(172, 16, 0, 0), 12), // private (RFC 1918)
    (Ipv4Addr::new(192, 0, 0, 0), 24), // protocol assignments (RFC 6890)
    (Ipv4Addr::new(192, 0, 2, 0), 24), // documentation (RFC 5737)
    (Ipv4Addr::new(192, 88, 99, 0), 24), // relays of 6to4 (RFC 7526)
    (Ipv4Addr::new(192, 168, 0, 0), 16), // private (RFC 1918)
    (Ipv4Addr::new(198, 18, 0, 0), 15), // benchmarks (RFC 2544)
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation (RFC 5737)
    (Ipv4Addr::new(203, 0, 113, 0), 24), // documentation (RFC 5737)
    (Ipv4Addr::new(224, 0, 0, 0), 4), // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4), // reserved and broadcast
];

/// The only IPv6 block that IANA allocates for the public internet. Addresses outside of it, such
/// as loopback, unique local, link-local and multicast addresses, are not public.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Blocks inside [`GLOBAL_V6`] that contain no public server.
const SPECIAL_V6: [(Ipv6Addr, u32); 4] = [
    // Protocol assignments (RFC 2928), including Teredo, which embeds an IPv4 address.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation (RFC 3849)
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),     // 6to4, which embeds an IPv4 address
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),     // documentation (RFC 9637)
];

/// Well-known prefix of NAT64 (RFC 6052), through which an IPv6-only network reaches IPv4 hosts.
const NAT64: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// Checks whether an address can belong to a server on the public internet.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !SPECIAL_V4
        .iter()
        .any(|(network, bits)| (address.to_bits() ^ network.to_bits()).leading_zeros() >= *bits)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    if is_within(address, NAT64) {
        let [.., a, b, c, d] = address.octets();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    is_within(address, GLOBAL_V6) && !SPECIAL_V6.iter().any(|block| is_within(address, *block))
}

fn is_within(address: Ipv6Addr, (network, bits): (Ipv6Addr, u32)) -> bool {
    (address.to_bits() ^ network.to_bits()).leading_zeros() >= bits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_all(addresses: &[&str], public: bool) {
        for address in addresses {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
        }
    }

    #[test]
    fn addresses_of_public_servers_are_public() {
        assert_all(
            &["1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0"],
            true,
        );
        assert_all(&["126.255.255.255", "128.0.0.0", "168.63.129.15", "169.253.255.255"], true);
        assert_all(&["172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0"], true);
        assert_all(&["198.17.255.255", "198.20.0.0", "223.255.255.255"], true);
        assert_all(&["2606:4700:4700::1111", "2001:200::1", "2a00::1", "2003::1"], true);
        assert_all(&["::ffff:8.8.8.8", "64:ff9b::8.8.8.8"], true);
    }

    #[test]
    fn addresses_inside_a_network_are_not_public() {
        assert_all(&["0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.255"], false);
        assert_all(&["10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255"], false);
        assert_all(&["192.168.0.1", "169.254.169.254", "100.64.0.0", "100.127.255.255"], false);
        assert_all(&["168.63.129.16", "100.100.100.200"], false);
        assert_all(&["::", "::1", "fe80::1", "febf::1", "fec0::1", "fc00::1", "fdff::1"], false);
    }

    #[test]
    fn addresses_for_special_purposes_are_not_public() {
        assert_all(&["192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.9.9"], false);
        assert_all(&["198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250"], false);
        assert_all(&["240.0.0.1", "255.255.255.255"], false);
        assert_all(&["ff02::1", "2001:db8::1", "3fff::1", "2001:2::1", "2001:10::1"], false);
        assert_all(&["100::1", "5f00::1", "4000::1"], false);
    }

    #[test]
    fn a_private_address_embedded_in_another_protocol_is_not_public() {
        assert_all(&["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"], false);
        assert_all(&["::127.0.0.1", "::10.0.0.1", "::ffff:0:127.0.0.1"], false);
        assert_all(&["64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::10.0.0.1"], false);
        assert_all(&["2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::"], false);
        assert_all(&["2001:0:4136:e378:8000:63bf:80ff:fffe", "2001::1"], false);
    }
}
