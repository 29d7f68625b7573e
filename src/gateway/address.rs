//! Whose address a request comes from: the connection's, or what a listed proxy says of it.

use crate::net::Peer;
use axum::http::{Extensions, HeaderMap};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address that asks, if the connection has one.
///
/// A list in `X-Forwarded-For` is read from its end, where the proxy next to us wrote, and only as far
/// as listed proxies wrote it: what stands before the first other address is anybody's word.
pub(super) fn of(
    extensions: &Extensions,
    headers: &HeaderMap,
    proxies: &[IpNet],
) -> Option<IpAddr> {
    let Peer(peer) = extensions.get::<Peer>()?;
    let mut address = peer.to_canonical();
    let is_proxy = |address: IpAddr| proxies.iter().any(|net| net.contains(&address));
    if !is_proxy(address) {
        return Some(address);
    }
    let lists = headers.get_all(FORWARDED_FOR).iter();
    let lists: Vec<&str> = lists.map(|list| list.to_str().unwrap_or("?")).collect();
    for entry in lists.iter().rev().flat_map(|list| list.rsplit(',')) {
        let Some(before) = read(entry.trim()) else {
            break;
        };
        address = before.to_canonical();
        if !is_proxy(address) {
            break;
        }
    }
    Some(address)
}

/// An address, with or without a port.
fn read(entry: &str) -> Option<IpAddr> {
    let with_port = || entry.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    entry.parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(peer: &str, lists: &[&str]) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(Peer(peer.parse().unwrap()));
        let mut headers = HeaderMap::new();
        for list in lists {
            headers.append(FORWARDED_FOR, list.parse().unwrap());
        }
        let proxies = ["10.0.0.0/8", "127.0.0.1/32"].map(|net| net.parse().unwrap());
        of(&extensions, &headers, &proxies).unwrap().to_string()
    }

    #[test]
    fn only_listed_proxies_are_believed() {
        for (peer, lists, expected) in [
            ("198.51.100.1", &[][..], "198.51.100.1"),
            ("198.51.100.1", &["203.0.113.9"], "198.51.100.1"),
            ("10.1.1.1", &[], "10.1.1.1"),
            ("10.1.1.1", &["203.0.113.9"], "203.0.113.9"),
            ("::ffff:10.1.1.1", &["203.0.113.9"], "203.0.113.9"),
            ("10.1.1.1", &["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
            ("10.1.1.1", &["1.1.1.1", "203.0.113.9"], "203.0.113.9"),
            ("10.1.1.1", &["203.0.113.9, 10.2.2.2"], "203.0.113.9"),
            ("10.1.1.1", &["203.0.113.9:4711"], "203.0.113.9"),
            ("10.1.1.1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("10.1.1.1", &["203.0.113.9, unknown"], "10.1.1.1"),
            (
                "10.1.1.1",
                &["203.0.113.9", "unknown, 10.3.3.3"],
                "10.3.3.3",
            ),
            ("10.1.1.1", &[""], "10.1.1.1"),
        ] {
            assert_eq!(address(peer, lists), expected, "{peer} {lists:?}");
        }
    }

    #[test]
    fn without_a_connection_there_is_no_address() {
        assert_eq!(of(&Extensions::new(), &HeaderMap::new(), &[]), None);
    }
}
