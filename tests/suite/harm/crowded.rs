//! Many who idle, say half of it, or drip: in every room, they stop nobody.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::http::{client, send};
use crate::program::Program;

const MANY: usize = 300;

/// Connections that are held open, a third of them saying a byte more from time to time.
async fn hold(port: u16) -> Vec<TcpStream> {
    let mut held = Vec::new();
    for number in 0..MANY {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let said: &[u8] = match number % 6 {
            0 => b"",
            1 => b"GET / HT",
            2 => b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
            3 => b"POST /log-out HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\ncsrf=",
            4 => b"POST /oauth2/default/v1/token HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
            _ => b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0",
        };
        stream.write_all(said).await.unwrap();
        held.push(stream);
    }
    held
}

#[tokio::test]
async fn sec_com_11_three_hundred_idle_half_open_and_dripping_connections_stop_nobody_in_any_room()
{
    let mut program = Program::start(&[], &[]);
    let ports = program.ports.clone();
    let mut all = Vec::new();
    for (room, port, path, status) in [
        ("web", ports.web, "/", 200),
        ("idp", ports.idp, "/oauth2/default/v1/keys", 200),
        ("gateway", ports.gateway, "/visitors", 200),
        ("api", ports.api, "/", 200),
    ] {
        program.wait_for(port);
        let mut held = hold(port).await;
        for _ in 0..10 {
            for dripping in held.iter_mut().skip(2).step_by(3) {
                let _ = dripping.write_all(b"a").await; // it may have been dropped by then
            }
            // another connection each time, as another person would have
            let url = format!("http://localhost:{port}{path}");
            let asking = send(client().get(url).header("connection", "close"));
            let answer = tokio::time::timeout(Duration::from_secs(20), asking).await;
            let answer = answer.unwrap_or_else(|_| panic!("{room} answers nobody"));
            assert_eq!(answer.status, status, "{room}");
        }
        all.extend(held.into_iter().map(|stream| (room, stream)));
    }
    // A head that never comes whole ends after ten seconds, a body that stays away with its request, after half
    // a minute: what is held costs its place no longer.
    let ends = all
        .into_iter()
        .enumerate()
        .map(|(index, (room, mut stream))| async move {
            let is_body = matches!(index % MANY % 6, 3 | 4);
            let patience = Duration::from_secs(if is_body { 50 } else { 25 });
            let mut said = Vec::new();
            let end = tokio::time::timeout(patience, stream.read_to_end(&mut said));
            assert!(
                end.await.is_ok(),
                "{room} keeps connection {index} too long"
            );
        });
    futures_util::future::join_all(ends).await;
    assert!(
        !program.errors().contains("panicked"),
        "{}",
        program.errors()
    );
}
