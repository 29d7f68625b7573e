//! Who may take how long, and what is said when they take longer.

use super::{sockets::*, *};
use std::{collections::HashSet, time::Instant};
use tokio::net::{TcpSocket, TcpStream};

const GET: &str = "GET /visitors HTTP/1.1\r\nhost: localhost\r\n\r\n";
const POST: &str = "POST /visitors HTTP/1.1\r\nhost: localhost\r\n";
const SHORT: Duration = Duration::from_millis(400);
const LONG: Duration = Duration::from_secs(30);

/// An upstream that reads and says nothing.
async fn silent(mut peer: TcpStream) {
    rest(&mut peer).await;
}

#[tokio::test]
async fn a_connection_to_the_api_that_is_not_made_in_time_is_504() {
    // whom nobody accepts fill the queue, then nobody gets in
    let full = TcpSocket::new_v4().unwrap();
    full.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let full = full.listen(1).unwrap();
    let address = full.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(peer) = timeout(Duration::from_millis(100), TcpStream::connect(address)).await {
        waiting.push(peer.unwrap());
        assert!(waiting.len() < 50, "the queue does not fill");
    }
    let world = World::with(By::Keys, |config| {
        config.upstream = format!("http://{address}").parse().unwrap();
        config.limits.connect = SHORT;
        config.limits.first_byte = LONG;
    })
    .await;
    let start = Instant::now();
    let answer = world.get("/visitors", None).await;
    assert_eq!(answer.status, 504, "{answer:?}");
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn an_answer_that_does_not_begin_in_time_is_504() {
    let (_world, gateway) = before(silent, |limits| limits.first_byte = SHORT).await;
    let mut caller = gateway.say(GET).await;
    hear(&mut caller, &mut String::new(), "HTTP/1.1 504").await;
    // the caller has said all there is to say
    let mut caller = gateway
        .say(&format!("{POST}content-length: 3\r\n\r\nabc"))
        .await;
    hear(&mut caller, &mut String::new(), "HTTP/1.1 504").await;
}

#[tokio::test]
async fn an_upload_that_the_api_does_not_take_is_504() {
    let hangs = |peer: TcpStream| async move {
        tokio::time::sleep(LONG).await;
        drop(peer);
    };
    let limits = |limits: &mut net::Limits| {
        limits.first_byte = SHORT;
        limits.request_bytes = 1 << 30;
    };
    let (_world, gateway) = before(hangs, limits).await;
    let caller = gateway
        .say(&format!("{POST}content-length: {}\r\n\r\n", 1 << 30))
        .await;
    let (mut hears, mut says) = caller.into_split();
    let saying = tokio::spawn(async move {
        let piece = vec![b'a'; 1 << 16];
        while says.write_all(&piece).await.is_ok() {}
    });
    let mut said = [0; 12];
    timeout(LONG, hears.read_exact(&mut said))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(&said, b"HTTP/1.1 504");
    saying.abort();
}

#[tokio::test]
async fn a_caller_who_pauses_within_an_upload_is_408_and_one_who_drips_is_waited_for() {
    let limits = |limits: &mut net::Limits| {
        limits.pause = SHORT;
        limits.first_byte = SHORT;
    };
    let script = |mut peer: TcpStream| async move {
        hear(&mut peer, &mut String::new(), "aaaaaa").await;
        peer.write_all(OK).await.unwrap();
    };
    let (_world, gateway) = before(script, limits).await;
    for start in ["content-length: 6\r\n\r\n", "content-length: 6\r\n\r\na"] {
        let mut caller = gateway.say(&format!("{POST}{start}")).await;
        let mut said = String::new();
        hear(&mut caller, &mut said, "\r\n\r\n").await;
        assert!(said.starts_with("HTTP/1.1 408"), "{start:?}: {said}");
        assert!(said.contains("connection: close"), "{said}");
    }
    let form = "content-type: application/x-www-form-urlencoded\r\ncontent-length: 6\r\n\r\na";
    let mut caller = gateway.say(&format!("{POST}{form}")).await;
    hear(&mut caller, &mut String::new(), "HTTP/1.1 408").await;

    let mut caller = gateway
        .say(&format!("{POST}content-length: 6\r\n\r\n"))
        .await;
    for _ in 0..6 {
        tokio::time::sleep(SHORT / 2).await;
        caller.write_all(b"a").await.unwrap();
    }
    hear(&mut caller, &mut String::new(), "HTTP/1.1 200").await;
}

#[tokio::test]
async fn an_answer_that_pauses_breaks_off_and_one_that_drips_ends_in_all() {
    for (every, pause, total, pieces) in [
        (SHORT * 4, SHORT, LONG, 1..=1),
        (SHORT / 4, SHORT, SHORT * 4, 5..=16),
    ] {
        let script = move |mut peer: TcpStream| async move {
            hear(&mut peer, &mut String::new(), "\r\n\r\n").await;
            let head = b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n";
            let mut sent = peer.write_all(head).await;
            while sent.is_ok() {
                sent = peer.write_all(b"a").await;
                tokio::time::sleep(every).await;
            }
        };
        let limits = move |limits: &mut net::Limits| {
            limits.pause = pause;
            limits.total = total;
        };
        let (_world, gateway) = before(script, limits).await;
        let mut caller = gateway.say(GET).await;
        let said = rest(&mut caller).await;
        let (head, body) = said.split_once("\r\n\r\n").unwrap();
        assert!(
            head.starts_with("HTTP/1.1 200") && pieces.contains(&body.len()),
            "{said}"
        );
    }
}

/// All that is wrong with a request is answered with its own status, and nothing else is: this is the
/// table of `net::Limits`.
#[tokio::test]
async fn more_requests_at_once_than_go_to_the_api_are_503() {
    let (world, gateway) = before(silent, |limits| limits.at_once = 2).await;
    let _waiting = [gateway.say(GET).await, gateway.say(GET).await];
    tokio::time::sleep(SHORT).await;
    let mut caller = gateway.say(GET).await;
    let mut said = String::new();
    hear(&mut caller, &mut said, "\r\n\r\n").await;
    assert!(
        said.starts_with("HTTP/1.1 503") && said.contains("retry-after"),
        "{said}"
    );
    // who is refused here needs no API
    let statuses: HashSet<u16> = [world.get("/moons", None).await.status].into();
    assert_eq!(statuses, [401].into());
}
