//! Requests that go out byte for byte as they are written: no URL library tidies their path.

use super::{FetchError, UrlError, check_url};
use axum::http::{
    HeaderMap, HeaderValue, Request, Response, Uri,
    header::{CONNECTION, HOST},
    uri::PathAndQuery,
};
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::Verifier;
use std::{error::Error, sync::Arc, time::Duration};
use tower::ServiceExt;
use url::{Position, Url};

/// What a request may take in total: connect, ask, and read the whole answer.
const TOTAL: Duration = Duration::from_secs(10);

/// Sends requests whose target is not to be touched. Each has a connection of its own, so that no odd
/// one spoils the next.
///
/// Plain http goes to loopback only; TLS verifies chain and name. No proxy of the environment is used.
#[derive(Clone)]
pub struct RawClient {
    connector: HttpsConnector<HttpConnector>,
}

/// A request as it is written.
#[derive(Clone, Debug)]
pub struct RawRequest {
    /// Any method, known or not.
    pub method: String,
    /// The request target: path and query, sent as they are.
    pub target: String,
    /// Beside `Host` and `Connection`. A name may be there twice.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// Why a client cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("TLS cannot be set up: {0}")]
pub struct RawClientError(String);

impl RawClient {
    /// Makes the client. `extra_roots` are PEM certificates that are trusted beside the system's;
    /// `https` says whether it will speak TLS at all, since loading the system's roots takes time.
    ///
    /// # Errors
    /// When one of them cannot be read, or the system's roots cannot.
    pub fn new(extra_roots: &[Vec<u8>], https: bool) -> Result<Self, RawClientError> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls(extra_roots, https)?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        Ok(Self { connector })
    }

    /// Sends a request to the server of `base`, whose path is not looked at, and reads the whole
    /// answer, of `limit` bytes at most. A redirect is an answer, and is not followed.
    ///
    /// # Errors
    /// When there is no whole answer, or the target holds what no request line can.
    pub async fn send(
        &self,
        base: &Url,
        request: RawRequest,
        limit: usize,
    ) -> Result<Response<Bytes>, FetchError> {
        let origin = super::origin(base);
        let not_called = |reason| FetchError::NotAllowed {
            url: origin.clone(),
            reason,
        };
        check_url(base.as_str()).map_err(not_called)?;
        let request = prepare(base, request).ok_or_else(|| not_called(UrlError::NotAUrl))?;
        let asking = self.ask(&origin, request, limit);
        let answered = tokio::time::timeout(TOTAL, asking).await;
        answered.unwrap_or(Err(FetchError::TimedOut(origin.clone())))
    }

    async fn ask(
        &self,
        origin: &str,
        request: Request<Full<Bytes>>,
        limit: usize,
    ) -> Result<Response<Bytes>, FetchError> {
        let broken = |error: &(dyn Error + 'static)| explain(error, origin);
        let server: Uri = origin.parse().map_err(|error| broken(&error))?;
        let stream = self.connector.clone().oneshot(server).await;
        let stream = stream.map_err(|error| broken(error.as_ref()))?;
        let (mut sender, connection) = http1::handshake(stream)
            .await
            .map_err(|error| broken(&error))?;
        let connection = tokio::spawn(connection);
        let read = async {
            let answer = sender.send_request(request).await;
            let (head, mut body) = answer.map_err(|error| broken(&error))?.into_parts();
            let mut whole = BytesMut::new();
            while let Some(frame) = body.frame().await {
                let frame = frame.map_err(|error| broken(&error))?;
                let Ok(data) = frame.into_data() else {
                    continue;
                };
                if whole.len().saturating_add(data.len()) > limit {
                    let origin = origin.to_owned();
                    return Err(FetchError::TooLarge { origin, limit });
                }
                whole.extend_from_slice(&data);
            }
            Ok(Response::from_parts(head, whole.freeze()))
        };
        let answer = read.await;
        connection.abort();
        answer
    }
}

fn prepare(base: &Url, request: RawRequest) -> Option<Request<Full<Bytes>>> {
    let target = PathAndQuery::try_from(request.target.as_str()).ok()?;
    if target.as_str() != request.target {
        return None; // it would not go out as it is written: a fragment is cut
    }
    let authority = &base[Position::BeforeHost..Position::AfterPort];
    let mut prepared = Request::new(Full::new(Bytes::from(request.body)));
    *prepared.method_mut() = request.method.parse().ok()?;
    *prepared.uri_mut() = Uri::from(target);
    *prepared.headers_mut() = request.headers;
    let headers = prepared.headers_mut();
    headers.insert(HOST, HeaderValue::from_str(authority).ok()?);
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    Some(prepared)
}

fn tls(extra_roots: &[Vec<u8>], https: bool) -> Result<ClientConfig, RawClientError> {
    let told = |error: &dyn Error| RawClientError(error.to_string());
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| told(&error))?;
    if !https {
        let nobody = RootCertStore::empty();
        return Ok(builder.with_root_certificates(nobody).with_no_client_auth());
    }
    let mut roots = Vec::new();
    for pem in extra_roots {
        for root in CertificateDer::pem_slice_iter(pem) {
            roots.push(root.map_err(|error| told(&error))?);
        }
    }
    let verifier = Verifier::new_with_extra_roots(roots, provider).map_err(|error| told(&error))?;
    // "dangerous" is every verifier but a plain list of roots; this one checks chain and name
    let builder = builder.dangerous();
    let builder = builder.with_custom_certificate_verifier(Arc::new(verifier));
    Ok(builder.with_no_client_auth())
}

fn explain(error: &(dyn Error + 'static), origin: &str) -> FetchError {
    let mut cause = error;
    loop {
        let io = cause.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionRefused) {
            return FetchError::Refused(origin.to_owned());
        }
        let Some(deeper) = cause.source() else { break };
        cause = deeper;
    }
    FetchError::Unreachable {
        origin: origin.to_owned(),
        reason: cause.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    /// What a server sees of a request, and what the client makes of its answer.
    async fn sent(
        request: RawRequest,
        answer: &'static str,
    ) -> (String, Result<Response<Bytes>, FetchError>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/base", listener.local_addr().unwrap());
        let base = Url::parse(&base).unwrap();
        let seeing = tokio::spawn(async move {
            let (mut peer, _) = listener.accept().await.unwrap();
            let mut seen = Vec::with_capacity(4096);
            peer.read_buf(&mut seen).await.unwrap();
            peer.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8(seen).unwrap()
        });
        let client = RawClient::new(&[], false).unwrap();
        let answer = client.send(&base, request, 10).await;
        (seeing.await.unwrap(), answer)
    }

    fn get(target: &str) -> RawRequest {
        RawRequest {
            method: "GET".to_owned(),
            target: target.to_owned(),
            headers: HeaderMap::new(),
            body: Vec::new(),
        }
    }

    const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

    #[tokio::test]
    async fn targets_go_out_byte_for_byte() {
        for target in [
            "/a/../b",
            "/./a",
            "//a",
            "/a//b",
            "/%61",
            "/a%2fb",
            "/a%2F..%2fb",
            "/a;x",
            "/a/.",
            "/a%00",
            "/a%252e",
            "/A",
            "/a\\b",
            "/a?x=/../%2e",
            "/%c0%af",
        ] {
            let (seen, answer) = sent(get(target), OK).await;
            let line = format!("GET {target} HTTP/1.1\r\n");
            assert!(seen.starts_with(&line), "{target}: {seen}");
            assert_eq!(answer.unwrap().body(), "hi");
        }
    }

    #[tokio::test]
    async fn a_header_may_be_there_twice_and_a_method_may_be_made_up() {
        let mut request = get("/a");
        request.method = "FROB".to_owned();
        for value in ["Bearer a", "Bearer b"] {
            let value = HeaderValue::from_static(value);
            request.headers.append("authorization", value);
        }
        let (seen, _) = sent(request, OK).await;
        assert!(seen.starts_with("FROB /a HTTP/1.1\r\n"), "{seen}");
        assert!(seen.contains("authorization: Bearer a\r\nauthorization: Bearer b\r\n"));
        assert!(seen.contains("host: 127.0.0.1:"), "{seen}");
    }

    #[tokio::test]
    async fn reading_stops_at_the_limit() {
        let long = "HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nhello world";
        let (_, answer) = sent(get("/"), long).await;
        assert!(matches!(
            answer,
            Err(FetchError::TooLarge { limit: 10, .. })
        ));
    }

    #[tokio::test]
    async fn what_cannot_be_written_or_must_not_be_called_is_not() {
        let client = RawClient::new(&[], false).unwrap();
        let here = Url::parse("http://127.0.0.1:9").unwrap();
        for target in ["/a#b", "/a b", "/a\r\nx: y", "a"] {
            let error = client.send(&here, get(target), 10).await.unwrap_err();
            assert!(matches!(error, FetchError::NotAllowed { .. }), "{target}");
        }
        let away = Url::parse("http://example.com").unwrap();
        let error = client.send(&away, get("/"), 10).await.unwrap_err();
        assert!(matches!(error, FetchError::NotAllowed { .. }));
        let error = client.send(&here, get("/"), 10).await.unwrap_err();
        assert!(matches!(error, FetchError::Refused(_)), "{error}");
    }
}
