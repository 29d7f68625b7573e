//! A room on loopback answers only for its own host names, so that a page of another site cannot
//! reach it by a name that it rebinds to 127.0.0.1.

use super::Handle;
use axum::{
    Router,
    extract::Request,
    http::{StatusCode, header::HOST},
    middleware::{self, Next},
    response::Response,
};
use std::sync::Arc;

/// Whether a host name (no port) can only mean this machine.
#[must_use]
pub fn is_loopback_name(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host == "[::1]"
        || host
            .parse::<std::net::Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Answers 421 to requests for a host that is neither this machine by name nor `public_host` (for a
/// room behind a proxy), 400 to several hosts.
///
/// The port is not looked at: a forwarded port is the same machine.
pub fn own_hosts_only(
    router: Router,
    public_host: Option<&str>,
    refusal: fn(StatusCode) -> Response,
) -> Router {
    let public_host: Option<Arc<str>> = public_host.map(Arc::from);
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let checked = check_host(public_host.as_deref(), &request);
        async move {
            match checked {
                Ok(()) => next.run(request).await,
                Err(status) => refusal(status),
            }
        }
    }))
}

/// The same for what is not a router; without `here`, nothing is checked.
#[derive(Clone)]
pub struct OwnHosts<H> {
    /// Who answers the rest.
    pub inner: H,
    /// The room's public host, where it is on loopback.
    pub here: Option<Option<Arc<str>>>,
    /// What the others are answered.
    pub refusal: fn(StatusCode) -> Response,
}

impl<H: Handle> Handle for OwnHosts<H> {
    const HTTP2: bool = H::HTTP2;

    async fn handle(self, request: Request) -> Response {
        let checked = self.here.as_ref();
        let checked = checked.map_or(Ok(()), |public| check_host(public.as_deref(), &request));
        match checked {
            Ok(()) => self.inner.handle(request).await,
            Err(status) => (self.refusal)(status),
        }
    }
}

fn check_host(public_host: Option<&str>, request: &Request) -> Result<(), StatusCode> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let (first, second) = (hosts.next(), hosts.next());
    if second.is_some() {
        return Err(StatusCode::BAD_REQUEST);
    }
    let header = first.and_then(|value| value.to_str().ok());
    let asked = request
        .uri()
        .authority()
        .map(axum::http::uri::Authority::as_str)
        .or(header);
    let is_ours = |host: &str| {
        is_loopback_name(host)
            || public_host.is_some_and(|public| public.eq_ignore_ascii_case(host))
    };
    if asked.is_some_and(|authority| is_ours(without_port(authority))) {
        return Ok(());
    }
    tracing::warn!(
        event = "host_refused",
        reason = "host_unknown",
        "a request named a host that is not this one"
    );
    Err(StatusCode::MISDIRECTED_REQUEST)
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::Body, response::IntoResponse, routing::get};
    use tower::ServiceExt;

    async fn status(hosts: &[&str]) -> StatusCode {
        let mut request = Request::get("/");
        for host in hosts {
            request = request.header(HOST, *host);
        }
        let router = own_hosts_only(
            Router::new().route("/", get(|| async { "in" })),
            Some("app.example"),
            IntoResponse::into_response,
        );
        router
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap()
            .status()
    }

    #[tokio::test]
    async fn sec_com_16_only_names_of_this_machine_get_in() {
        for own in [
            "localhost",
            "[::1]:8081",
            "app.example",
            "App.Example:443",
            "127.0.0.1:1",
            "127.0.0.2",
            "[::1]",
            "[::1]:8081",
            "app.example",
            "App.Example:443",
        ] {
            assert_eq!(status(&[own]).await, 200, "{own}");
        }
        let foreign = [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.nip.io:8080",
            "u@localhost",
            "0.0.0.0",
        ];
        for foreign in foreign {
            assert_eq!(status(&[foreign]).await, 421, "{foreign}");
        }
        assert_eq!(status(&[]).await, 421);
        assert_eq!(status(&["localhost", "localhost"]).await, 400);
    }
}
