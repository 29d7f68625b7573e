//! Frames of HTTP/2 (RFC 9113, section 4.1) that no client library would send.

use super::{sockets::*, *};
use tokio::net::TcpStream;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const CONTINUATION: u8 = 9;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// A field as HPACK has it without its tables (RFC 7541, section 6.2.2).
fn field(name: &str, value: &str) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    [vec![0], text(name), text(value)].concat()
}

fn get(path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let mut fields = vec![
        field(":method", "GET"),
        field(":scheme", "http"),
        field(":authority", "localhost"),
        field(":path", path),
    ];
    fields.extend(more.iter().map(|(name, value)| field(name, value)));
    fields.concat()
}

/// Reads frames until the connection ends or is silent: kind, stream, payload.
async fn frames(stream: &mut TcpStream) -> Vec<(u8, u32, Vec<u8>)> {
    let mut read = Vec::new();
    loop {
        let mut head = [0; 9];
        let reading = timeout(Duration::from_millis(700), stream.read_exact(&mut head)).await;
        if !matches!(reading, Ok(Ok(_))) {
            return read;
        }
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        let mut payload = vec![0; length];
        if stream.read_exact(&mut payload).await.is_err() {
            return read;
        }
        let number = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        read.push((head[3], number, payload));
    }
}

async fn greeted(gateway: &Open) -> TcpStream {
    let mut caller = gateway.connect().await;
    caller.write_all(PREFACE).await.unwrap();
    caller.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
    caller
}

async fn still_answers(gateway: &Open) {
    let mut caller = gateway
        .say("GET /visitors HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await;
    hear(&mut caller, &mut String::new(), "HTTP/1.1 200").await;
}

#[tokio::test]
async fn how_many_streams_and_how_long_heads_are_taken_is_said_at_the_start() {
    let world = World::new(By::Keys).await;
    let gateway = listen(&world).await;
    let mut caller = greeted(&gateway).await;
    let heard = frames(&mut caller).await;
    let (_, _, settings) = heard.iter().find(|(kind, ..)| *kind == SETTINGS).unwrap();
    let said: Vec<(u16, u32)> = settings
        .chunks(6)
        .map(|one| {
            let value = u32::from_be_bytes([one[2], one[3], one[4], one[5]]);
            (u16::from_be_bytes([one[0], one[1]]), value)
        })
        .collect();
    assert!(said.contains(&(3, 100)), "MAX_CONCURRENT_STREAMS: {said:?}");
    assert!(
        said.contains(&(6, 32 * 1024)),
        "MAX_HEADER_LIST_SIZE: {said:?}"
    );
    assert!(
        !said.contains(&(8, 1)),
        "no ENABLE_CONNECT_PROTOCOL: {said:?}"
    );
}

/// CVE-2023-44487: streams that are opened and called off at once.
#[tokio::test]
async fn rapid_resets_end_the_connection_and_bother_nobody_else() {
    let world = World::new(By::Keys).await;
    let gateway = listen(&world).await;
    let mut caller = greeted(&gateway).await;
    let mut flood = Vec::new();
    for number in 0..2000 {
        let stream = 2 * number + 1;
        let head = get("/visitors", &[]);
        flood.extend(frame(HEADERS, END_STREAM | END_HEADERS, stream, &head));
        flood.extend(frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes()));
    }
    let _ = caller.write_all(&flood).await;
    let heard = frames(&mut caller).await;
    let goaway = heard.iter().find(|(kind, ..)| *kind == GOAWAY);
    // ENHANCE_YOUR_CALM, unless the end of the connection was quicker than its word
    assert!(
        goaway.is_none_or(|(_, _, payload)| payload[7] == 11),
        "{heard:?}"
    );
    let again = frame(
        HEADERS,
        END_STREAM | END_HEADERS,
        9001,
        &get("/visitors", &[]),
    );
    let _ = caller.write_all(&again).await;
    assert!(frames(&mut caller).await.is_empty());
    assert!(world.api.take().len() < 200);
    still_answers(&gateway).await;
}

/// CVE-2024-27316 and its like: a head that never ends.
#[tokio::test]
async fn a_flood_of_continuations_ends_the_connection() {
    let world = World::new(By::Keys).await;
    let gateway = listen(&world).await;
    let mut caller = greeted(&gateway).await;
    caller
        .write_all(&frame(HEADERS, END_STREAM, 1, &get("/visitors", &[])))
        .await
        .unwrap();
    let more: Vec<u8> = (0..60)
        .flat_map(|_| field("x-more", &"a".repeat(120)))
        .collect();
    let mut sent = 0;
    while caller
        .write_all(&frame(CONTINUATION, 0, 1, &more))
        .await
        .is_ok()
    {
        sent += more.len();
        assert!(sent < 64 << 20, "it is all taken");
        tokio::task::yield_now().await;
    }
    assert!(world.api.take().is_empty());
    still_answers(&gateway).await;
}

#[tokio::test]
async fn sec_com_19_a_word_about_the_connection_makes_a_request_malformed() {
    let world = World::new(By::Keys).await;
    let gateway = listen(&world).await;
    for more in [
        ("connection", "x-api-key"),
        ("transfer-encoding", "chunked"),
        ("keep-alive", "timeout=5"),
        ("proxy-connection", "keep-alive"),
        ("upgrade", "h2c"),
        ("te", "gzip"),
        (":path", "/moons"),
        ("X-Upper", "1"),
        ("content-length", "5"),
        ("x-cut", "a\r\nx-api-key: forged"),
    ] {
        let mut caller = greeted(&gateway).await;
        let head = get("/visitors", &[more]);
        let request = frame(HEADERS, END_STREAM | END_HEADERS, 1, &head);
        caller.write_all(&request).await.unwrap();
        let answers = frames(&mut caller).await;
        let answered = answers
            .iter()
            .any(|(kind, stream, _)| *kind == HEADERS && *stream == 1);
        assert!(!answered, "{more:?}: {answers:?}");
        assert!(world.api.take().is_empty(), "{more:?}");
    }
    let mut caller = greeted(&gateway).await;
    let request = frame(
        HEADERS,
        END_STREAM | END_HEADERS,
        1,
        &get("/visitors", &[("x-fine", "1")]),
    );
    caller.write_all(&request).await.unwrap();
    assert!(
        frames(&mut caller)
            .await
            .iter()
            .any(|(kind, ..)| *kind == HEADERS)
    );
}

#[tokio::test]
async fn a_connection_on_which_nothing_moves_is_let_go() {
    let world = World::new(By::Keys).await;
    let gateway = listen(&world).await;
    let mut idle = greeted(&gateway).await;
    // half a head, which is no request yet
    let mut half = greeted(&gateway).await;
    half.write_all(&frame(HEADERS, END_STREAM, 1, &get("/visitors", &[])))
        .await
        .unwrap();
    tokio::join!(rest(&mut idle), rest(&mut half));
}

/// Such an answer waits inside the HTTP library, which asks its body for nothing meanwhile, whatever
/// else moves on the connection.
#[tokio::test]
async fn an_answer_that_nobody_takes_gives_its_place_back_though_new_requests_come() {
    let world = World::with(By::Keys, |config| config.limits.at_once = 1).await;
    let gateway = listen(&world).await;
    let mut holds = gateway.connect().await;
    holds.write_all(PREFACE).await.unwrap();
    let no_window = [0, 4, 0, 0, 0, 0]; // SETTINGS_INITIAL_WINDOW_SIZE
    let asked = frame(HEADERS, END_STREAM | END_HEADERS, 1, &get("/visitors", &[]));
    let opening = [frame(SETTINGS, 0, 0, &no_window), asked].concat();
    holds.write_all(&opening).await.unwrap();
    assert!(!frames(&mut holds).await.is_empty());
    let mut free = false;
    for second in 0..50 {
        let mut other = gateway
            .say("GET /visitors HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            .await;
        free = rest(&mut other).await.starts_with("HTTP/1.1 200");
        assert!(second > 0 || !free, "the place is taken");
        if free {
            break;
        }
        let stream = 2 * second + 3;
        let more = frame(HEADERS, END_STREAM | END_HEADERS, stream, &get("/x", &[]));
        let _ = holds.write_all(&more).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let off = frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes());
        let _ = holds.write_all(&off).await;
    }
    assert!(free, "the place is not given back");
}
