//! The API's answer on its way to a caller.

use super::{sockets::*, *};
use tokio::{net::TcpStream, sync::Notify};

const GET: &str = "GET /visitors HTTP/1.1\r\nhost: localhost\r\n\r\n";

#[tokio::test]
async fn a_dripping_answer_arrives_piece_by_piece() {
    let next = Arc::new(Notify::new());
    let may_go_on = Arc::clone(&next);
    let script = move |mut peer: TcpStream| {
        let may_go_on = Arc::clone(&may_go_on);
        async move {
            hear(&mut peer, &mut String::new(), "\r\n\r\n").await;
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
            peer.write_all(head.as_bytes()).await.unwrap();
            for number in 0..3 {
                let event = format!("9\r\ndata: {number}\n\n\r\n");
                peer.write_all(event.as_bytes()).await.unwrap();
                may_go_on.notified().await;
            }
            peer.write_all(b"0\r\n\r\n").await.unwrap();
        }
    };
    let (_world, gateway) = before(script, |_| {}).await;
    let mut caller = gateway.say(GET).await;
    let mut said = String::new();
    for number in 0..3 {
        hear(&mut caller, &mut said, &format!("data: {number}\n\n")).await;
        assert!(!said.contains(&format!("data: {}", number + 1)), "{said}");
        next.notify_one();
    }
    hear(&mut caller, &mut said, "0\r\n\r\n").await;
    assert!(said.contains("text/event-stream"), "{said}");
}

/// 64 MiB that the caller does not read do not gather in the gateway, nor in the kernel's buffers.
#[tokio::test]
async fn an_answer_is_taken_no_faster_than_the_caller_reads_it() {
    const LENGTH: usize = 64 << 20;
    let sent = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counts = Arc::clone(&sent);
    let script = move |mut peer: TcpStream| {
        let counts = Arc::clone(&counts);
        async move {
            hear(&mut peer, &mut String::new(), "\r\n\r\n").await;
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {LENGTH}\r\n\r\n");
            peer.write_all(head.as_bytes()).await.unwrap();
            let piece = vec![b'a'; 64 * 1024];
            for _ in 0..LENGTH / piece.len() {
                peer.write_all(&piece).await.unwrap();
                counts.fetch_add(piece.len(), std::sync::atomic::Ordering::Relaxed);
            }
        }
    };
    let (_world, gateway) = before(script, |limits| limits.answer_bytes = 1 << 30).await;
    let mut caller = gateway.say(GET).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    let taken = sent.load(std::sync::atomic::Ordering::Relaxed);
    assert!(taken < LENGTH / 2, "{taken}");
    let (mut bytes, mut total) = (vec![0; 1 << 20], 0);
    while total < LENGTH {
        total += caller.read(&mut bytes).await.unwrap();
    }
}

#[tokio::test]
async fn a_caller_who_leaves_ends_the_request_to_the_api() {
    let ended = Arc::new(Notify::new());
    let tells = Arc::clone(&ended);
    let script = move |mut peer: TcpStream| {
        let tells = Arc::clone(&tells);
        async move {
            hear(&mut peer, &mut String::new(), "\r\n\r\n").await;
            rest(&mut peer).await;
            tells.notify_one();
        }
    };
    let (_world, gateway) = before(script, |_| {}).await;
    let caller = gateway.say(GET).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(caller);
    timeout(Duration::from_secs(3), ended.notified())
        .await
        .unwrap();
}

#[tokio::test]
async fn connections_to_the_api_are_used_again() {
    let connections = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counts = Arc::clone(&connections);
    let script = move |mut peer: TcpStream| {
        counts.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        async move {
            loop {
                let mut said = String::new();
                let hearing = async { hear(&mut peer, &mut said, "\r\n\r\n").await };
                hearing.await;
                if peer.write_all(OK).await.is_err() {
                    return;
                }
            }
        }
    };
    let (_world, gateway) = before(script, |_| {}).await;
    for _ in 0..20 {
        // each caller is another one
        let mut caller = gateway.say(GET).await;
        hear(&mut caller, &mut String::new(), "\r\n\r\nok").await;
    }
    assert_eq!(connections.load(std::sync::atomic::Ordering::Relaxed), 1);
}
