//! Who is at the other end of a connection.

use std::net::IpAddr;

/// The address that a connection comes from: an extension of each request that a room is served.
///
/// Of a request that came through a proxy, it is the proxy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);
