//! An API behind TLS: HTTP/2 where it offers it in the handshake, else HTTP/1.1.

use super::*;
use http_body_util::Full;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer};
use std::{convert::Infallible, sync::Mutex};
use tokio_rustls::TlsAcceptor;

/// What the API was asked: version and target, and on how many connections.
#[derive(Default)]
struct Seen {
    connections: usize,
    asked: Vec<String>,
}

/// Starts an API that offers these protocols: its address, its certificate's issuer, what it sees.
async fn api(offers: &[&str]) -> (Url, Vec<u8>, Arc<Mutex<Seen>>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let builder = builder.with_no_client_auth();
    let mut config = builder
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = offers
        .iter()
        .map(|offer| offer.as_bytes().to_vec())
        .collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Arc::new(Mutex::new(Seen::default()));
    let keeps = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, keeps) = (acceptor.clone(), Arc::clone(&keeps));
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else {
                    return;
                };
                keeps.lock().unwrap().connections += 1;
                let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                let service = service_fn(move |request: Request<Incoming>| {
                    let line = format!("{:?} {}", request.version(), request.uri().path());
                    let host = request.headers().contains_key("host");
                    let named = request.uri().authority().is_some();
                    keeps.lock().unwrap().asked.push(line);
                    assert!(host || named);
                    let is_long = request.uri().query() == Some("long");
                    let length = if is_long { 8 << 20 } else { 2 };
                    let answer = Full::<bytes::Bytes>::from(vec![b'o'; length]);
                    async { Ok::<_, Infallible>(Response::new(answer)) }
                });
                let stream = TokioIo::new(stream);
                let _ = if is_http2 {
                    let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                    builder.serve_connection(stream, service).await
                } else {
                    let builder = hyper::server::conn::http1::Builder::new();
                    builder.serve_connection(stream, service).await
                };
            });
        }
    });
    let url = format!("https://localhost:{port}").parse().unwrap();
    (url, made.cert.pem().into_bytes(), seen)
}

#[tokio::test]
async fn the_api_is_asked_in_the_version_that_it_offers_and_on_one_connection() {
    for (offers, version) in [
        (&["h2", "http/1.1"][..], "HTTP/2.0"),
        (&["http/1.1"], "HTTP/1.1"),
        (&[], "HTTP/1.1"),
    ] {
        let (url, root, seen) = api(offers).await;
        let world = World::with(By::Keys, |config| {
            config.upstream = url;
            config.extra_roots = vec![root];
        })
        .await;
        for _ in 0..5 {
            let answer = world.get("/visitors", None).await;
            assert_eq!(
                (answer.status, answer.body.as_str()),
                (200, "oo"),
                "{offers:?}"
            );
        }
        let seen = seen.lock().unwrap();
        assert_eq!(
            seen.asked,
            vec![format!("{version} /visitors"); 5],
            "{offers:?}"
        );
        assert_eq!(seen.connections, 1, "{offers:?}");
    }
}

#[tokio::test]
async fn sec_com_an_api_whose_certificate_nobody_vouches_for_is_not_asked() {
    let (url, _, seen) = api(&["h2"]).await;
    let world = World::with(By::Keys, |config| config.upstream = url).await;
    assert_eq!(world.get("/visitors", None).await.status, 502);
    assert!(seen.lock().unwrap().asked.is_empty());
}

/// All of them share one connection, and its window.
#[tokio::test]
async fn callers_who_do_not_read_hold_up_nobody_behind_an_api_of_http2() {
    let (url, root, seen) = api(&["h2"]).await;
    let world = World::with(By::Keys, |config| {
        config.upstream = url;
        config.extra_roots = vec![root];
    })
    .await;
    let mut unread = Vec::new();
    for _ in 0..8 {
        let asked = world.gateway.clone().oneshot(get("/visitors?long", None));
        unread.push(asked.await.unwrap());
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let answer = timeout(Duration::from_secs(6), world.get("/visitors", None)).await;
    let answer = answer.expect("it is answered");
    assert_eq!((answer.status, answer.body.as_str()), (200, "oo"));
    assert_eq!(seen.lock().unwrap().connections, 1);
}
