//! The one outgoing HTTP client: no redirects, ten seconds in total, a limit on what is read.

use super::{
    request::tell_trace,
    tls_fault::tls_fault,
    url_policy::{UrlError, check_url, is_loopback},
};
use axum::http::{Request, Response};
use bytes::{Bytes, BytesMut};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use std::{
    error::Error,
    sync::{Arc, OnceLock},
    time::Duration,
};

/// What an outgoing call may take in total: connect, ask, and read the whole answer.
const TOTAL: Duration = Duration::from_secs(10);

/// Asks other rooms, providers and gateways. Clones share their connections.
///
/// Plain http goes to loopback only; TLS verifies chain and name, and nobody can switch that off.
#[derive(Clone)]
pub struct Client {
    /// Plain http on loopback.
    plain: reqwest::Client,
    /// TLS, on loopback and elsewhere: made when first needed, since loading the system's roots takes
    /// longer than a start may.
    tls: Arc<[OnceLock<Result<reqwest::Client, String>>; 2]>,
    roots: Arc<[reqwest::Certificate]>,
}

/// Why there is no answer. Each reads as a sentence and holds nothing secret.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FetchError {
    /// The URL is not one that we call.
    #[error("{url} is not called: {reason}")]
    NotAllowed {
        /// The URL without its query.
        url: String,
        /// What is wrong with it.
        reason: UrlError,
    },
    /// Nobody listens there.
    #[error("nobody listens at {0}")]
    Refused(String),
    /// The name is not known, the network is down, TLS failed, or the connection broke.
    #[error("{origin} cannot be reached: {reason}")]
    Unreachable {
        /// Scheme, host and port.
        origin: String,
        /// What the network said.
        reason: String,
    },
    /// No whole answer within ten seconds.
    #[error("{0} did not answer within 10 seconds")]
    TimedOut(String),
    /// The answer is longer than anything that is expected there.
    #[error("{origin} answered with more than {limit} bytes")]
    TooLarge {
        /// Scheme, host and port.
        origin: String,
        /// What would have been read, in bytes.
        limit: usize,
    },
}

impl Client {
    /// Makes the client. `extra_roots` are PEM certificates that are trusted beside the system's.
    ///
    /// # Errors
    /// When one of them holds no certificate that can be read.
    pub fn new(extra_roots: &[Vec<u8>]) -> Result<Self, RootsError> {
        let mut roots = Vec::new();
        for pem in extra_roots {
            let read = reqwest::Certificate::from_pem_bundle(pem).map_err(|_| RootsError)?;
            // what is marked as a certificate and is none would be told of only at the first call
            let mut anchors = RootCertStore::empty();
            for der in CertificateDer::pem_slice_iter(pem) {
                let der = der.map_err(|_| RootsError)?;
                anchors.add(der).map_err(|_| RootsError)?;
            }
            if read.is_empty() {
                return Err(RootsError);
            }
            roots.extend(read);
        }
        let plain = builder()
            .no_proxy()
            .tls_certs_only([])
            .build()
            .map_err(|_| RootsError)?;
        Ok(Self {
            plain,
            tls: Arc::default(),
            roots: roots.into(),
        })
    }

    /// Sends a request and reads its whole answer, of `limit` bytes at most.
    ///
    /// Any status is an answer. A redirect is one too, and is not followed.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub async fn send(
        &self,
        request: Request<Vec<u8>>,
        limit: usize,
    ) -> Result<Response<Bytes>, FetchError> {
        let shown = request.uri().to_string();
        let url = check_url(&shown).map_err(|reason| FetchError::NotAllowed {
            url: shown.split('?').next().unwrap_or_default().to_owned(),
            reason,
        })?;
        let origin = super::origin(&url);
        let explain = |error: &reqwest::Error| explain(error, &origin);
        let client = self.client_for(&url, &origin)?;
        let mut request = reqwest::Request::try_from(request).map_err(|error| explain(&error))?;
        tell_trace(request.headers_mut());
        let mut answer = client
            .execute(request)
            .await
            .map_err(|error| explain(&error))?;

        let mut response = Response::new(Bytes::new());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| explain(&error))? {
            if body.len().saturating_add(chunk.len()) > limit {
                return Err(FetchError::TooLarge { origin, limit });
            }
            body.extend_from_slice(&chunk);
        }
        *response.body_mut() = body.freeze();
        Ok(response)
    }

    fn client_for(&self, url: &url::Url, origin: &str) -> Result<&reqwest::Client, FetchError> {
        if url.scheme() == "http" {
            return Ok(&self.plain);
        }
        let here = is_loopback(url);
        let made = self.tls[usize::from(here)].get_or_init(|| {
            let builder = if here {
                builder().no_proxy()
            } else {
                builder()
            };
            let builder = builder
                .https_only(true)
                .tls_certs_merge(self.roots.iter().cloned());
            builder.build().map_err(|error| error.to_string())
        });
        made.as_ref().map_err(|reason| FetchError::Unreachable {
            origin: origin.to_owned(),
            reason: reason.clone(),
        })
    }
}

/// A file of certificates that holds none.
#[derive(Debug, thiserror::Error)]
#[error("it holds no PEM certificate that can be read")]
pub struct RootsError;

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(TOTAL)
        .pool_idle_timeout(Duration::from_secs(3)) // shorter than servers keep idle connections
        .pool_max_idle_per_host(64)
        .user_agent(concat!("solar-system/", env!("CARGO_PKG_VERSION")))
}

fn explain(error: &reqwest::Error, origin: &str) -> FetchError {
    if error.is_timeout() {
        return FetchError::TimedOut(origin.to_owned());
    }
    if let Some(fault) = tls_fault(error) {
        tracing::warn!(event = "tls_failed", origin, %fault, "another server's TLS does not hold");
    }
    let mut cause: &dyn Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
        let io = cause.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionRefused) {
            return FetchError::Refused(origin.to_owned());
        }
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

    async fn ask(url: &str, limit: usize) -> Result<Response<Bytes>, FetchError> {
        let request = Request::get(url).body(Vec::new()).unwrap();
        Client::new(&[]).unwrap().send(request, limit).await
    }

    async fn answering(answer: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut peer, _) = listener.accept().await.unwrap();
            peer.read_buf(&mut Vec::with_capacity(4096)).await.unwrap();
            peer.write_all(answer.as_bytes()).await.unwrap();
        });
        url
    }

    #[tokio::test]
    async fn sec_com_03_plain_http_leaves_this_machine_never() {
        let answer = ask("http://example.com/?secret=1", 10).await;
        let error = answer.unwrap_err();
        assert!(matches!(error, FetchError::NotAllowed { .. }));
        assert!(!error.to_string().contains("secret"), "{error}");
    }

    #[tokio::test]
    async fn a_closed_port_is_told_as_nobody_listening() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        drop(listener);
        assert!(matches!(ask(&url, 10).await, Err(FetchError::Refused(_))));
    }

    #[tokio::test]
    async fn sec_com_04_a_redirect_is_an_answer_and_is_not_followed() {
        let url = answering(
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
        )
        .await;
        assert_eq!(ask(&url, 10).await.unwrap().status(), 302);
    }

    #[tokio::test]
    async fn sec_com_04_reading_stops_at_the_limit() {
        let url = answering("HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nhello world").await;
        assert!(matches!(
            ask(&url, 10).await,
            Err(FetchError::TooLarge { limit: 10, .. })
        ));
        let url = answering("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello worl").await;
        assert_eq!(ask(&url, 10).await.unwrap().body().len(), 10);
    }
}
