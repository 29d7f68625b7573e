//! Many who idle, say half of it, or drip do not stop those who ask.

use super::{sockets::*, *};
use std::time::Instant;

#[tokio::test]
async fn three_hundred_idle_half_open_and_dripping_connections_stop_nobody() {
    let world = World::new(By::Keys).await;
    let gateway = listen(&world).await;
    let mut held = Vec::new();
    for number in 0..300 {
        held.push(match number % 6 {
            0 => gateway.connect().await,
            1 => gateway.say("GET /visit").await,
            2 => {
                gateway
                    .say("GET /visitors HTTP/1.1\r\nhost: localhost\r\nx-slow: ")
                    .await
            }
            3 => gateway.say("PRI * HT").await,
            4 => gateway.say("PR").await,
            _ => {
                let post =
                    "POST /visitors HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\na";
                gateway.say(post).await
            }
        });
    }
    let start = Instant::now();
    for _ in 0..20 {
        for caller in held.iter_mut().skip(2).step_by(6) {
            caller.write_all(b"a").await.unwrap();
        }
        let get = "GET /visitors HTTP/1.1\r\nhost: localhost\r\n\r\n";
        let mut caller = gateway.say(get).await;
        hear(&mut caller, &mut String::new(), "HTTP/1.1 200").await;
    }
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
    // and each of them is let go of, whatever it opened with
    let ends = held.iter_mut().map(rest);
    let said = futures_util::future::join_all(ends).await;
    assert_eq!(said.len(), 300);
}
