//! The way to the API and back: a fixed upstream, pooled connections, a deadline, no redirects.

use super::{
    body::{BrokenOff, Paced},
    headers,
    holder::Holder,
    limits::Time,
    refuse::Refusal,
    upload::{Progress, Upload},
};
use crate::{
    jose::SigningError,
    net::{self, Limits},
    oauth::Secret,
};
use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri, Version,
        header::{CACHE_CONTROL, HOST},
        request, response,
        uri::{self, Authority, PathAndQuery, Scheme},
    },
};
use bytes::Bytes;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::Verifier;
use std::{
    error::Error,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, Sleep, sleep_until},
};
use url::{Position, Url};

/// How long a connection to the upstream is kept idle: shorter than servers mostly do, our rooms too.
const IDLE: Duration = Duration::from_secs(4);
/// How many are kept idle.
const MOST_IDLE: usize = 256;
/// How often a connection of HTTP/2 is asked whether it is alive, while something is on it, and how long
/// it may take to say so.
const PING: Duration = Duration::from_secs(5);
/// What the API may send ahead on a stream of HTTP/2, in bytes, and what waits to be sent on one. All
/// streams of a connection have room at once: a caller who does not read holds up nobody else.
const WINDOW: u32 = 64 * 1024;
/// For how many streams there is room on a connection, whatever the bound on requests.
const MOST_WINDOWS: usize = 1024;

const KEY: HeaderName = HeaderName::from_static("x-api-key");
/// What the demo API says beside a 403 that is about the gateway's key. Without it such a 403 would
/// look to the caller like a scope of theirs that is missing. What a 403 of any other API means is not
/// known here, so that it is passed on as it is.
const KEY_REFUSED: (&str, &str) = ("x-refused", "key");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

type Client = legacy::Client<HttpsConnector<HttpConnector>, Upload>;

/// The API behind the gateway.
pub(super) struct Upstream {
    client: Client,
    scheme: Scheme,
    authority: Authority,
    /// Without a slash at its end: mostly empty.
    base_path: String,
    /// What `Host` says, where it has to be said.
    host: Option<HeaderValue>,
    key: HeaderValue,
    pub(super) limits: Limits,
    places: Arc<Semaphore>,
}

/// Why there is no way to an upstream.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// The URL of the API does not say where it is.
    #[error("the API's address {0:?} names no host")]
    Address(String),
    /// The key of the API holds something that no header holds.
    #[error("the API's key holds characters that cannot be sent in a header")]
    Key,
    /// TLS cannot be set up: the system's roots, or the extra ones.
    #[error("TLS to the API cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// No key can be made to sign tokens for the API.
    #[error("no key can be made to sign tokens for the API: {0}")]
    Signing(#[from] SigningError),
    /// An extra root is not a PEM certificate.
    #[error("an extra root certificate cannot be read: {0}")]
    Root(#[from] rustls::pki_types::pem::Error),
}

impl Upstream {
    pub(super) fn new(
        url: &Url,
        key: &Secret,
        extra_roots: &[Vec<u8>],
        limits: Limits,
    ) -> Result<Self, UpstreamError> {
        let scheme = if url.scheme() == "https" {
            Scheme::HTTPS
        } else {
            Scheme::HTTP
        };
        let authority = &url[Position::BeforeHost..Position::AfterPort];
        let authority =
            Authority::try_from(authority).map_err(|_| UpstreamError::Address(url.to_string()))?;
        let mut key = HeaderValue::try_from(key.expose()).map_err(|_| UpstreamError::Key)?;
        key.set_sensitive(true);
        // with TLS it may be HTTP/2, which names the host otherwise: the client says it then
        let host = (scheme == Scheme::HTTP).then(|| HeaderValue::try_from(authority.as_str()));
        let host = host.and_then(Result::ok);
        Ok(Self {
            client: client(tls(&scheme, extra_roots)?, &limits),
            host,
            limits,
            places: Arc::new(Semaphore::new(limits.at_once)),
            scheme,
            authority,
            base_path: url.path().trim_end_matches('/').to_owned(),
            key,
        })
    }

    /// Sends a request on and passes the answer back, whatever its status.
    ///
    /// `holder` is who asks, where the rule wants to know; the headers that say so are only set here.
    /// A request is sent once: one that was not begun yet on a connection that ended meanwhile goes on
    /// another, no other is repeated.
    pub(super) async fn forward(
        &self,
        mut asked: request::Parts,
        upload: Upload,
        holder: Option<&Holder>,
        time: Time,
    ) -> Result<Response<Body>, Refusal> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| Refusal::UpstreamBusy)?;
        headers::clean_request(&mut asked.headers);
        net::hand_trace_on(&mut asked.headers);
        self.introduce(&mut asked.headers, holder);
        asked.uri = self.uri(&asked.uri).ok_or(Refusal::UpstreamUnfit)?;
        asked.version = Version::HTTP_11; // or 2, where the connection turns out to speak it
        asked.extensions.clear();

        let progress = upload.progress();
        let mut bell = Box::pin(sleep_until(time.first_byte));
        let request = Request::from_parts(asked, upload);
        let mut asking = pin!(self.client.request(request));
        let answer = loop {
            tokio::select! {
                biased;
                answer = &mut asking => break answer.map_err(|error| failed(&error, progress.as_ref()))?,
                () = &mut bell => bell.as_mut().reset(self.later(time, progress.as_ref())?),
            }
        };
        self.pass_back(answer, holder, time, bell, place)
    }

    /// Until when to wait on for an answer, where a caller's body has moved lately.
    fn later(&self, time: Time, progress: Option<&Progress>) -> Result<Instant, Refusal> {
        let moved_at = progress.and_then(Progress::moved_at);
        let later = moved_at.map(|moved_at| time.ends.min(moved_at + self.limits.first_byte));
        match later {
            Some(later) if later > Instant::now() => Ok(later),
            _ if progress.is_some_and(Progress::waits_for_caller) => Err(Refusal::BodySlow),
            _ => Err(Refusal::UpstreamSlow),
        }
    }

    fn pass_back(
        &self,
        answer: Response<Incoming>,
        holder: Option<&Holder>,
        time: Time,
        bell: Pin<Box<Sleep>>,
        place: OwnedSemaphorePermit,
    ) -> Result<Response<Body>, Refusal> {
        let (mut head, body) = answer.into_parts();
        if refused_the_key(&head) {
            return Err(Refusal::KeyRefused);
        }
        if body.size_hint().lower() > self.limits.answer_bytes {
            return Err(Refusal::UpstreamUnfit);
        }
        headers::clean_answer(&mut head.headers);
        if holder.is_some() || !head.headers.contains_key(CACHE_CONTROL) {
            head.headers.insert(CACHE_CONTROL, NO_STORE);
        }
        head.version = Version::HTTP_11;
        head.extensions.clear();
        let limits = &self.limits;
        let body = Paced::new(body, limits.answer_bytes, limits.pause, time.ends, bell);
        let body = Body::new(Answer {
            body,
            _place: place,
        });
        Ok(Response::from_parts(head, body))
    }

    /// Says who asks, and shows the gateway's key. What a caller sent under these names is gone.
    fn introduce(&self, headers: &mut HeaderMap, holder: Option<&Holder>) {
        headers.insert(KEY, self.key.clone());
        if let Some(host) = &self.host {
            headers.insert(HOST, host.clone());
        }
        let Some(holder) = holder else { return };
        for (name, value) in holder.headers_for_api() {
            headers.insert(name, value.clone());
        }
    }

    /// The same path and query, byte for byte, behind the upstream's own base path.
    fn uri(&self, asked: &Uri) -> Option<Uri> {
        let path_and_query = asked.path_and_query()?;
        let path_and_query = if self.base_path.is_empty() {
            path_and_query.clone()
        } else {
            let longer = format!("{}{path_and_query}", self.base_path);
            PathAndQuery::try_from(longer).ok()?
        };
        let mut parts = uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(path_and_query);
        Uri::from_parts(parts).ok()
    }
}

fn client(tls: ClientConfig, limits: &Limits) -> Client {
    let windows = limits.at_once.clamp(1, MOST_WINDOWS);
    let windows = u32::try_from(windows).unwrap_or(u32::MAX);
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(limits.connect));
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .enable_http2() // where the API offers it in the handshake (ALPN)
        .wrap_connector(tcp);
    legacy::Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(MOST_IDLE)
        .http2_keep_alive_interval(PING)
        .http2_keep_alive_timeout(PING)
        .http2_initial_stream_window_size(WINDOW)
        .http2_initial_connection_window_size(WINDOW.saturating_mul(windows))
        .http2_max_send_buf_size(64 * 1024)
        .build(connector)
}

/// Loading the system's roots takes time, so that only an https upstream pays for it.
fn tls(scheme: &Scheme, extra_roots: &[Vec<u8>]) -> Result<ClientConfig, UpstreamError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?;
    if *scheme == Scheme::HTTP {
        let nobody = RootCertStore::empty();
        return Ok(builder.with_root_certificates(nobody).with_no_client_auth());
    }
    let mut roots = Vec::new();
    for pem in extra_roots {
        for root in CertificateDer::pem_slice_iter(pem) {
            roots.push(root?);
        }
    }
    let verifier = Verifier::new_with_extra_roots(roots, provider)?;
    // "dangerous" is every verifier but a plain list of roots; this one checks chain and name
    let builder = builder.dangerous();
    let builder = builder.with_custom_certificate_verifier(Arc::new(verifier));
    Ok(builder.with_no_client_auth())
}

/// Whose fault it is that there is no answer: a caller's body that broke off, or the upstream.
fn failed(error: &legacy::Error, progress: Option<&Progress>) -> Refusal {
    if let Some(refusal) = progress.and_then(Progress::broken) {
        return refusal;
    }
    if let Some(fault) = net::tls_fault(error) {
        tracing::warn!(event = "tls_failed", %fault, "the API's TLS does not hold");
    }
    let cause = root(error);
    tracing::debug!(event = "upstream_failed", %cause, "the upstream did not answer");
    let io = cause.downcast_ref::<std::io::Error>();
    if io.is_some_and(|io| io.kind() == std::io::ErrorKind::TimedOut) {
        return Refusal::UpstreamSlow;
    }
    Refusal::UpstreamUnreachable
}

fn root<'e>(error: &'e (dyn Error + 'static)) -> &'e (dyn Error + 'static) {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause
}

fn refused_the_key(answer: &response::Parts) -> bool {
    let (name, value) = KEY_REFUSED;
    answer.status == StatusCode::FORBIDDEN
        && answer.headers.get(name).is_some_and(|said| said == value)
}

/// An answer's body on its way, and its place among the requests to the API.
struct Answer {
    body: Paced<Incoming>,
    _place: OwnedSemaphorePermit,
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = BrokenOff<hyper::Error>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Err(why)) = &frame {
            // nobody else learns why: the caller only sees that the connection ends
            tracing::warn!(event = "gateway_failed", reason = "answer_broken_off", error = %why, "an answer was broken off");
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
