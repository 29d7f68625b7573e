//! One accept loop for all rooms: bounded connections, time-outs, and a graceful end.

use super::Listeners;
use axum::{
    Router,
    body::Body,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;

/// How many connections a room holds at once; more wait in the system's queue.
const CONNECTIONS: usize = 1024;
/// How long a request's head may take, and how long a connection may idle.
const HEAD: Duration = Duration::from_secs(10);
/// What a request's line and headers may take together, in bytes.
const HEAD_BYTES: usize = 32 * 1024;
const HEADERS: usize = 100;
/// How long a request may take until its answer begins, its own body included.
const REQUEST: Duration = Duration::from_secs(30);
/// How long a peer may not read what it asked for.
const WRITE: Duration = Duration::from_secs(30);
/// How long no request must be in flight before what is left (idle, half-sent) is dropped.
const QUIET: Duration = Duration::from_millis(200);

/// A room that is ready to be served: its name, its sockets, its routes.
pub struct Room {
    /// For logs.
    pub name: &'static str,
    /// Bound sockets.
    pub listeners: Listeners,
    /// What it answers.
    pub router: Router,
}

/// A room that is being served.
pub struct RunningRoom {
    stop: watch::Sender<bool>,
    loops: JoinSet<()>,
    in_flight: Arc<AtomicUsize>,
}

impl Room {
    /// Starts the accept loops. Requests are answered from now on.
    ///
    /// A handler that panics costs its own request a plain 500, and nothing else.
    #[must_use]
    pub fn start(self) -> RunningRoom {
        let (stop, stopped) = watch::channel(false);
        let in_flight = Arc::new(AtomicUsize::new(0));
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        let mut loops = JoinSet::new();
        let name = self.name;
        let router = self
            .router
            .layer(CatchPanicLayer::custom(move |_| panicked(name)));
        for socket in self.listeners.sockets {
            let door = Door {
                name: self.name,
                router: router.clone(),
                places: Arc::clone(&places),
                in_flight: Arc::clone(&in_flight),
                stopped: stopped.clone(),
            };
            loops.spawn(door.accept(socket));
        }
        RunningRoom {
            stop,
            loops,
            in_flight,
        }
    }
}

impl RunningRoom {
    /// Stops accepting, lets requests in flight finish until `deadline`, and drops the rest.
    pub async fn stop(mut self, deadline: Instant) {
        let _ = self.stop.send(true);
        let mut quiet_since = Instant::now();
        loop {
            if self.in_flight.load(Ordering::Acquire) > 0 {
                quiet_since = Instant::now();
            }
            let now = Instant::now();
            if now >= deadline || now >= quiet_since + QUIET {
                self.loops.abort_all();
                return;
            }
            tokio::select! {
                ended = self.loops.join_next() => if ended.is_none() { return },
                () = sleep(Duration::from_millis(20)) => {}
            }
        }
    }
}

/// The rest of the request is not waited for: the connection ends with this answer.
fn too_slow() -> Response {
    let headers = [
        ("content-type", "application/json"),
        ("connection", "close"),
    ];
    (
        StatusCode::REQUEST_TIMEOUT,
        headers,
        "{\"error\":\"request_timeout\"}",
    )
        .into_response()
}

fn panicked(room: &'static str) -> Response {
    tracing::error!(
        event = "panic",
        room,
        "a handler panicked; the process goes on"
    );
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        "{\"error\":\"server_error\"}",
    )
        .into_response()
}

/// What an accept loop needs.
struct Door {
    name: &'static str,
    router: Router,
    places: Arc<Semaphore>,
    in_flight: Arc<AtomicUsize>,
    stopped: watch::Receiver<bool>,
}

impl Door {
    async fn accept(mut self, socket: TcpListener) {
        let mut connections = JoinSet::new();
        loop {
            let place = tokio::select! {
                place = Arc::clone(&self.places).acquire_owned() => place,
                _ = self.stopped.wait_for(|stopped| *stopped) => break,
            };
            let Ok(place) = place else { break };
            let accepted = tokio::select! {
                accepted = socket.accept() => accepted,
                _ = self.stopped.wait_for(|stopped| *stopped) => break,
            };
            match accepted {
                Ok((stream, _)) => {
                    let connection = self.serve(stream);
                    connections.spawn(async move {
                        connection.await;
                        drop(place);
                    });
                }
                Err(error) => {
                    // Out of file descriptors, most likely: what is open ends soon.
                    tracing::warn!(room = self.name, %error, "cannot accept a connection");
                    sleep(Duration::from_millis(50)).await;
                }
            }
            while connections.try_join_next().is_some() {}
        }
        drop(socket);
        while connections.join_next().await.is_some() {}
    }

    fn serve(&self, stream: TcpStream) -> impl Future<Output = ()> + Send + use<> {
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITE));
        let in_flight = Arc::clone(&self.in_flight);
        let router = self.router.clone();
        let service = tower::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            let flying = Flying::new(&in_flight);
            let answer = router.clone().oneshot(request);
            async move {
                let answer = match timeout(REQUEST, answer).await {
                    Ok(answer) => answer?,
                    Err(_) => too_slow(),
                };
                // In flight until the last of the body is handed over.
                Ok::<_, Infallible>(answer.map(|body| {
                    Body::new(body.map_frame(move |frame| {
                        let _ = &flying;
                        frame
                    }))
                }))
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_buf_size(HEAD_BYTES)
            .max_headers(HEADERS)
            .serve_connection(
                TokioIo::new(Box::pin(stream)),
                TowerToHyperService::new(service),
            );
        let mut stopped = self.stopped.clone();
        async move {
            let mut connection = std::pin::pin!(connection);
            tokio::select! {
                _ = connection.as_mut() => return, // its error is the peer's doing
                _ = stopped.wait_for(|stopped| *stopped) => {}
            }
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// Counts a request as in flight until it is dropped.
struct Flying(Arc<AtomicUsize>);

impl Flying {
    fn new(counter: &Arc<AtomicUsize>) -> Self {
        counter.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(counter))
    }
}

impl Drop for Flying {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
