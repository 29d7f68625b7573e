//! Sockets first: a room's address is known before any URL is derived from it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::net::{TcpListener, TcpSocket};

/// The bound sockets of one room: one, or two where `localhost` means 127.0.0.1 and `::1`.
#[derive(Debug)]
pub struct Listeners {
    host: String,
    port: u16,
    pub(super) sockets: Vec<TcpListener>,
}

/// Why a room has no address.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Somebody else listens there.
    #[error("port {0} is taken")]
    Taken(u16),
    /// The host is no address of this machine, or the port needs rights.
    #[error("cannot listen on {host}:{port}: {reason}")]
    Other {
        /// The host as it was set.
        host: String,
        /// The port as it was set.
        port: u16,
        /// What the system says.
        reason: String,
    },
}

impl Listeners {
    /// Binds `host` (a name or an address) and `port`; port 0 takes a free one.
    ///
    /// `localhost` binds 127.0.0.1 and `::1` on the same port; a machine may lack `::1`, but `::1`
    /// being taken is an error.
    ///
    /// # Errors
    /// When an address is taken or cannot be bound.
    pub async fn bind(host: &str, port: u16) -> Result<Self, ListenError> {
        let failed = |error: &std::io::Error| failed(host, port, error);
        if host.eq_ignore_ascii_case("localhost") {
            return bind_localhost(host, port)
                .await
                .map_err(|error| failed(&error));
        }
        let addresses = tokio::net::lookup_host((host.trim_matches(['[', ']']), port)).await;
        let addresses: Vec<SocketAddr> = addresses.map_err(|error| failed(&error))?.collect();
        let Some(address) = addresses.first() else {
            return Err(failed(&std::io::ErrorKind::AddrNotAvailable.into()));
        };
        let socket = bind(*address).map_err(|error| failed(&error))?;
        let port = socket.local_addr().map_err(|error| failed(&error))?.port();
        Ok(Self {
            host: host.to_owned(),
            port,
            sockets: vec![socket],
        })
    }

    /// The port that was bound.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The host as it was set.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether nobody from another machine can connect.
    pub fn is_loopback(&self) -> bool {
        let loopback =
            |socket: &TcpListener| socket.local_addr().is_ok_and(|a| a.ip().is_loopback());
        self.sockets.iter().all(loopback)
    }

    /// `http://host:port`, for people and other rooms.
    pub fn url(&self) -> String {
        http_url(&self.host, self.port)
    }
}

/// `http://host:port` for a host as it was set: an address of IPv6 in brackets, an address that means
/// "all" as `localhost`.
pub fn http_url(host: &str, port: u16) -> String {
    let host = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(address) if address.is_unspecified() => "localhost".to_owned(),
        Ok(IpAddr::V6(address)) => format!("[{address}]"),
        Ok(_) | Err(_) => host.to_ascii_lowercase(),
    };
    format!("http://{host}:{port}")
}

async fn bind_localhost(host: &str, port: u16) -> std::io::Result<Listeners> {
    let mut tries = 0;
    loop {
        let four = bind((Ipv4Addr::LOCALHOST, port).into())?;
        let bound = four.local_addr()?.port();
        let sockets = match bind((Ipv6Addr::LOCALHOST, bound).into()) {
            Ok(six) => vec![four, six],
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                tries += 1;
                if port == 0 && tries < 16 {
                    tokio::task::yield_now().await;
                    continue; // a free port of 127.0.0.1 need not be free on ::1
                }
                return Err(error);
            }
            Err(_) => vec![four], // this machine has no ::1
        };
        return Ok(Listeners {
            host: host.to_owned(),
            port: bound,
            sockets,
        });
    }
}

fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    if cfg!(unix) {
        socket.set_reuseaddr(true)?; // a restart need not wait for old connections to be forgotten
    }
    socket.bind(address)?;
    socket.listen(1024)
}

fn failed(host: &str, port: u16, error: &std::io::Error) -> ListenError {
    if error.kind() == std::io::ErrorKind::AddrInUse {
        return ListenError::Taken(port);
    }
    ListenError::Other {
        host: host.to_owned(),
        port,
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_an_error_on_either_address() {
        let listeners = Listeners::bind("localhost", 0).await.unwrap();
        assert!(listeners.is_loopback());
        for host in ["localhost", "127.0.0.1"] {
            let second = Listeners::bind(host, listeners.port()).await;
            assert!(matches!(second, Err(ListenError::Taken(port)) if port == listeners.port()));
        }
        assert_eq!(
            listeners.url(),
            format!("http://localhost:{}", listeners.port())
        );
    }

    #[test]
    fn every_host_makes_a_url_that_can_be_called() {
        for (host, url) in [
            ("localhost", "http://localhost:1"),
            ("::1", "http://[::1]:1"),
            ("[::1]", "http://[::1]:1"),
            ("0.0.0.0", "http://localhost:1"),
            ("::", "http://localhost:1"),
            ("127.0.0.1", "http://127.0.0.1:1"),
        ] {
            assert_eq!(http_url(host, 1), url);
            assert!(crate::net::check_url(url).is_ok(), "{url}");
        }
    }

    #[tokio::test]
    async fn a_host_that_is_not_ours_is_named() {
        let error = Listeners::bind("192.0.2.1", 0).await.unwrap_err();
        assert!(error.to_string().contains("192.0.2.1"), "{error}");
    }
}
