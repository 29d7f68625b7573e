//! The way to the API and back: a fixed upstream, pooled connections, a deadline, no redirects.

use super::{body::Bounded, headers, holder::Holder, refuse::Refusal};
use crate::oauth::Secret;
use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, Version,
        header::{CACHE_CONTROL, CONTENT_LENGTH},
        request, response,
        uri::{Authority, PathAndQuery, Scheme},
    },
};
use bytes::Bytes;
use http_body_util::Full;
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
use std::{error::Error, sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until};
use url::{Position, Url};

/// How long a connection may take to be made. A request's own deadline may be nearer.
const CONNECT: Duration = Duration::from_secs(8);
/// The longest answer that is passed on, in bytes.
const LONGEST_ANSWER: u64 = 1024 * 1024;

const KEY: &str = "x-api-key";
const SUBJECT: &str = "x-auth-subject";
const CLIENT: &str = "x-auth-client";
const SCOPE: &str = "x-auth-scope";
/// What the demo API says beside a 403 that is about the gateway's key. Without it such a 403 would
/// look to the caller like a scope of theirs that is missing. What a 403 of any other API means is not
/// known here, so that it is passed on as it is.
const KEY_REFUSED: (&str, &str) = ("x-refused", "key");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// The API behind the gateway.
pub(super) struct Upstream {
    client: legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    scheme: Scheme,
    authority: Authority,
    /// Without a slash at its end: mostly empty.
    base_path: String,
    key: HeaderValue,
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
    /// An extra root is not a PEM certificate.
    #[error("an extra root certificate cannot be read: {0}")]
    Root(#[from] rustls::pki_types::pem::Error),
}

impl Upstream {
    pub(super) fn new(
        url: &Url,
        key: &Secret,
        extra_roots: &[Vec<u8>],
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
        Ok(Self {
            client: client(tls(&scheme, extra_roots)?),
            scheme,
            authority,
            base_path: url.path().trim_end_matches('/').to_owned(),
            key,
        })
    }

    /// Sends a request on and passes the answer back, whatever its status.
    ///
    /// `holder` is who asks, where the rule wants to know; the headers that say so are only set here.
    /// The answer's body breaks off at the deadline, too.
    pub(super) async fn forward(
        &self,
        mut asked: request::Parts,
        body: Bytes,
        holder: Option<&Holder>,
        deadline: Instant,
    ) -> Result<Response<Body>, Refusal> {
        headers::clean_request(&mut asked.headers);
        self.introduce(&mut asked.headers, holder);
        asked.uri = self.uri(&asked.uri).ok_or(Refusal::UpstreamUnfit)?;
        asked.version = Version::HTTP_11;
        asked.extensions.clear();

        let mut deadline = Box::pin(sleep_until(deadline));
        let request = Request::from_parts(asked, Full::new(body));
        let answer = tokio::select! {
            answer = self.client.request(request) => answer.map_err(|error| unreachable(&error))?,
            () = &mut deadline => return Err(Refusal::UpstreamSlow),
        };
        let (mut head, body) = answer.into_parts();
        if refused_the_key(&head) {
            return Err(Refusal::KeyRefused);
        }
        if announced_length(&head.headers) > LONGEST_ANSWER {
            return Err(Refusal::UpstreamUnfit);
        }
        headers::clean_answer(&mut head.headers);
        if holder.is_some() || !head.headers.contains_key(CACHE_CONTROL) {
            head.headers.insert(CACHE_CONTROL, NO_STORE);
        }
        head.version = Version::HTTP_11;
        head.extensions.clear();
        let body = Bounded::new(body, LONGEST_ANSWER, deadline);
        Ok(Response::from_parts(head, Body::new(body)))
    }

    /// Says who asks, and shows the gateway's key. What a caller sent under these names is gone.
    fn introduce(&self, headers: &mut HeaderMap, holder: Option<&Holder>) {
        headers.insert(KEY, self.key.clone());
        let Some(holder) = holder else { return };
        for (name, value) in [
            (SUBJECT, &holder.subject),
            (CLIENT, &holder.client),
            (SCOPE, &holder.scope),
        ] {
            if let Some(value) = value {
                headers.insert(name, value.clone());
            }
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
        Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(path_and_query)
            .build()
            .ok()
    }
}

fn client(tls: ClientConfig) -> legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(CONNECT));
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp);
    legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(5)) // shorter than our rooms keep idle connections
        .pool_max_idle_per_host(64)
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

fn unreachable(error: &legacy::Error) -> Refusal {
    let cause = error.source().map(ToString::to_string);
    tracing::debug!(cause, "the upstream did not answer");
    Refusal::UpstreamUnreachable
}

fn refused_the_key(answer: &response::Parts) -> bool {
    let (name, value) = KEY_REFUSED;
    answer.status == StatusCode::FORBIDDEN
        && answer.headers.get(name).is_some_and(|said| said == value)
}

fn announced_length(headers: &HeaderMap) -> u64 {
    let length = headers.get(CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse().ok());
    length.unwrap_or_default()
}
