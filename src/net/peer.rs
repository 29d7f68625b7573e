//! Who is at the other end of a connection.

use std::net::{IpAddr, Ipv6Addr};

/// The address that a connection comes from: an extension of each request that a room is served.
///
/// Of a request that came through a proxy, it is the proxy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// By what an address is counted: whoever has one of IPv6 mostly has a whole `/64` of them.
#[must_use]
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => {
            let network = six.to_bits() >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        four @ IpAddr::V4(_) => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_com_21_gw_14_an_address_of_ipv6_is_its_network() {
        for (one, other, same) in [
            ("2001:db8::1", "2001:db8::ffff:2", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
            ("127.0.0.1", "::ffff:127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
        ] {
            let [one, other] = [one, other].map(|address| network_of(address.parse().unwrap()));
            assert_eq!(one == other, same, "{one} {other}");
        }
    }
}
