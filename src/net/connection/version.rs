//! What differs between HTTP/1.1 and HTTP/2 (RFC 9113).

use axum::http::{
    HeaderMap, Request,
    header::{CONNECTION, HOST},
    uri::Authority,
};
use std::{io, time::Duration};
use tokio::{net::TcpStream, time::sleep};

/// How a connection of HTTP/2 begins (RFC 9113, section 3.4). No method of HTTP/1.1 does.
const PREFACE: &[u8] = b"PRI ";
/// How long a caller has for the rest of these bytes before it is looked again: at first, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(100));

/// Whether a caller opens with HTTP/2. The bytes stay in the socket.
///
/// # Errors
/// When the connection breaks before that shows.
pub(super) async fn opens_with_http2(stream: &TcpStream) -> io::Result<bool> {
    let mut seen = [0; PREFACE.len()];
    let mut pause = PAUSES.0;
    loop {
        let length = stream.peek(&mut seen).await?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if length == PREFACE.len() || !PREFACE.starts_with(&seen[..length]) {
            return Ok(seen[..length] == *PREFACE);
        }
        sleep(pause).await;
        pause = PAUSES.1.min(pause * 2);
    }
}

/// Whether a request of HTTP/2 says once which host it is for: `:authority` and `Host`, where both are
/// there, say the same (section 8.3.1).
pub(super) fn names_one_host<B>(request: &Request<B>) -> bool {
    let mut hosts = request.headers().get_all(HOST).iter();
    match (hosts.next(), hosts.next(), request.uri().authority()) {
        (None, _, named) => named.is_some(),
        (Some(_), Some(_), _) => false,
        (Some(_), None, None) => true,
        (Some(host), None, Some(named)) => is_same(host.as_bytes(), named),
    }
}

fn is_same(host: &[u8], named: &Authority) -> bool {
    host.eq_ignore_ascii_case(named.as_str().as_bytes())
}

/// An answer of HTTP/2 has no word about its connection (section 8.2.2).
pub(super) fn without_connection(headers: &mut HeaderMap) {
    headers.remove(CONNECTION);
}
