//! Bytes as they come over the wire, through the accept loop that all rooms share.

mod crowd;
mod download;
mod framing_corpus;
mod http2;
mod http2_attacks;
mod path_corpus;
mod sockets;
mod spoof_corpus;
mod time;
mod tls;
mod upload;

use super::*;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{Duration, timeout},
};

/// Sends bytes on one connection and reads what comes until it ends or is silent.
async fn say(world: &World, bytes: &[u8]) -> String {
    let open = sockets::listen(world).await;
    let mut stream = open.connect().await;
    stream.write_all(bytes).await.unwrap();
    let mut said = Vec::new();
    while let Ok(Ok(read)) = timeout(Duration::from_millis(300), stream.read_buf(&mut said)).await {
        if read == 0 {
            break;
        }
    }
    String::from_utf8_lossy(&said).into_owned()
}

/// A request framed like this, and behind it one that must not pass for a second.
fn with_framing(framing: &str) -> String {
    format!(
        "GET /visitors HTTP/1.1\r\nhost: localhost\r\n{framing}\r\n0\r\n\r\n\
         GET /visitors?smuggled HTTP/1.1\r\nhost: localhost\r\nx-request-id: forged\r\n\r\n"
    )
}

fn answers(said: &str) -> usize {
    said.matches("HTTP/1.1 ").count()
}

#[tokio::test]
async fn sec_com_19_ambiguous_framing_reaches_the_api_as_one_request_or_not_at_all() {
    let world = World::new(By::Keys).await;
    for framing in [
        "content-length: 0\r\ncontent-length: 70\r\n",
        "content-length: 0, 70\r\n",
        "content-length: 70\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 5\r\n",
        "transfer-encoding: identity\r\n",
        "transfer-encoding: chunked, identity\r\n",
        "transfer-encoding: identity, chunked\r\n",
        "transfer-encoding: chunked, chunked\r\n",
        "transfer-encoding: chunked,\r\n",
        "transfer-encoding: , chunked\r\n",
        "transfer-encoding: gzip, chunked\r\n",
        "transfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: xchunked\r\n",
        "transfer-encoding: chunked;x=y\r\n",
        "transfer-encoding : chunked\r\n",
        "content-length: +70\r\n",
        "content-length: -1\r\n",
        "content-length: 0x46\r\n",
        "x: a\r\n content-length: 70\r\n",
        "x: a\0b\r\n",
        "x: a\rb\r\n",
    ] {
        let said = say(&world, with_framing(framing).as_bytes()).await;
        assert_eq!(answers(&said), 1, "{framing:?}: {said}");
        let asked = world.api.take();
        let is_refused = said.starts_with("HTTP/1.1 400");
        assert_eq!(asked.len(), usize::from(!is_refused), "{framing:?}: {said}");
        for one in asked {
            assert_eq!(one.target, "/visitors", "{framing:?}");
            assert!(!one.headers.contains_key("x-request-id"), "{framing:?}");
        }
        let both_lengths = framing.contains("length") && framing.contains("transfer");
        assert!(is_refused || both_lengths, "{framing:?}: {said}");
    }
}

/// What the test above would see if a second request came through.
#[tokio::test]
async fn clear_framing_leaves_room_for_a_second_request() {
    let world = World::new(By::Keys).await;
    for framing in [
        "transfer-encoding: chunked\r\n",
        "Transfer-Encoding:  CHUNKED \r\n",
        "content-length: 5\r\n",
        "content-length: 5\r\ncontent-length: 5\r\n",
    ] {
        let said = say(&world, with_framing(framing).as_bytes()).await;
        assert_eq!(answers(&said), 2, "{framing:?}: {said}");
        let asked = world.api.take();
        assert_eq!(asked[1].target, "/visitors?smuggled", "{framing:?}");
        assert_eq!(asked[1].headers["x-request-id"], "forged", "{framing:?}");
    }
}

#[tokio::test]
async fn sec_gw_02_raw_request_targets_reach_the_api_clean_or_not_at_all() {
    let world = World::new(By::Keys).await;
    for target in [
        "/visitors/../moons",
        "//visitors",
        "/visitors\\..\\moons",
        "visitors",
        "/visitors\tx",
        "/vis\u{e9}itors",
        "/visitors%",
        "\\visitors",
        "/visitors;x",
        "*",
        "http://evil.example/moons",
        "http://u@localhost//moons",
    ] {
        let request =
            format!("GET {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        let said = say(&world, request.as_bytes()).await;
        assert!(world.api.take().is_empty(), "{target}");
        assert!(said.starts_with("HTTP/1.1 4"), "{target}: {said}");
    }
}

/// The part behind it is cut off before anything is looked at, so that rule and API see the same.
#[tokio::test]
async fn sec_gw_02_what_stands_behind_a_hash_is_neither_judged_nor_forwarded() {
    let world = World::new(By::Keys).await;
    for (target, status, forwarded) in [
        ("/visitors#/moons", "200", Some("/visitors")),
        ("/visitors?a#/../moons", "200", Some("/visitors?a")),
        ("/moons#/../visitors", "401", None),
        ("/#/visitors", "404", None),
    ] {
        let request =
            format!("GET {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        let said = say(&world, request.as_bytes()).await;
        assert!(
            said.starts_with(&format!("HTTP/1.1 {status}")),
            "{target}: {said}"
        );
        let asked: Vec<String> = world.api.take().into_iter().map(|one| one.target).collect();
        assert_eq!(asked.first().map(String::as_str), forwarded, "{target}");
    }
}

#[tokio::test]
async fn a_caller_who_is_kept_alive_asks_again() {
    let world = World::new(By::Keys).await;
    let once = "GET /visitors HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let said = say(&world, format!("{once}{once}").as_bytes()).await;
    assert_eq!(said.matches("HTTP/1.1 200 OK").count(), 2, "{said}");
    assert_eq!(world.api.take().len(), 2);
}

#[tokio::test]
async fn sec_com_19_framing_is_looked_at_before_anything_else_is_answered() {
    let unclear = "transfer-encoding: chunked, chunked\r\n";
    let world = World::with(By::Keys, |config| {
        config.rates.address = std::num::NonZeroU32::new(1);
    })
    .await;
    for path in [
        "/decision",
        "/.well-known/oauth-protected-resource",
        "/.well-known/jwks.json",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{unclear}\r\n0\r\n\r\n");
        let said = say(&world, request.as_bytes()).await;
        assert!(said.starts_with("HTTP/1.1 400"), "{path}: {said}");
        assert!(said.contains("connection: close"), "{path}: {said}");
    }
    let many = "GET /visitors HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(40);
    let said = say(
        &world,
        format!("{many}{}", with_framing(unclear)).as_bytes(),
    )
    .await;
    assert!(said.contains("HTTP/1.1 429"), "{said}");
    assert_eq!(said.matches("HTTP/1.1 400").count(), 1, "{said}");
    assert_eq!(answers(&said), 41, "{said}");
}

/// The HTTP library's own bound is what is relied on: naming it there would cost each request an allocation.
#[tokio::test]
async fn com_11_a_hundred_headers_are_taken_and_no_more() {
    let world = World::new(By::Keys).await;
    for (count, status) in [(99, "200"), (100, "431")] {
        let more = "x-more: 1\r\n".repeat(count);
        let said = say(
            &world,
            format!("GET /visitors HTTP/1.1\r\nhost: localhost\r\n{more}\r\n").as_bytes(),
        )
        .await;
        assert!(
            said.starts_with(&format!("HTTP/1.1 {status} ")),
            "{count}: {said}"
        );
    }
}
