//! Requests whose ends two readers might see at different places, on bare sockets. Each has its right
//! answer: the connection ends, or exactly the requests that everybody sees go to the API.

use super::*;
use std::collections::BTreeMap;

/// What has to become of what was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Right {
    /// Nothing reaches the API, and the connection ends, whatever stands behind.
    Refused,
    /// One request reaches the API, and the connection ends behind it.
    One,
    /// Its end is clear: so is that of the request behind it.
    Both,
    /// It is no whole request yet: nothing reaches the API.
    Waits,
}

use Right::{Both, One, Refused, Waits};

struct Case {
    said: Vec<u8>,
    right: Right,
}

/// What stands behind every request: it must not pass for one where it is part of another.
const BEHIND: &str =
    "GET /visitors?behind HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

fn case(said: impl Into<Vec<u8>>, right: Right) -> Case {
    let mut said = said.into();
    said.extend(BEHIND.as_bytes());
    Case { said, right }
}

/// A form of five bytes in these headers.
fn five(headers: &str, right: Right) -> Case {
    case(
        format!("POST /visitors HTTP/1.1\r\nhost: localhost\r\n{headers}\r\nhello"),
        right,
    )
}

/// The same five bytes in one chunk.
fn chunked(headers: &str, right: Right) -> Case {
    case(
        format!(
            "POST /visitors HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n5\r\nhello\r\n0\r\n\r\n"
        ),
        right,
    )
}

/// A body in chunks, as it is written.
fn chunks(body: &str, right: Right) -> Case {
    case(
        format!(
            "POST /visitors HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n{body}"
        ),
        right,
    )
}

/// A request line and what follows it, up to the empty line.
fn head(head: &str, right: Right) -> Case {
    case(format!("{head}\r\n\r\n"), right)
}

#[rustfmt::skip] // tables
fn lengths() -> Vec<Case> {
    let refused = [
        "+5", "-5", "-0", "0x5", "5x", "x5", "5;", "5,", ",5", "5,6", "5, 6", "5 5", "5 6", "5.0", "5e0", "0b101", "'5'", "\"5\"", "5\u{a0}", "\u{ff15}", "\u{665}",
        "", " ", "five", "NaN", "18446744073709551616", "18446744073709551621", "99999999999999999999999999", "0x0", "5\0", "\0", "5\u{b}", "1_0", "5%", "chunked", "4294967296 5", "--5", "5-",
    ];
    let mut cases: Vec<Case> = refused.map(|length| five(&format!("content-length: {length}\r\n"), Refused)).into_iter().collect();
    for clear in ["5", " 5", "5 ", "\t5\t", "5   "] {
        cases.push(five(&format!("content-length:{clear}\r\n"), Both));
    }
    for (headers, right) in [
        ("content-length: 5\r\ncontent-length: 5\r\n", Both),
        ("Content-Length: 5\r\nCONTENT-LENGTH: 5\r\n", Both),
        ("content-length: 5\r\ncontent-length: 6\r\n", Refused),
        ("content-length: 0\r\ncontent-length: 5\r\n", Refused),
        ("content-length: 5\r\ncontent-length: 0\r\n", Refused),
        ("content-length: 5\r\ncontent-length: +5\r\n", Refused),
        ("content-length: 5\r\nCONTENT-LENGTH: 05 5\r\n", Refused),
        ("content-length: 5\r\nx: y\r\ncontent-length: 7\r\n", Refused),
        ("content-length : 5\r\n", Refused),
        ("content-length\t: 5\r\n", Refused),
        (" content-length: 5\r\n", Refused),
        ("content-length: 5\r\n 6\r\n", Refused),
        ("content-length:\r\n 5\r\n", Refused),
        ("content-length\0: 5\r\n", Refused),
        // another name is another header, whatever some program makes of it
        // a line may end in LF alone (RFC 9112, section 2.2): it is a line of its own then
        ("x: y\ncontent-length: 5\n", Both),
        ("content-length: 5\ncontent-length: 6\n", Refused),
        ("x: y\n content-length: 5\n", Refused),
        ("content_length: 9\r\ncontent-length: 5\r\n", Both),
        ("content-length: 5\r\nx-content-length: 9\r\n", Both),
    ] {
        cases.push(five(headers, right));
    }
    // the longest number there is, and one below it, are lengths that never come
    for waits in ["6000", "18446744073709551615"] {
        cases.push(five(&format!("content-length: {waits}\r\n"), if waits == "6000" { Waits } else { Refused }));
    }
    cases
}

#[rustfmt::skip] // tables
fn codings() -> Vec<Case> {
    let refused = [
        "chunked, chunked", "chunked,", ",chunked", ", chunked", "chunked, identity", "identity, chunked", "identity", "gzip", "gzip, chunked", "chunked, gzip", "deflate,chunked",
        "xchunked", "chunkedx", "chunk", "cow", "x", "chunked;a=b", "chunked ;", "chunked; q=1", "\"chunked\"", "'chunked'", "chunked chunked", "chunked\u{b}", "\u{b}chunked", "chunked\0",
        "\0chunked", "chunked\u{a0}", "\u{212a}hunked", "chun\u{212a}ed", "", " ", "chunked, trailers", "trailers", "chunked/1", "chunked\\", "null", "none",
    ];
    let mut cases: Vec<Case> = refused.map(|coding| chunked(&format!("transfer-encoding: {coding}\r\n"), Refused)).into_iter().collect();
    for clear in ["chunked", "Chunked", "CHUNKED", " chunked ", "\tchunked\t", "cHuNkEd"] {
        cases.push(chunked(&format!("Transfer-Encoding:{clear}\r\n"), Both));
    }
    for (headers, right) in [
        ("transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n", Refused),
        ("transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n", Refused),
        ("transfer-encoding: identity\r\ntransfer-encoding: chunked\r\n", Refused),
        ("transfer-encoding: x\r\ntransfer-encoding: chunked\r\n", Refused),
        ("transfer-encoding:\r\ntransfer-encoding: chunked\r\n", Refused),
        ("transfer-encoding : chunked\r\n", Refused),
        ("transfer-encoding\t: chunked\r\n", Refused),
        ("transfer encoding: chunked\r\n", Refused),
        (" transfer-encoding: chunked\r\n", Refused),
        ("x: y\r\n transfer-encoding: chunked\r\n", Refused),
        ("x: y\r\n\ttransfer-encoding: chunked\r\n", Refused),
        ("transfer-encoding:\r\n chunked\r\n", Refused),
        ("transfer-encoding: chu\r\n nked\r\n", Refused),
        ("transfer-encoding: chunked\r\r\n", Refused),
        ("x: y\rtransfer-encoding: chunked\r\n", Refused),
        ("x: \0\r\ntransfer-encoding: chunked\r\n", Refused),
        ("transfer-encoding\0: chunked\r\n", Refused),
        // a length beside a coding: the coding counts (RFC 9112, section 6.1), and nothing is read behind it
        ("content-length: 5\r\ntransfer-encoding: chunked\r\n", One),
        ("transfer-encoding: chunked\r\ncontent-length: 5\r\n", One),
        ("content-length: 15\r\ntransfer-encoding: chunked\r\n", One),
        ("transfer-encoding: chunked\r\ncontent-length: 0\r\n", One),
        ("Content-length: 200\r\nTransfer-Encoding: Chunked\r\n", One),
        ("content-length: 5\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n", One),
        ("content-length: 5\r\ncontent-length: 6\r\ntransfer-encoding: chunked\r\n", Refused),
        ("content-length: x\r\ntransfer-encoding: chunked\r\n", Refused),
        ("transfer-encoding: chunked\r\ncontent-length: -1\r\n", One),
        ("content-length: 5\r\ntransfer-encoding: identity\r\n", Refused),
        ("content-length: 5\r\ntransfer-encoding: gzip, chunked\r\n", Refused),
        // another name is another header, whatever some program makes of it
        ("x: y\ntransfer-encoding: chunked\n", Both),
        ("content-length: 5\r\nx: y\ntransfer-encoding: chunked\r\n", One),
        ("transfer-encoding: chunked\ntransfer-encoding: chunked\n", Refused),
        ("transfer-encoding: chunked\r\ntransfer_encoding: identity\r\n", Both),
        ("transfer-encoding: chunked\r\nx-transfer-encoding: gzip\r\n", Both),
        ("transfer-encoding: chunked\r\nte: gzip\r\n", Both),
    ] {
        cases.push(chunked(headers, right));
    }
    cases
}

#[rustfmt::skip] // tables
fn chunk_forms() -> Vec<Case> {
    let mut cases = Vec::new();
    for size in [
        "+5", "-5", "0x5", "5x", "x5", "5h", " 5", "\t5", "5 5", "5,5", "5.0", "\u{ff15}", "5\0", "\u{0}5", "", " ", "g", "fffffffffffffffff", "10000000000000005", "ffffffffffffffff5",
        "5\r", "\r5", "5\n5", "5;\n", "5;a\nb", "5;a\rb", "5\u{b}", "5\u{a0}", "--5",
    ] {
        cases.push(chunks(&format!("{size}\r\nhello\r\n0\r\n\r\n"), Refused));
    }
    for (body, right) in [
        ("5\r\nhello\r\n0\r\n\r\n", Both), ("05\r\nhello\r\n0\r\n\r\n", Both), ("0000005\r\nhello\r\n00\r\n\r\n", Both), ("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", Both),
        ("5;a=b\r\nhello\r\n0;c\r\n\r\n", Both), ("5;a=\"b;c\"\r\nhello\r\n0\r\n\r\n", Both), ("5\r\nhello\r\n0\r\nx: y\r\n\r\n", Both), ("0\r\n\r\n", Both),
        ("5\r\nhello\r\n0\r\ncontent-length: 50\r\n\r\n", Both), ("5\r\nhello\r\n0\r\ntransfer-encoding: chunked\r\n\r\n", Both),
        ("5\r\nhelloX\r\n0\r\n\r\n", Refused), ("5\r\nhello0\r\n\r\n", Refused), ("5\r\nhello\n0\r\n\r\n", Refused), ("5\r\nhello\r0\r\n\r\n", Refused), ("4\r\nhello\r\n0\r\n\r\n", Refused),
        ("5\r\nhello\r\r\n0\r\n\r\n", Refused), ("5\nhello\r\n0\r\n\r\n", Refused), ("5\rhello\r\n0\r\n\r\n", Refused), ("5\r\nhello\r\nx\r\n\r\n", Refused), ("5\r\nhello\r\n-0\r\n\r\n", Refused),
        ("5\r\nhello\r\n0\r\r\n\r\n", Refused), ("5\r\nhello\r\n0\rX\r\n\r\n", Refused), ("hello", Refused), ("\r\n5\r\nhello\r\n0\r\n\r\n", Refused),
        ("fffe\r\nhello\r\n0\r\n\r\n", Waits), ("5\r\nhello\r\n0\r\nx: y\r\n", Refused), ("6\r\nhello\r\n", Refused),
    ] {
        cases.push(chunks(body, right));
    }
    let long = "a".repeat(20_000);
    cases.push(chunks(&format!("5;{long}\r\nhello\r\n0\r\n\r\n"), Refused));
    cases.push(chunks(&format!("5\r\nhello\r\n0\r\nx: {long}\r\n\r\n"), Refused));
    cases
}

#[rustfmt::skip] // tables
fn heads() -> Vec<Case> {
    let mut cases = Vec::new();
    for line in [
        "GET /visitors", "GET /visitors HTTP/0.9", "GET /visitors HTTP/1.2", "GET /visitors HTTP/2.0", "GET /visitors HTTP/2", "GET /visitors HTTP/1", "GET /visitors HTTP/1.", "GET /visitors HTTP/1.1x",
        "GET /visitors HTTP/01.1", "GET /visitors HTTP/1.10", "GET /visitors HTTP/1.01", "GET /visitors http/1.1", "GET /visitors HTTPS/1.1", "GET /visitors HTTP /1.1", "GET /visitors HTTP/ 1.1", "GET /visitors  HTTP/1.1",
        "GET  /visitors HTTP/1.1", " GET /visitors HTTP/1.1", "\tGET /visitors HTTP/1.1", "GET\t/visitors\tHTTP/1.1", "GET /visitors\tHTTP/1.1", "GET\u{b}/visitors HTTP/1.1", "GET /visitors HTTP/1.1 ", "GET /visitors HTTP/1.1\t",
        "GET /visitors HTTP/1.1 HTTP/1.1", "/visitors HTTP/1.1", "GET HTTP/1.1", "GET", "GE\0T /visitors HTTP/1.1", "G\u{cb}T /visitors HTTP/1.1", "GET, /visitors HTTP/1.1", "G(E)T /visitors HTTP/1.1", "\"GET\" /visitors HTTP/1.1",
        "GET /visitors\0 HTTP/1.1", "GET /visi\rtors HTTP/1.1", "GET /visi\ntors HTTP/1.1", "\0GET /visitors HTTP/1.1", "PRI * HTTP/2.0\r\n\r\nSM", "\u{feff}GET /visitors HTTP/1.1", "HTTP/1.1 200 OK",
    ] {
        cases.push(head(&format!("{line}\r\nhost: localhost"), Refused));
    }
    for line in [
        "x", "x y", ": y", " : y", "x y: z", "x\0: y", "x: y\0", "x: y\u{1}", "x\r: y", "x: y\rz", "x: y\r z: q", "x:\r\n y", "x: y\r\n z", "x: y\r\n\tz", " x: y", "\tx: y", "x\u{a0}: y", "\u{e9}: y", "(x): y", "x=y",
        "x;: y", "x, y: z", "\"x\": y", "x[]: y", "x{}: y", "x/y: z", "x@y: z", "x\\y: z", "x: \u{7f}", "\r", "\0", "x: y\r\r",
    ] {
        cases.push(head(&format!("GET /visitors HTTP/1.1\r\n{line}\r\nhost: localhost"), Refused));
    }
    // what is no ambiguity: one line before a request, a value in any bytes, a header that means nothing
    for (text, right) in [
        ("\r\nGET /visitors HTTP/1.1\r\nhost: localhost", Both), ("\nGET /visitors HTTP/1.1\nhost: localhost", Both), ("GET /visitors HTTP/1.1\r\nhost: localhost\r\nx:", Both), ("GET /visitors HTTP/1.1\r\nHOST:localhost\r\nx: \u{e9}", Both),
        ("GET /visitors HTTP/1.1\r\nhost: localhost\r\nx: y\r\nx: z", Both), ("HEAD /visitors HTTP/1.1\r\nhost: localhost", Both), ("GET /visitors HTTP/1.1\r\nhost: localhost\r\nconnection: close", One),
        // HTTP/1.0 ends its connection unless it says otherwise, and knows no coding
        ("GET /visitors HTTP/1.0\r\nhost: localhost", One), ("GET /visitors HTTP/1.0\r\nhost: localhost\r\nconnection: keep-alive", Both),
        ("POST /visitors HTTP/1.0\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n0", Refused), ("POST /visitors HTTP/1.0\r\nhost: localhost\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n0", Refused),
        ("GET /visitors HTTP/1.0\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0", Refused),
    ] {
        cases.push(head(text, right));
    }
    let many: Vec<String> = (0..101).map(|number| format!("x{number}: y")).collect();
    cases.push(head(&format!("GET /visitors HTTP/1.1\r\nhost: localhost\r\n{}", many.join("\r\n")), Refused));
    cases.push(head(&format!("GET /visitors HTTP/1.1\r\nhost: localhost\r\nx: {}", "y".repeat(100_000)), Refused));
    cases.push(head(&format!("GET /visitors?{} HTTP/1.1\r\nhost: localhost", "y".repeat(70_000)), Refused));
    cases
}

/// Other protocols, and methods that nobody here knows: no such request reaches the API.
#[rustfmt::skip] // tables
fn others() -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for method in ["TRACE", "TRACK", "CONNECT", "DEBUG", "PURGE", "PROPFIND", "MOVE", "LINK", "FOO", "get", "Get", "GETX", "XGET", "G-ET", "*", "POST,GET", "M-SEARCH", "BREW"] {
        all.push(format!("{method} /visitors HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"));
    }
    for target in ["localhost:80", "moons:443", "evil.example:443", "/visitors", "http://localhost/visitors", "*"] {
        all.push(format!("CONNECT {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"));
    }
    for upgrade in ["websocket", "h2c", "TLS/1.0, HTTP/1.1", "HTTP/2.0", "SHTTP/1.3", "x", ""] {
        for method in ["GET", "POST", "OPTIONS"] {
            all.push(format!("{method} /visitors HTTP/1.1\r\nhost: localhost\r\nconnection: close, upgrade, http2-settings\r\nupgrade: {upgrade}\r\nhttp2-settings: AAMAAABkAAQAAP__\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n"));
        }
    }
    all.into_iter().map(String::into_bytes).collect()
}

fn answered(said: &str) -> usize {
    answers(said) + said.matches("HTTP/1.0 ").count()
}

struct Heard {
    said: String,
    ended: bool,
}

async fn exchange(open: &sockets::Open, said: &[u8]) -> Heard {
    let mut caller = open.connect().await;
    let _ = caller.write_all(said).await;
    let mut heard = Vec::new();
    let ended = loop {
        match timeout(Duration::from_millis(400), caller.read_buf(&mut heard)).await {
            Ok(Ok(0) | Err(_)) => break true,
            Ok(Ok(_)) => {}
            Err(_) => break false,
        }
    };
    Heard {
        said: String::from_utf8_lossy(&heard).into_owned(),
        ended,
    }
}

fn every_method(config: &mut GatewayConfig) {
    let mut blueprint = Blueprint::default();
    blueprint.resources[0].method = "*".into();
    config.policy = Policy::of(&blueprint);
}

#[tokio::test]
async fn sec_com_19_the_framing_corpus_ends_or_reaches_the_api_as_everybody_reads_it() {
    let world = World::with(By::Keys, every_method).await;
    let open = sockets::listen(&world).await;
    let mut counts = BTreeMap::new();
    let mut wrong = Vec::new();
    for case in [lengths(), codings(), chunk_forms(), heads()]
        .iter()
        .flatten()
    {
        let heard = exchange(&open, &case.said).await;
        let asked = world.api.take();
        let targets: Vec<&str> = asked.iter().map(|one| one.target.as_str()).collect();
        let clear = asked
            .iter()
            .all(|one| matches!(one.body.as_str(), "" | "hello"));
        let is_right = clear
            && match case.right {
                Refused => {
                    // HTTP/2 begins like that, and ends in its own words
                    let is_http2 = case.said.starts_with(b"PRI * HTTP/2.0");
                    let is_told = heard.said.starts_with("HTTP/1.1 4") && !is_http2;
                    targets.is_empty()
                        && heard.ended
                        && answered(&heard.said) == usize::from(!is_http2)
                        && (is_told || is_http2)
                }
                One => targets == ["/visitors"] && heard.ended && answered(&heard.said) == 1,
                Both => {
                    targets == ["/visitors", "/visitors?behind"]
                        && heard.ended
                        && answered(&heard.said) == 2
                }
                Waits => targets.is_empty() && heard.said.is_empty() && !heard.ended,
            };
        if !is_right {
            let shown = String::from_utf8_lossy(&case.said);
            let shown: String = shown.chars().take(200).collect();
            wrong.push(format!(
                "{:?} {shown:?}: {targets:?} ended {} {:?}",
                case.right,
                heard.ended,
                heard.said.lines().next()
            ));
        }
        *counts.entry(format!("{:?}", case.right)).or_insert(0) += 1;
    }
    let mut all: usize = counts.values().sum();
    for said in others() {
        let heard = exchange(&open, &said).await;
        let shown = String::from_utf8_lossy(&said).into_owned();
        if !heard.ended || !world.api.take().is_empty() || !heard.said.starts_with("HTTP/1.1 4") {
            wrong.push(format!("{shown:?}: {:?}", heard.said));
        }
        all += 1;
    }
    println!("framing: {all} cases, {counts:?}");
    assert!(
        wrong.is_empty(),
        "{} of {all}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(all >= 60, "{all}");
}
