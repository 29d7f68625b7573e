//! HTTP/2 by prior knowledge (RFC 9113, section 3.3): the same rules, in both versions.

use super::{sockets::*, *};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};

type Sender = http2::SendRequest<Full<bytes::Bytes>>;

pub(super) async fn speak(gateway: &Open) -> Sender {
    let stream = TokioIo::new(gateway.connect().await);
    let (sender, connection) = http2::handshake(TokioExecutor::new(), stream)
        .await
        .unwrap();
    tokio::spawn(connection);
    sender
}

fn request(
    gateway: &Open,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
) -> Request<Full<bytes::Bytes>> {
    let uri = format!("http://localhost:{}{target}", gateway.port);
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Full::default()).unwrap()
}

async fn ask2(gateway: &Open, request: Request<Full<bytes::Bytes>>) -> (u16, HeaderMap, String) {
    let answer = speak(gateway).await.send_request(request).await.unwrap();
    let (head, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8_lossy(&body).into_owned();
    (head.status.as_u16(), head.headers, body)
}

async fn ask1(
    gateway: &Open,
    mut request: Request<Full<bytes::Bytes>>,
) -> (u16, HeaderMap, String) {
    let stream = TokioIo::new(gateway.connect().await);
    let (mut sender, connection) = http1::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let target = request
        .uri()
        .path_and_query()
        .unwrap()
        .as_str()
        .parse()
        .unwrap();
    *request.uri_mut() = target;
    request
        .headers_mut()
        .insert("host", "localhost".parse().unwrap());
    let (head, body) = sender.send_request(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8_lossy(&body).into_owned();
    (head.status.as_u16(), head.headers, body)
}

#[tokio::test]
async fn sec_gw_07_the_access_table_s_main_cells_hold_in_both_versions() {
    for by in [By::Keys, By::Introspection] {
        let world = World::new(by).await;
        let gateway = listen(&world).await;
        let bearer = |scope: &str| format!("Bearer {}", world.token(scope));
        let (silver, gold, none) = (bearer(SILVER), bearer(GOLD), String::new());
        let junk = "Bearer junk".to_owned();
        let silverx = bearer(&format!("{SILVER}x"));
        for (method, target, authorization, status) in [
            ("GET", "/visitors", &none, 200),
            ("HEAD", "/visitors", &none, 200),
            ("GET", "/asteroids", &silver, 200),
            ("GET", "/planets", &none, 401),
            ("GET", "/planets", &junk, 401),
            ("GET", "/planets", &silver, 200),
            ("GET", "/planets", &gold, 403),
            ("GET", "/planets", &silverx, 403),
            ("GET", "/moons", &silver, 403),
            ("GET", "/moons", &gold, 200),
            ("GET", "/moons?a=%2e%2e//&b", &gold, 200),
            ("GET", "/moons?access_token=x", &gold, 400),
            ("GET", "/moon", &gold, 404),
            ("GET", "//moons", &gold, 400),
            ("GET", "/%6doons", &gold, 400),
            ("GET", "/visitors/../moons", &gold, 400),
            ("POST", "/visitors", &none, 405),
            ("OPTIONS", "/moons", &none, 204),
        ] {
            let headers = [("authorization", authorization.as_str())];
            let headers = if authorization.is_empty() {
                &[]
            } else {
                &headers[..]
            };
            let one = ask1(&gateway, request(&gateway, method, target, headers)).await;
            let first = world.api.take();
            let two = ask2(&gateway, request(&gateway, method, target, headers)).await;
            let second = world.api.take();
            assert_eq!((one.0, two.0), (status, status), "{by:?} {method} {target}");
            let challenge = |headers: &HeaderMap| headers.get("www-authenticate").cloned();
            assert_eq!(challenge(&one.1), challenge(&two.1), "{target}");
            assert_eq!(one.2, two.2, "{target}");
            assert_eq!(first.len(), usize::from(status == 200), "{target}");
            for (one, two) in first.iter().zip(&second) {
                assert_eq!(two.target, target, "byte for byte");
                assert_eq!((&one.method, &one.headers), (&two.method, &two.headers));
            }
            assert_eq!(first.len(), second.len());
        }
    }
}

#[tokio::test]
async fn sec_gw_03_a_second_place_for_a_token_is_refused_in_http2_too() {
    let world = World::new(By::Keys).await;
    let gateway = listen(&world).await;
    let bearer = format!("Bearer {}", world.token(GOLD));
    let twice = [
        ("authorization", bearer.as_str()),
        ("authorization", bearer.as_str()),
    ];
    let answer = ask2(&gateway, request(&gateway, "GET", "/moons", &twice)).await;
    assert_eq!(answer.0, 400);
    assert!(world.api.take().is_empty());
}

#[tokio::test]
async fn sec_gw_09_forged_names_are_dropped_in_http2_too() {
    let world = World::new(By::Keys).await;
    let gateway = listen(&world).await;
    let forged = [
        ("x-auth-subject", "forged"),
        ("x-api-key", "forged"),
        ("te", "trailers"),
    ];
    let answer = ask2(&gateway, request(&gateway, "GET", "/visitors", &forged)).await;
    assert_eq!(answer.0, 200);
    let asked = world.api.only();
    assert_eq!(asked.headers["x-api-key"], KEY);
    assert!(!format!("{:?}", asked.headers).contains("forged"));
    assert!(!asked.headers.contains_key("te"));
}

#[tokio::test]
async fn sec_gw_02_an_authority_and_a_host_that_differ_are_refused() {
    let world = World::new(By::Keys).await;
    let gateway = listen(&world).await;
    let authority = format!("localhost:{}", gateway.port);
    for (host, status) in [
        (authority.as_str(), 200),
        (&authority.to_uppercase(), 200),
        ("evil.example", 400),
        ("localhost", 400),
    ] {
        let answer = ask2(
            &gateway,
            request(&gateway, "GET", "/visitors", &[("host", host)]),
        )
        .await;
        assert_eq!(answer.0, status, "{host}");
    }
}

#[tokio::test]
async fn uploads_and_answers_of_many_streams_share_a_connection() {
    let script = |mut peer: tokio::net::TcpStream| async move {
        hear(&mut peer, &mut String::new(), "0\r\n\r\n").await;
        peer.write_all(OK).await.unwrap();
    };
    let (_world, gateway) = before(script, |_| {}).await;
    let sender = speak(&gateway).await;
    let asking = (0..50).map(|_| {
        let mut sender = sender.clone();
        let mut request = request(&gateway, "POST", "/visitors", &[]);
        *request.body_mut() = Full::from(vec![b'0'; 100_000]);
        async move {
            let mut request = request;
            let end = b"0\r\n\r\n";
            *request.body_mut() = Full::from([b"a".repeat(100_000), end.to_vec()].concat());
            let answer = sender.send_request(request).await.unwrap();
            answer.status().as_u16()
        }
    });
    let statuses = futures_util::future::join_all(asking).await;
    assert_eq!(statuses, [200; 50]);
}

/// What would end a connection of HTTP/1.1 ends a stream here, and says nothing of a connection.
#[tokio::test]
async fn an_upload_that_is_too_long_ends_its_stream_alone() {
    let script = |mut peer: tokio::net::TcpStream| async move {
        rest(&mut peer).await;
    };
    let (_world, gateway) = before(script, |limits| limits.request_bytes = 1000).await;
    let mut sender = speak(&gateway).await;
    for _ in 0..3 {
        let mut request = request(&gateway, "POST", "/visitors", &[]);
        *request.body_mut() = Full::from(vec![b'a'; 1001]);
        let answer = sender.send_request(request).await.unwrap();
        assert_eq!(answer.status(), 413);
        assert!(!answer.headers().contains_key("connection"));
    }
}

#[tokio::test]
async fn sec_com_11_a_hundred_headers_of_16_kib_are_taken_in_http2_too_and_no_more() {
    let world = World::new(By::Keys).await;
    let gateway = listen(&world).await;
    for (count, status) in [(100, 200), (101, 431)] {
        let headers = vec![("x-more", "1"); count];
        let answer = ask2(&gateway, request(&gateway, "GET", "/visitors", &headers)).await;
        assert_eq!(answer.0, status, "{count}");
    }
    for (kilobytes, status) in [(15, 200), (17, 431)] {
        let long = "a".repeat(kilobytes * 1024);
        let headers = [("x-more", long.as_str())];
        let answer = ask2(&gateway, request(&gateway, "GET", "/visitors", &headers)).await;
        assert_eq!(answer.0, status, "{kilobytes} KiB");
    }
}
