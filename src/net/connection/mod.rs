//! One connection: which HTTP it speaks, and what it may cost.

mod activity;
mod version;

use super::{Handle, Peer};
use activity::{Activity, Counted, Flying};
use axum::{
    http::{Request, Response, StatusCode, Version},
    response::IntoResponse,
};
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::{
    convert::Infallible,
    pin::{Pin, pin},
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};
use tokio::{
    net::TcpStream,
    sync::watch,
    time::{interval, timeout},
};
use tokio_io_timeout::TimeoutStream;

/// How long a request's head may take, and how long a connection may idle.
const HEAD: Duration = Duration::from_secs(10);
/// What a request's line and headers may take together until they are whole, in bytes.
const HEAD_BYTES: u16 = 32 * 1024;
const HEADERS: usize = 100;
/// How long a peer may not read what it asked for.
const WRITE: Duration = Duration::from_secs(30);

/// How many requests an HTTP/2 connection has in flight at once.
const STREAMS: u32 = 100;
/// How many of them may be called off before they are looked at (rapid reset, CVE-2023-44487), and how
/// many be broken in other ways, before the connection ends.
const RESETS: usize = 20;
/// What waits to be sent on a stream, in bytes: the pressure back on who answers.
const SEND_BUFFER: usize = 64 * 1024;
/// What a caller may send ahead on one stream, and on all of a connection, in bytes.
const WINDOWS: (u32, u32) = (64 * 1024, 1024 * 1024);
/// How often it is looked whether an HTTP/2 connection still moves.
const LOOK: Duration = Duration::from_secs(1);

type Socket = TokioIo<Pin<Box<TimeoutStream<TcpStream>>>>;

/// What a connection is served with.
pub(super) struct Connection<H> {
    pub(super) handler: H,
    pub(super) peer: Peer,
    pub(super) in_flight: Arc<AtomicUsize>,
    pub(super) stopped: watch::Receiver<bool>,
}

impl<H: Handle> Connection<H> {
    /// Serves until the peer leaves, idles, or the room closes.
    pub(super) async fn serve(self, stream: TcpStream) {
        let _ = stream.set_nodelay(true);
        let is_http2 = H::HTTP2
            && match timeout(HEAD, version::opens_with_http2(&stream)).await {
                Ok(Ok(is_http2)) => is_http2,
                Ok(Err(_)) | Err(_) => return,
            };
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITE));
        let stream = TokioIo::new(Box::pin(stream));
        if is_http2 {
            self.serve_http2(stream).await;
        } else {
            self.serve_http1(stream).await;
        }
    }

    async fn serve_http1(mut self, stream: Socket) {
        let (handler, peer) = (self.handler, self.peer);
        let activity = Activity::counted(self.in_flight);
        let service =
            service_fn(|request| answer(peer, handler.clone(), request, activity.flying()));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_buf_size(HEAD_BYTES.into()) // it takes HEADERS headers by itself, and without an allocation
            .serve_connection(stream, service);
        let mut connection = pin!(connection);
        tokio::select! {
            _ = connection.as_mut() => return, // its error is the peer's doing
            _ = self.stopped.wait_for(|stopped| *stopped) => {}
        }
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }

    /// What HTTP/1.1 bounds by itself is bounded here from outside: a connection on which nothing
    /// moves, no head and no body, is dropped, however many streams are open on it; and one on which
    /// a single answer is not taken, however much else moves.
    async fn serve_http2(mut self, stream: Socket) {
        let (handler, peer) = (self.handler, self.peer);
        let activity = Activity::watched(self.in_flight);
        let service = {
            let activity = activity.clone();
            service_fn(move |request| answer(peer, handler.clone(), request, activity.flying()))
        };
        let connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS)
            .max_header_list_size(HEAD_BYTES.into())
            .max_pending_accept_reset_streams(RESETS)
            .max_local_error_reset_streams(RESETS)
            .max_send_buf_size(SEND_BUFFER)
            .initial_stream_window_size(WINDOWS.0)
            .initial_connection_window_size(WINDOWS.1)
            .serve_connection(stream, service);
        let mut connection = pin!(connection);
        let mut look = interval(LOOK);
        let mut stopping = false;
        loop {
            tokio::select! {
                _ = connection.as_mut() => return, // its error is the peer's doing
                _ = self.stopped.wait_for(|stopped| *stopped), if !stopping => {
                    stopping = true;
                    connection.as_mut().graceful_shutdown();
                }
                _ = look.tick() => {
                    let longest = if activity.is_flying() { WRITE } else { HEAD };
                    if activity.quiet_for() >= longest || activity.not_taken_for() >= WRITE {
                        return;
                    }
                }
            }
        }
    }
}

/// Answers one request. What panics in there was caught by whoever numbered the request ([`super::request`]).
async fn answer<H: Handle>(
    peer: Peer,
    handler: H,
    mut request: Request<Incoming>,
    flying: Flying,
) -> Result<Response<Counted>, Infallible> {
    request.extensions_mut().insert(peer);
    let is_http2 = request.version() == Version::HTTP_2;
    if is_http2 && !version::names_one_host(&request) {
        return Ok(flying.carry(StatusCode::BAD_REQUEST.into_response()));
    }
    // with HTTP/1.1 the library counts them
    if is_http2 && request.headers().len() > HEADERS {
        let refused = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.into_response();
        return Ok(flying.carry(refused));
    }
    let mut answer = handler.handle(flying.arriving(request)).await;
    if is_http2 {
        version::without_connection(answer.headers_mut());
    }
    Ok(flying.carry(answer))
}
